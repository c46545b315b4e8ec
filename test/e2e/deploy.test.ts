import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { KubernetesObject, ObjectReference } from '../../domain/kubernetes-object.ts';
import type { Operation } from '../../domain/operation.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { ProblemError, waitFor } from '../installation/api-client.ts';
import {
  configMap,
  customResource,
  definition,
  deployment,
  manifests,
  namespace,
  service,
  uniqueName,
  unschedulable,
} from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  slipway = await startInstallation({ temporal: inject('temporal'), cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

type Options = Readonly<Record<string, unknown>>;

async function startDeploy(name: string, source: string, options: Options = {}): Promise<Operation> {
  await slipway.api.putDesign(name, source);
  return slipway.api.start('/v1/deployments', { design: name, connection: slipway.connection, options });
}

async function deploy(name: string, source: string, options: Options = {}): Promise<Operation> {
  return slipway.api.end(await startDeploy(name, source, options));
}

async function undeploy(deployed: Operation, options: Options = {}): Promise<Operation> {
  return slipway.api.end(await slipway.api.start(`/v1/deployments/${deployed.deploymentId}/undeploy`, { options }));
}

function find(reference: ObjectReference): Promise<KubernetesObject | undefined> {
  return slipway.cluster.find(reference);
}

const configMapIn = (name: string, key: string): ObjectReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: name,
  name: key,
});
const deploymentIn = (name: string, key: string): ObjectReference => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: name,
  name: key,
});
const namespaceNamed = (name: string): ObjectReference => ({ apiVersion: 'v1', kind: 'Namespace', name });

test('a design with a definition, its resource and a workload goes live and leaves nothing behind', async () => {
  const name = uniqueName('whole');
  const group = `${name}.example.com`;
  const source = manifests(
    customResource(`Widget.${group}`, name, 'first'),
    service(name, 'web', 'web'),
    deployment(name, 'web', {
      replicas: 2,
      podSpec: { containers: [{ name: 'main', image: 'x', envFrom: [{ configMapRef: { name: 'settings' } }] }] },
    }),
    configMap(name, 'settings'),
    definition(group, 'Widget'),
    namespace(name),
  );
  const deployed = await deploy(name, source);
  expect(deployed).toMatchObject({ state: 'succeeded', error: null, progress: { failed: 0, blocked: 0 } });
  expect(await find(deploymentIn(name, 'web'))).toMatchObject({ status: { readyReplicas: 2 } });
  expect(await find({ apiVersion: `${group}/v1`, kind: 'Widget', namespace: name, name: 'first' })).toBeDefined();

  const undeployed = await undeploy(deployed);
  expect(undeployed).toMatchObject({ state: 'succeeded', result: { orphans: [], kept: [] } });
  expect(await find(namespaceNamed(name))).toBeUndefined();
  expect(
    await find({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', name: `widgets.${group}` }),
  ).toBeUndefined();
});

test('an unchanged deploy writes nothing to the cluster', async () => {
  const name = uniqueName('same');
  const source = manifests(namespace(name), configMap(name, 'settings'), deployment(name, 'web'));
  await deploy(name, source);
  const before = await Promise.all([find(configMapIn(name, 'settings')), find(deploymentIn(name, 'web'))]);
  const again = await deploy(name, source);
  const after = await Promise.all([find(configMapIn(name, 'settings')), find(deploymentIn(name, 'web'))]);
  expect(again.state).toBe('succeeded');
  expect(after.map((object) => object?.metadata.resourceVersion)).toEqual(
    before.map((object) => object?.metadata.resourceVersion),
  );
  const steps = await slipway.api.steps(again.id);
  expect(steps.map(({ state }) => state)).toEqual(['unchanged', 'unchanged', 'unchanged']);
  await undeploy(again);
});

test('what a later revision no longer has is pruned', async () => {
  const name = uniqueName('prune');
  await deploy(name, manifests(namespace(name), configMap(name, 'kept'), configMap(name, 'dropped')));
  const second = await deploy(name, manifests(namespace(name), configMap(name, 'kept', { key: 'new' })));
  expect(second.state).toBe('succeeded');
  expect(await find(configMapIn(name, 'dropped'))).toBeUndefined();
  expect(await find(configMapIn(name, 'kept'))).toMatchObject({ data: { key: 'new' } });
  await undeploy(second);
});

test('a first deploy that fails is removed', async () => {
  const name = uniqueName('first');
  const failed = await deploy(
    name,
    manifests(namespace(name), configMap(name, 'settings'), unschedulable(name, 'web')),
    { timeoutSeconds: 3 },
  );
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'failed' } });
  expect(failed.error?.message).toContain('not ready after 3 s');
  expect(await find(namespaceNamed(name))).toBeUndefined();
});

test('a later deploy that fails brings the revision before back, pruned objects included', async () => {
  const name = uniqueName('back');
  const first = manifests(namespace(name), configMap(name, 'changed', { version: '1' }), configMap(name, 'dropped'));
  await deploy(name, first);
  const second = manifests(
    namespace(name),
    configMap(name, 'changed', { version: '2' }),
    configMap(name, 'added'),
    unschedulable(name, 'web'),
  );
  const failed = await deploy(name, second, { timeoutSeconds: 3 });
  expect(failed.state).toBe('failed');
  expect(await find(configMapIn(name, 'changed'))).toMatchObject({ data: { version: '1' } });
  expect(await find(configMapIn(name, 'dropped'))).toBeDefined();
  expect(await find(configMapIn(name, 'added'))).toBeUndefined();
  expect(await find(deploymentIn(name, 'web'))).toBeUndefined();
  const { state, revision } = Object(await slipway.api.get(`/v1/deployments/${failed.deploymentId}`));
  expect({ state, revision }).toEqual({ state: 'live', revision: 1 });
  await undeploy(failed);
  expect(await find(namespaceNamed(name))).toBeUndefined();
});

test('a failed deploy that is kept stays as far as it came, and can be undeployed', async () => {
  const name = uniqueName('kept');
  const failed = await deploy(
    name,
    manifests(namespace(name), configMap(name, 'settings'), unschedulable(name, 'web')),
    {
      timeoutSeconds: 3,
      onFailure: 'keep',
    },
  );
  expect(failed.state).toBe('failed');
  expect(await find(configMapIn(name, 'settings'))).toBeDefined();
  expect(Object(await slipway.api.get(`/v1/deployments/${failed.deploymentId}`)).state).toBe('degraded');
  expect(await undeploy(failed)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
  expect(await find(namespaceNamed(name))).toBeUndefined();
});

test('a field of another manager is reported by field and owner, and taken over only when asked', async () => {
  const name = uniqueName('conflict');
  const source = (replicas: number) => manifests(namespace(name), deployment(name, 'web', { replicas }));
  await deploy(name, source(1));
  const scaled = JSON.parse(JSON.stringify(deployment(name, 'web', { replicas: 3 })));
  await slipway.cluster.apply(scaled, { fieldManager: 'autoscaler', force: true });
  const refused = await deploy(name, source(2));
  expect(refused.state).toBe('failed');
  expect(refused.findings).toContainEqual(
    expect.objectContaining({
      code: 'object.fieldConflict',
      path: 'spec.replicas',
      message: expect.stringContaining('autoscaler'),
    }),
  );
  const forced = await deploy(name, source(2), { forceConflicts: true });
  expect(forced.state).toBe('succeeded');
  expect(await find(deploymentIn(name, 'web'))).toMatchObject({ spec: { replicas: 2 } });
  await undeploy(forced);
});

test('an object of another deployment is refused, and one that both describe alike goes with the last', async () => {
  const [one, two] = [uniqueName('share'), uniqueName('share')];
  const first = await deploy(one, manifests(namespace(one), configMap(one, 'mine', { owner: 'one' })));
  const refused = await deploy(two, manifests(namespace(one), configMap(one, 'mine', { owner: 'two' })));
  expect(refused.findings).toContainEqual(
    expect.objectContaining({ code: 'object.ownedByDeployment', severity: 'error' }),
  );
  const second = await deploy(two, manifests(namespace(one), configMap(one, 'other')));
  expect(second.state).toBe('succeeded');
  expect(await undeploy(first)).toMatchObject({ state: 'succeeded' });
  expect(await find(namespaceNamed(one))).toBeDefined();
  expect(await undeploy(second)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
  expect(await find(namespaceNamed(one))).toBeUndefined();
});

test('a field that cannot change names what would be recreated, which is done only when asked', async () => {
  const name = uniqueName('immutable');
  const source = (selector: string) => manifests(namespace(name), deployment(name, 'web', { selector }));
  await deploy(name, source('a'));
  const uid = (await find(deploymentIn(name, 'web')))?.metadata.uid;
  const refused = await deploy(name, source('b'));
  expect(refused.findings).toContainEqual(
    expect.objectContaining({
      code: 'object.immutableField',
      message: expect.stringContaining('spec.selector'),
      fix: expect.stringContaining('--replace'),
    }),
  );
  const replaced = await deploy(name, source('b'), { replace: true });
  expect(replaced.state).toBe('succeeded');
  expect((await find(deploymentIn(name, 'web')))?.metadata.uid).not.toBe(uid);
  await undeploy(replaced);
});

test('an object that was there before is adopted, and given back as it was', async () => {
  const name = uniqueName('adopt');
  await slipway.cluster.create(JSON.parse(JSON.stringify(namespace(name))));
  await slipway.cluster.create(JSON.parse(JSON.stringify(configMap(name, 'theirs', { theirs: 'yes' }))), {
    fieldManager: 'somebody',
  });
  const before = await find(configMapIn(name, 'theirs'));
  const deployed = await deploy(name, manifests(namespace(name), configMap(name, 'theirs', { ours: 'yes' })));
  expect(deployed.state).toBe('succeeded');
  expect(await find(configMapIn(name, 'theirs'))).toMatchObject({ data: { theirs: 'yes', ours: 'yes' } });
  await undeploy(deployed);
  const after = await find(configMapIn(name, 'theirs'));
  expect({ data: after?.['data'], labels: after?.metadata.labels }).toEqual({
    data: before?.['data'],
    labels: before?.metadata.labels,
  });
  expect(await find(namespaceNamed(name))).toBeDefined();
  await slipway.cluster.delete(namespaceNamed(name));
});

test('a cancelled deploy ends cancelled, with nothing left', async () => {
  const name = uniqueName('cancel');
  const running = await startDeploy(
    name,
    manifests(namespace(name), configMap(name, 'settings'), unschedulable(name, 'web')),
  );
  await slipway.api.steps(running.id, (steps) =>
    steps.some(({ key, state }) => key.startsWith('apps/Deployment') && state === 'applied'),
  );
  await slipway.api.post(`/v1/operations/${running.id}/cancel`);
  expect(await slipway.api.end(running)).toMatchObject({ state: 'cancelled', error: { code: 'cancelled' } });
  expect(await find(namespaceNamed(name))).toBeUndefined();
});

test('an object that waits says for what, and where that stands', async () => {
  const name = uniqueName('waiting');
  const components = [
    { name: 'namespace', object: namespace(name) },
    { name: 'web', object: unschedulable(name, 'web') },
    { name: 'settings', object: configMap(name, 'settings'), dependsOn: ['web'] },
  ];
  const source = JSON.stringify({
    apiVersion: 'slipway.dev/v1',
    kind: 'Design',
    metadata: { name },
    spec: { components },
  });
  const running = await startDeploy(name, source);
  await slipway.api.steps(running.id, (steps) =>
    steps.some(({ component, state }) => component === 'web' && state === 'applied'),
  );
  const { items } = Object(await slipway.api.get(`/v1/operations/${running.id}/blocked`));
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({
    component: 'settings',
    message: expect.stringContaining(`waits until Deployment ${name}/web is ready`),
  });
  await slipway.api.post(`/v1/operations/${running.id}/cancel`);
  expect(await slipway.api.end(running)).toMatchObject({ state: 'cancelled' });
});

test('a paused deploy goes on where it was', async () => {
  const name = uniqueName('pause');
  const running = await startDeploy(
    name,
    manifests(namespace(name), unschedulable(name, 'web'), configMap(name, 'settings')),
  );
  await slipway.api.steps(running.id, (steps) =>
    steps.some(({ key, state }) => key.startsWith('apps/Deployment') && state === 'applied'),
  );
  await slipway.api.post(`/v1/operations/${running.id}/pause`);
  await waitFor(
    () => slipway.api.operation(running.id),
    ({ state }) => state === 'paused',
  );
  const uid = (await find(deploymentIn(name, 'web')))?.metadata.uid;
  const patch = [{ op: 'remove', path: '/spec/template/spec/nodeSelector' }];
  await slipway.cluster.patch(deploymentIn(name, 'web'), { type: 'json', body: patch });
  await slipway.api.post(`/v1/operations/${running.id}/resume`);
  expect(await slipway.api.end(running)).toMatchObject({ state: 'succeeded' });
  expect((await find(deploymentIn(name, 'web')))?.metadata.uid).toBe(uid);
  await undeploy(running);
});

test('of two deploys of one deployment the second is refused with the id of the first, or waits when asked', async () => {
  const name = uniqueName('twice');
  const first = await startDeploy(name, manifests(namespace(name), unschedulable(name, 'web')));
  const again = { design: name, connection: slipway.connection };
  const refusal = await slipway.api.post('/v1/deployments', again).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ProblemError);
  expect(refusal).toMatchObject({ status: 409, message: expect.stringContaining(first.id) });
  const queued = await slipway.api.start('/v1/deployments', { ...again, queue: true, options: { timeoutSeconds: 3 } });
  await slipway.api.post(`/v1/operations/${first.id}/cancel`);
  expect(await slipway.api.end(first)).toMatchObject({ state: 'cancelled' });
  expect(await slipway.api.end(queued)).toMatchObject({
    state: 'failed',
    error: { message: expect.stringContaining('not ready') },
  });
});

test('a saved plan is applied exactly, once, and not when the cluster has changed since', async () => {
  const name = uniqueName('plan');
  const deployed = await deploy(name, manifests(namespace(name), configMap(name, 'settings', { version: '1' })));
  await slipway.api.putDesign(name, manifests(namespace(name), configMap(name, 'settings', { version: '2' })));
  const plan = async () => {
    const planned = await slipway.api.end(
      await slipway.api.start('/v1/plans', { kind: 'deploy', design: name, connection: slipway.connection }),
    );
    expect(planned.state).toBe('succeeded');
    return planned.planId;
  };
  const planId = await plan();
  const shown = Object(await slipway.api.get(`/v1/plans/${planId}`));
  expect(shown.changes).toContainEqual(
    expect.objectContaining({
      key: `/ConfigMap/${name}/settings`,
      action: 'update',
      diff: [{ path: 'data.version', before: '1', after: '2' }],
    }),
  );
  expect(await find(configMapIn(name, 'settings'))).toMatchObject({ data: { version: '1' } });
  const stalePlanId = await plan();
  await slipway.api.post(`/v1/plans/${planId}/approve`);
  expect(await slipway.api.end(await slipway.api.start(`/v1/plans/${planId}/apply`))).toMatchObject({
    state: 'succeeded',
  });
  expect(await find(configMapIn(name, 'settings'))).toMatchObject({ data: { version: '2' } });
  await slipway.api.post(`/v1/plans/${stalePlanId}/approve`);
  const stale = await slipway.api.end(await slipway.api.start(`/v1/plans/${stalePlanId}/apply`));
  expect(stale).toMatchObject({
    state: 'failed',
    error: { code: 'conflict', message: expect.stringContaining('changed since') },
  });
  await undeploy(deployed);
});

test('a definition with custom resources of others is kept, and says whose', async () => {
  const name = uniqueName('crd');
  const group = `${name}.example.com`;
  const deployed = await deploy(
    name,
    manifests(namespace(name), definition(group, 'Gadget'), customResource(`Gadget.${group}`, name, 'ours')),
  );
  expect(deployed.state).toBe('succeeded');
  await slipway.cluster.create(JSON.parse(JSON.stringify(customResource(`Gadget.${group}`, 'default', 'theirs'))));
  const undeployed = await undeploy(deployed);
  expect(undeployed.state).toBe('succeeded');
  expect(undeployed.result?.['kept']).toEqual([expect.stringContaining('Gadget default/theirs')]);
  expect(await find({ apiVersion: `${group}/v1`, kind: 'Gadget', namespace: 'default', name: 'theirs' })).toBeDefined();
  expect(await find({ apiVersion: `${group}/v1`, kind: 'Gadget', namespace: name, name: 'ours' })).toBeUndefined();
  await slipway.cluster.delete({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: `gadgets.${group}`,
  });
});

test('definitions in use are removed only when exactly what is lost is confirmed', async () => {
  const name = uniqueName('loss');
  const group = `${name}.example.com`;
  const deployed = await deploy(name, manifests(definition(group, 'Gadget')));
  await slipway.cluster.create(JSON.parse(JSON.stringify(customResource(`Gadget.${group}`, 'default', 'theirs'))));
  const refused = await undeploy(deployed, { removeCrds: 'always' });
  expect(refused).toMatchObject({
    state: 'failed',
    error: { message: expect.stringContaining('Gadget default/theirs') },
  });
  expect(await find({ apiVersion: `${group}/v1`, kind: 'Gadget', namespace: 'default', name: 'theirs' })).toBeDefined();
  const confirmLoss = /--confirm-loss (\w+)/.exec(refused.error?.fix ?? '')?.[1];
  expect(await undeploy(deployed, { removeCrds: 'always', confirmLoss })).toMatchObject({ state: 'succeeded' });
  expect(
    await find({ apiVersion: `${group}/v1`, kind: 'Gadget', namespace: 'default', name: 'theirs' }),
  ).toBeUndefined();
});

test('a stuck finalizer is named, and the undeploy goes on from there', async () => {
  const name = uniqueName('stuck');
  const deployed = await deploy(name, manifests(namespace(name), configMap(name, 'held'), configMap(name, 'free')));
  const reference = configMapIn(name, 'held');
  await slipway.cluster.patch(
    reference,
    { type: 'merge', body: { metadata: { finalizers: ['example.com/hold'] } } },
    { fieldManager: 'holder' },
  );
  const stuck = await undeploy(deployed, { timeoutSeconds: 8 });
  expect(stuck).toMatchObject({ state: 'failed', error: { message: expect.stringContaining('example.com/hold') } });
  expect(stuck.error?.message).toContain('holder');
  expect(await find(configMapIn(name, 'free'))).toBeUndefined();
  await slipway.cluster.patch(reference, { type: 'merge', body: { metadata: { finalizers: null } } });
  expect(await undeploy(deployed)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
  expect(await find(namespaceNamed(name))).toBeUndefined();
});

test('a kind that nothing serves and a namespace that is missing stop a deploy before it writes', async () => {
  const name = uniqueName('refused');
  const refused = await deploy(
    name,
    manifests(configMap(name, 'settings'), customResource('Ghost.nowhere.example.com', name, 'one')),
  );
  expect(refused.state).toBe('failed');
  expect(refused.findings.map(({ code }) => code)).toContain('cluster.kindNotServed');
  const missing = await deploy(name, manifests(configMap(name, 'settings')));
  expect(missing.findings).toContainEqual(
    expect.objectContaining({ code: 'cluster.namespaceMissing', severity: 'error' }),
  );
  const created = await deploy(name, manifests(configMap(name, 'settings')), { createNamespace: true });
  expect(created.state).toBe('succeeded');
  await undeploy(created);
  expect(await find(namespaceNamed(name))).toBeUndefined();
});
