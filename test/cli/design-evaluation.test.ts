import { expect, test } from 'vitest';
import { seedBuiltInModel } from '../../infra/registry/built-in/seed.ts';
import { serveTestApi, token } from '../api/api-fixture.ts';
import { slipway } from './shell-fixture.ts';
import type { CliRun } from './shell-fixture.ts';

const source = `
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec:
  containers: [{ name: web, image: web, envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: key } }] }]
`;

async function openCli(): Promise<(args: readonly string[], input?: string) => Promise<CliRun>> {
  const { url, database } = await serveTestApi();
  await seedBuiltInModel(database);
  const env = { SLIPWAY_SERVER: url, SLIPWAY_TOKEN: token };
  return (args, input) => slipway(args, { env, ...(input === undefined ? {} : { input }) });
}

test('design evaluate shows what goes together and what is missing, of a stored design and of a file', async () => {
  const cli = await openCli();
  await cli(['design', 'create', '-f', '-', '--name', 'shop'], source);
  for (const shown of [
    await cli(['design', 'evaluate', 'shop']),
    await cli(['design', 'evaluate', '-f', '-'], source),
  ]) {
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('edge/binding/mount of kubernetes-relationships@v1.36.0');
    expect(shown.stdout).toContain('Pod shop/web mounts ConfigMap shop/settings');
    expect(shown.stdout).toContain('Pod shop/web names Secret shop/key, which the design does not have');
    expect(shown.stderr).toContain('1 relation, 0 filled fields, 1 finding');
  }
});

test('design evaluate tells every step to programs, and leaves out what it is told to', async () => {
  const cli = await openCli();
  const traced = await cli(['design', 'evaluate', '-f', '-', '--trace', '-o', 'json'], source);
  expect(JSON.parse(traced.stdout)).toMatchObject({
    edges: [{ why: expect.any(String) }],
    trace: [{ round: 1 }, { round: 1 }],
  });
  const without = await cli(['design', 'evaluate', '-f', '-', '--disable', 'edge/binding', '-o', 'json'], source);
  expect(JSON.parse(without.stdout)).toEqual({ edges: [], changes: [], findings: [] });
});

test('design evaluate names the places of a design that cannot be read, and wants one design', async () => {
  const cli = await openCli();
  const wrong = await cli(['design', 'evaluate', '-f', '-'], 'kind: ConfigMap\nkind: ConfigMap\n');
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('stdin:2:')]);
  expect((await cli(['design', 'evaluate'])).code).toBe(2);
  expect((await cli(['design', 'evaluate', 'shop', '--revision', 'x'])).stderr).toContain('"x" is not a revision');
});
