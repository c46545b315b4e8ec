import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../domain/operation.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { configMap, customResource, manifests, namespace, uniqueName } from './manifests.ts';
import { readStream } from './read-stream.ts';

let slipway: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  slipway = await startInstallation({ temporal, cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

/** Of a kind that no cluster has: only a cluster can tell. */
const wrong = (name: string) => customResource(`Widget.${name}.example.com`, name, 'wrong');

async function deploy(name: string, source: string, options: object = {}): Promise<Operation> {
  await slipway.api.putDesign(name, source);
  const body = { design: name, connection: slipway.connection, options };
  return slipway.api.end(await slipway.api.start('/v1/deployments', body));
}

const listSchema = z.object({ items: z.array(z.object({ designName: z.string(), state: z.string() })) });

async function listed(name: string, query = ''): Promise<readonly string[]> {
  const { items } = listSchema.parse(await slipway.api.get(`/v1/deployments?design=${name}${query}`));
  return items.map(({ state }) => state);
}

async function storyOf(operation: Operation): Promise<readonly string[]> {
  const entries = await readStream(slipway.api, operation.id);
  return entries.map(({ change }) => {
    if (change.type === 'operation') return change.state;
    return change.type === 'phase' ? change.phase : change.type;
  });
}

test('a first deploy that is refused fails where it was, undoes nothing, and is no deployment', async () => {
  const name = uniqueName('refused');
  const refused = await deploy(name, manifests(namespace(name), wrong(name)));
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'invalid' }, progress: { phase: 'validate' } });
  expect(await storyOf(refused)).toEqual(['running', 'parse', 'validate', 'failed']);
  expect(await listed(name)).toEqual([]);
  expect(await listed(name, '&state=new')).toEqual(['new']);
});

test('a deploy that is refused leaves what is live as it is, also where a failure is to remove it', async () => {
  const name = uniqueName('refused');
  const live = await deploy(name, manifests(namespace(name), configMap(name, 'right')));
  expect(live).toMatchObject({ state: 'succeeded' });
  const refused = await deploy(name, manifests(namespace(name), wrong(name)), { onFailure: 'remove' });
  expect(refused).toMatchObject({ state: 'failed', progress: { phase: 'validate' } });
  expect(await storyOf(refused)).not.toContain('compensating');
  expect(await listed(name)).toEqual(['live']);
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'right' };
  expect(await slipway.cluster.find(reference)).toBeDefined();
  const undeployed = await slipway.api.start(`/v1/deployments/${live.deploymentId}/undeploy`, { options: {} });
  expect(await slipway.api.end(undeployed)).toMatchObject({ state: 'succeeded' });
  expect(await listed(name)).toEqual(['undeployed']);
});
