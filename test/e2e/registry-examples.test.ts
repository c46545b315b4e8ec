import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { deploymentSchema } from '../../domain/deployment.ts';
import { slipway } from '../cli/shell-fixture.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';

const examples = join(import.meta.dirname, '../../examples');
const design = join(examples, 'registry-design/design.yaml');
let installation: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  const cluster = inject('cluster');
  installation = await startInstallation({ temporal, cluster });
  const kubeconfig = readFileSync(cluster.kubeconfig, 'utf8');
  await installation.api.post('/v1/connections', { name: 'development', kubeconfig });
});

afterAll(() => installation.stop());

function cli(...args: readonly string[]) {
  const { address, token } = installation.api;
  return slipway(args, { env: { SLIPWAY_SERVER: address, SLIPWAY_TOKEN: token } });
}

const secret = { apiVersion: 'v1', kind: 'Secret', namespace: 'quay', name: 'gauge-key' };
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name: 'berths.harbour.example.com',
};

test('the package of the examples is a model, and its components compile', async () => {
  const { code, stdout } = await cli('model', 'import', join(examples, 'models/harbour'));
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^harbour@v1\.0\.0 {2}added {2}1 component, 1 relationship$/m),
  ]);
  const again = await cli('model', 'import', join(examples, 'models/harbour'));
  expect(again.stdout).toContain('as it was read before');
});

test('the chart of the examples is a model whose component takes its values', async () => {
  const { code, stdout } = await cli('model', 'import', join(examples, 'models/tide-gauge'));
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^tide-gauge@1\.2\.0 {2}added {2}1 component, 0 relationships$/m),
  ]);
  const found = await cli('component', 'get', 'tide-gauge@1.2.0/TideGaugeChart@helm.slipway.dev/v1', '--schema');
  expect(JSON.parse(found.stdout)).toMatchObject({ properties: { spec: { properties: { port: {} } } } });
});

test('the list of sources gives a model each, and nothing at a second run', async () => {
  const generate = ['model', 'generate', '--from-file', join(examples, 'models/sources.yaml')];
  const first = await cli(...generate);
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^workloads@v1\..* {2}added .*\nnetworking@v1\..* {2}added /m);
  const second = await cli(...generate);
  expect(second.stdout.match(/as it was read before/g)).toHaveLength(2);
});

test('a kind and a chart of the registry deploy together, the kind is installed first, and all of it goes', async () => {
  const deployed = await cli('deploy', '-f', design, '--install-missing', '-c', 'development');
  expect([deployed.code, deployed.stderr]).toEqual([0, expect.any(String)]);
  const page = z.object({ items: z.array(deploymentSchema) });
  const { items } = page.parse(await installation.api.get('/v1/deployments?design=model-harbour'));
  expect(items).toMatchObject([{ state: 'live', objectCount: 1 }]);
  const drawn = await installation.cluster.find(secret);
  expect(drawn).toBeDefined();
  const settings = await installation.cluster.find({ ...secret, kind: 'ConfigMap', name: 'gauge-settings' });
  expect(settings).toMatchObject({ data: { interval: '5', port: 'Hamburg' } });
  expect(await installation.cluster.find({ ...secret, kind: 'Pod', name: 'gauge-test' })).toBeUndefined();

  await cli('deploy', '-f', design, '-c', 'development');
  expect(await installation.cluster.find(secret)).toEqual(drawn);

  const gone = await cli('undeploy', 'quay', '--remove-prerequisites', '--yes', '-c', 'development');
  expect([gone.code, gone.stderr]).toEqual([0, expect.any(String)]);
  expect(await installation.cluster.find(secret)).toBeUndefined();
  expect(await installation.cluster.find(definition)).toBeUndefined();
});

test('the berth waits for its keeper as the relationship of its model says', async () => {
  const { code, stdout } = await cli('design', 'evaluate', '-f', design, '-o', 'json');
  expect(code).toBe(0);
  expect(stdout).toContain('berth-keeper');
});
