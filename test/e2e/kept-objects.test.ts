import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import type { ObjectReference } from '../../domain/kubernetes-object.ts';
import type { Operation } from '../../domain/operation.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { customResource, definition, manifests, namespace, service, uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  slipway = await startInstallation({ temporal: inject('temporal'), cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

type Options = Readonly<Record<string, unknown>>;

async function deploy(name: string, ...objects: readonly object[]): Promise<Operation> {
  await slipway.api.putDesign(name, manifests(...objects));
  const target = { design: name, connection: slipway.connection };
  return slipway.api.end(await slipway.api.start('/v1/deployments', target));
}

async function undeploy({ deploymentId }: Operation, options: Options = {}): Promise<Operation> {
  return slipway.api.end(await slipway.api.start(`/v1/deployments/${deploymentId}/undeploy`, { options }));
}

const planSchema = z.object({
  changes: z.array(z.object({ key: z.string(), action: z.string(), message: z.string().optional() })),
});

/** What an undeploy would do with each object, by key. */
async function foresee({ deploymentId }: Operation): Promise<Readonly<Record<string, string>>> {
  const planned = await slipway.api.end(
    await slipway.api.start(`/v1/deployments/${deploymentId}/undeploy`, { dryRun: true }),
  );
  const { changes } = planSchema.parse(await slipway.api.get(`/v1/plans/${planned.planId}`));
  return Object.fromEntries(changes.map(({ key, action }) => [key, action]));
}

const isThere = async (reference: ObjectReference): Promise<boolean> =>
  (await slipway.cluster.find(reference)) !== undefined;
const claimIn = (inNamespace: string, name: string): ObjectReference => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  namespace: inNamespace,
  name,
});
const namespaceNamed = (name: string): ObjectReference => ({ apiVersion: 'v1', kind: 'Namespace', name });
const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

/** A namespace with a claim, and a StatefulSet whose template makes another. */
function withVolumes(name: string): readonly object[] {
  const labels = { app: 'store' };
  return [
    namespace(name),
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'files', namespace: name }, spec: claimSpec },
    service(name, 'store', 'store'),
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'store', namespace: name },
      spec: {
        serviceName: 'store',
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'x' }] } },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec }],
      },
    },
  ];
}

test('volumes that an undeploy kept, and the namespace that holds them, go with one that purges them', async () => {
  const name = uniqueName('volumes');
  const deployed = await deploy(name, ...withVolumes(name));
  expect(deployed.state).toBe('succeeded');
  expect(await foresee(deployed)).toMatchObject({
    [`/PersistentVolumeClaim/${name}/files`]: 'keep',
    [`/PersistentVolumeClaim/${name}/data-store-0`]: 'keep',
    [`/Namespace//${name}`]: 'keep',
    [`apps/StatefulSet/${name}/store`]: 'delete',
  });
  for (let times = 0; times < 2; times += 1) {
    const undeployed = await undeploy(deployed);
    expect(undeployed.state).toBe('succeeded');
    expect(undeployed.result?.['kept']).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`PersistentVolumeClaim ${name}/files`),
        expect.stringContaining(`PersistentVolumeClaim ${name}/data-store-0`),
        expect.stringContaining(`Namespace ${name}`),
      ]),
    );
    expect(await isThere(claimIn(name, 'data-store-0'))).toBe(true);
  }
  const purged = await undeploy(deployed, { purgeVolumes: true });
  expect(purged).toMatchObject({ state: 'succeeded', result: { kept: [], orphans: [] } });
  expect(await isThere(claimIn(name, 'files'))).toBe(false);
  expect(await isThere(claimIn(name, 'data-store-0'))).toBe(false);
  expect(await isThere(namespaceNamed(name))).toBe(false);
});

test('a definition that was kept for custom resources of others goes with the next undeploy after these', async () => {
  const name = uniqueName('kept');
  const group = `${name}.example.com`;
  const theirs = { apiVersion: `${group}/v1`, kind: 'Gadget', namespace: 'default', name: 'theirs' };
  const crd = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: `gadgets.${group}` };
  const deployed = await deploy(name, definition(group, 'Gadget'));
  await slipway.cluster.create(JSON.parse(JSON.stringify(customResource(`Gadget.${group}`, 'default', 'theirs'))));
  expect(await foresee(deployed)).toEqual({
    [`apiextensions.k8s.io/CustomResourceDefinition//gadgets.${group}`]: 'keep',
  });
  expect((await undeploy(deployed)).result?.['kept']).toHaveLength(1);
  const check = await slipway.api.end(await slipway.api.start(`/v1/deployments/${deployed.deploymentId}/orphan-check`));
  expect(check.result?.['kept']).toEqual([expect.stringContaining(`gadgets.${group}`)]);
  const refused = await undeploy(deployed, { removeCrds: 'always' });
  expect(refused).toMatchObject({ state: 'failed', error: { fix: expect.stringContaining('--confirm-loss') } });
  await slipway.cluster.delete(theirs);
  expect(await undeploy(deployed)).toMatchObject({ state: 'succeeded', result: { kept: [] } });
  expect(await isThere(crd)).toBe(false);
});

test("what was kept is its deployment's again when that is deployed again, and nobody else's", async () => {
  const name = uniqueName('again');
  const deployed = await deploy(name, ...withVolumes(name));
  await undeploy(deployed);
  const again = await deploy(name, ...withVolumes(name));
  expect(again).toMatchObject({ state: 'succeeded', deploymentId: deployed.deploymentId });
  const purged = await undeploy(again, { purgeVolumes: true });
  expect(purged).toMatchObject({ state: 'succeeded', result: { kept: [], orphans: [] } });
  expect(await isThere(namespaceNamed(name))).toBe(false);
});
