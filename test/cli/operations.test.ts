import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../installation/api-client.ts';
import { configMap, manifests, namespace, uniqueName, unschedulable } from '../e2e/manifests.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { slipway } from './shell-fixture.ts';
import type { CliOptions, CliRun } from './shell-fixture.ts';

let installation: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  installation = await startInstallation({ temporal, cluster: inject('cluster') });
});

afterAll(() => installation.stop());

/** The CLI against a whole installation. */
function cli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { address, token } = installation.api;
  return slipway(args, { ...options, env: { SLIPWAY_SERVER: address, SLIPWAY_TOKEN: token } });
}

/** Undeploys what a test left, and says that nothing is there any more. */
async function clean(design: string): Promise<void> {
  expect(await cli(['undeploy', design, '--yes'])).toMatchObject({ code: 0 });
  const reference = { apiVersion: 'v1', kind: 'Namespace', name: design };
  expect(await installation.cluster.find(reference)).toBeUndefined();
}

test('a saved plan is applied by its id once it is approved, and only once', async () => {
  const name = uniqueName('plan');
  const input = manifests(namespace(name), configMap(name, 'settings'));
  const planned = await cli(['plan', '-f', '-', '--name', name, '--save'], { input });
  const [id = ''] = /plan_\w+/.exec(planned.stdout) ?? [];
  expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('plan_') });

  const tooEarly = await cli(['plan', 'apply', id]);
  expect(tooEarly.code).toBe(5);
  expect(tooEarly.stderr).toContain('not approved');

  const approved = await cli(['plan', 'approve', id]);
  expect(approved).toMatchObject({ code: 0, stdout: '' });
  expect(approved.stderr).toContain(`slipway plan apply ${id}`);

  const applied = await cli(['plan', 'apply', id]);
  expect(applied).toMatchObject({ code: 0, stdout: expect.stringContaining('succeeded') });
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'settings' };
  expect(await installation.cluster.find(settings)).toBeDefined();
  expect((await cli(['plan', 'apply', id])).code).toBe(5);
  expect((await cli(['plan', 'approve', 'plan_nothing'])).code).toBe(3);
  await clean(name);
});

test('a saved plan that the cluster has left behind is a conflict, and a revision that never was is not found', async () => {
  const name = uniqueName('stale');
  const input = manifests(namespace(name), configMap(name, 'settings'));
  expect((await cli(['deploy', '-f', '-', '--name', name], { input })).code).toBe(0);
  const changed = manifests(namespace(name), configMap(name, 'settings', { colour: 'blue' }));
  const planned = await cli(['plan', '-f', '-', '--name', name, '--save'], { input: changed });
  const [id = ''] = /plan_\w+/.exec(planned.stdout) ?? [];
  expect((await cli(['plan', 'approve', id])).code).toBe(0);
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'settings' };
  await installation.cluster.patch(settings, { type: 'merge', body: { data: { size: 'big' } } });

  const stale = await cli(['plan', 'apply', id]);
  expect(stale).toMatchObject({ code: 5, stderr: expect.stringContaining('the cluster has changed') });
  expect(stale.stderr).toContain(`ConfigMap ${name}/settings`);
  expect((await cli(['design', 'rollback', name, '--to-revision', '9'])).code).toBe(3);
  await clean(name);
});

test('an operation is paused and resumed by its id, and neither once it has ended', async () => {
  const name = uniqueName('pause');
  const input = manifests(namespace(name), unschedulable(name, 'web'));
  const id = (await cli(['deploy', '-f', '-', '--name', name, '--no-wait'], { input })).stdout.trim();
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: name, name: 'web' };
  await waitFor(
    () => installation.cluster.find(reference),
    (live) => live !== undefined,
  );
  const paused = await cli(['operation', 'pause', id]);
  expect(paused).toMatchObject({ code: 0, stdout: '' });
  expect(paused.stderr).toContain(`asked to pause: slipway operation watch ${id}`);
  await waitFor(
    () => installation.api.operation(id),
    ({ state }) => state === 'paused',
  );
  const patch = [{ op: 'remove', path: '/spec/template/spec/nodeSelector' }];
  await installation.cluster.patch(reference, { type: 'json', body: patch });

  expect(await cli(['operation', 'resume', id])).toMatchObject({ code: 0, stdout: '' });
  expect(await cli(['operation', 'watch', id])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(new RegExp(`deploy ${name} → \\S+ succeeded`)),
  });
  expect((await cli(['operation', 'pause', id])).code).toBe(5);
  expect((await cli(['operation', 'resume', id])).code).toBe(5);
  expect((await cli(['operation', 'pause', 'op_nothing'])).code).toBe(3);
  await clean(name);
});

test('a failed operation is done again when what was missing is there, and one that succeeded is not', async () => {
  const name = uniqueName('retry');
  const args = ['deploy', '-f', '-', '--name', name, '-o', 'json'];
  const failed = await cli(args, { input: manifests(configMap(name, 'settings')) });
  expect(failed.code).toBe(2);
  const { id } = JSON.parse(failed.stdout);
  await installation.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

  const again = await cli(['operation', 'retry', id, '-o', 'json']);
  expect(again.code).toBe(0);
  const retried = JSON.parse(again.stdout);
  expect(retried).toMatchObject({ kind: 'deploy', state: 'succeeded' });
  expect(retried.id).not.toBe(id);
  const refused = await cli(['operation', 'retry', retried.id]);
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain('succeeded');

  expect((await cli(['undeploy', name, '--yes'])).code).toBe(0);
  await installation.cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name });
});
