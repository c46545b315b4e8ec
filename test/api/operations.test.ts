import { expect, test } from 'vitest';
import { finishOperation, listOperations, transitionOperation } from '../../infra/database/operations.ts';
import { insertSteps } from '../../infra/database/operation-steps.ts';
import { savePlan } from '../../infra/database/plans.ts';
import { setDeploymentState } from '../../infra/database/deployments.ts';
import { bodyOf, createTestApi, deploy, json, listOf, problemOf, storeTarget } from './api-fixture.ts';

const post = (body: unknown = {}) => json('POST', body);

function step(position: number, state: 'failed' | 'blocked' | 'ready' | 'waiting', message: string | null) {
  return {
    position,
    state,
    message,
    key: `/ConfigMap/default/c${position}`,
    reference: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: `c${position}` },
    component: `c${position}`,
    stage: 1,
  };
}

test('a deploy is accepted as an operation, and its workflow is started under the id of the deployment', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const response = await api.request('/v1/deployments', post({ ...target, options: { prune: false } }));
  const operation = await bodyOf(response);
  expect(response.status).toBe(202);
  expect(response.headers.get('location')).toBe(`/v1/operations/${operation.id}`);
  expect(operation).toMatchObject({
    kind: 'deploy',
    state: 'queued',
    actor: 'admin',
    designId: target.design,
    connectionId: target.connection,
    revision: 1,
    links: { stream: `/v1/operations/${operation.id}/stream` },
  });
  expect(operation).not.toHaveProperty('workflowId');
  const workflow = await api.temporal.workflow.getHandle(`deployment/${operation.deploymentId}`).describe();
  expect([workflow.type, workflow.status.name]).toEqual(['deploy', 'RUNNING']);
  await api.temporal.workflow.getHandle(workflow.workflowId).terminate();
});

test('a deploy that may wait is queued behind the one that holds the deployment', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const first = await deploy(api, target);
  const second = await (await api.request('/v1/deployments', post({ ...target, queue: true }))).json();
  expect(second).toMatchObject({ state: 'queued', deploymentId: first.deploymentId });
  const deployment = await (await api.request(`/v1/deployments/${first.deploymentId}`)).json();
  expect(deployment).toMatchObject({ operationId: first.id, state: 'new', designId: target.design });
});

test('while Temporal does not answer a deploy is accepted all the same, and stays queued', async () => {
  const api = await createTestApi({ temporalAddress: '127.0.0.1:1' });
  const operation = await deploy(api, await storeTarget(api));
  expect(operation.state).toBe('queued');
  expect(api.logged.join('')).toContain('stays queued');
});

test('what a deploy names must be there', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  for (const body of [
    { ...target, design: 'none' },
    { ...target, connection: 'none' },
    { ...target, revision: 2 },
  ]) {
    expect(await problemOf(await api.request('/v1/deployments', post(body)))).toMatchObject({ status: 404 });
  }
  expect((await listOperations(api.database)).items).toEqual([]);
});

test('operations are listed by state, kind and deployment', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const { id, deploymentId } = await deploy(api, target);
  await api.request(`/v1/connections/${target.connection}/test`, { method: 'POST' });
  const idsOf = async (query: string) => {
    const { items } = await listOf(api.request(`/v1/operations?${query}`));
    return items.map(({ id: found }) => found);
  };
  expect(await idsOf('')).toHaveLength(2);
  expect(await idsOf(`deployment=${deploymentId}`)).toEqual([id]);
  expect(await idsOf('kind=deploy&kind=undeploy')).toEqual([id]);
  expect(await idsOf('state=succeeded')).toEqual([]);
  expect((await api.request('/v1/operations?state=gone')).status).toBe(400);
});

test('an operation shows the steps that failed, those that they block, and why', async () => {
  const api = await createTestApi();
  const { id } = await deploy(api, await storeTarget(api));
  const steps = [
    step(0, 'ready', null),
    step(1, 'failed', 'forbidden by a quota'),
    step(2, 'blocked', 'waits for c1, which failed'),
    step(3, 'waiting', 'waits for c0'),
  ];
  await insertSteps(api.database, { operationId: id, phase: 'apply', steps });
  expect(await bodyOf(api.request(`/v1/operations/${id}`))).toMatchObject({
    failedSteps: [{ component: 'c1', message: 'forbidden by a quota' }],
    blockedSteps: [{ component: 'c2' }],
  });
  const componentsOf = async (path: string) => {
    const { items } = await listOf(api.request(`/v1/operations/${id}/${path}`));
    return items.map(({ component }) => component);
  };
  expect(await componentsOf('blocked')).toEqual(['c2', 'c3']);
  expect(await componentsOf('steps')).toEqual(['c0', 'c1', 'c2', 'c3']);
  expect(await componentsOf('steps?phase=apply&state=ready&state=failed')).toEqual(['c0', 'c1']);
  expect(await componentsOf('steps?phase=prune')).toEqual([]);
});

test('pause, resume and cancel reach the workflow of a running operation', async () => {
  const api = await createTestApi();
  const { id, deploymentId } = await deploy(api, await storeTarget(api));
  for (const signal of ['pause', 'resume', 'cancel']) {
    const response = await api.request(`/v1/operations/${id}/${signal}`, post({ reason: 'because' }));
    expect([signal, response.status]).toEqual([signal, 202]);
  }
  const workflow = api.temporal.workflow.getHandle(`deployment/${deploymentId}`);
  const { events } = await workflow.fetchHistory();
  const signals = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
  expect(signals).toEqual(['pause', 'resume', 'cancel']);
  await workflow.terminate();
});

test('an operation that waits for its turn ends at once when it is cancelled', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const first = await deploy(api, target);
  const waiting = await bodyOf(api.request('/v1/deployments', post({ ...target, queue: true })));
  const cancelled = await api.request(`/v1/operations/${waiting.id}/cancel`, { method: 'POST' });
  expect(await cancelled.json()).toMatchObject({ id: waiting.id, state: 'cancelled' });
  expect(await (await api.request(`/v1/operations/${first.id}`)).json()).toMatchObject({ state: 'queued' });
});

test('an operation that Temporal never took ends at once when it is cancelled, and frees its deployment', async () => {
  const withoutTemporal = await createTestApi({ temporalAddress: '127.0.0.1:1' });
  const target = await storeTarget(withoutTemporal);
  const { id, deploymentId } = await deploy(withoutTemporal, target);
  const api = await createTestApi({ databaseUrl: withoutTemporal.databaseUrl });
  const cancelled = await api.request(`/v1/operations/${id}/cancel`, { method: 'POST' });
  expect(await cancelled.json()).toMatchObject({ state: 'cancelled' });
  expect(await (await api.request(`/v1/deployments/${deploymentId}`)).json()).toMatchObject({ operationId: null });
});

test('an operation that has ended can be retried when it failed, and nothing else', async () => {
  const api = await createTestApi();
  const { id, deploymentId } = await deploy(api, await storeTarget(api));
  expect(await problemOf(await api.request(`/v1/operations/${id}/retry`, { method: 'POST' }))).toMatchObject({
    status: 409,
  });
  await transitionOperation(api.database, { id, from: ['queued'], to: 'running' });
  await finishOperation(api.database, { id, state: 'failed', error: { code: 'failed', message: 'no', findings: [] } });
  for (const signal of ['pause', 'resume', 'cancel']) {
    const response = await api.request(`/v1/operations/${id}/${signal}`, { method: 'POST' });
    expect(await problemOf(response)).toMatchObject({ status: 409, state: 'failed' });
  }
  const retried = await api.request(`/v1/operations/${id}/retry`, { method: 'POST' });
  expect(await retried.json()).toMatchObject({ kind: 'deploy', state: 'queued', deploymentId, revision: 1 });
});

test('undeploy, its dry run, rollback and orphan check are operations of the deployment', async () => {
  const api = await createTestApi();
  const { id, deploymentId } = await deploy(api, await storeTarget(api));
  await finishOperation(api.database, { id, state: 'succeeded' });
  await setDeploymentState(api.database, { id: deploymentId ?? '', to: 'live', revision: 1 });
  const act = async (action: string, body?: unknown) => {
    const init = body === undefined ? { method: 'POST' } : post(body);
    const response = await api.request(`/v1/deployments/${deploymentId}/${action}`, init);
    return response;
  };
  expect(await bodyOf(act('undeploy', { dryRun: true }))).toMatchObject({ kind: 'plan' });
  expect(await bodyOf(act('orphan-check', { clean: true }))).toMatchObject({ kind: 'orphanCheck' });
  expect(await problemOf(await act('rollback'))).toMatchObject({
    status: 409,
    fix: expect.stringContaining('toRevision'),
  });
  const rollback = await bodyOf(act('rollback', { toRevision: 1 }));
  expect(rollback).toMatchObject({ kind: 'rollback', revision: 1 });
  expect(await problemOf(await act('undeploy'))).toMatchObject({ status: 409, operationId: rollback.id });
  expect(await bodyOf(act('undeploy', { queue: true }))).toMatchObject({ kind: 'undeploy' });
  expect(await problemOf(await act('undeploy', { options: { removeCrds: 'sometimes' } }))).toMatchObject({
    status: 400,
  });
  const { items } = await listOf(api.request(`/v1/deployments/${deploymentId}/operations`));
  expect(items).toHaveLength(5);
});

test('rollback goes to the revision that was live before the present one', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const { id, deploymentId } = await deploy(api, target);
  await finishOperation(api.database, { id, state: 'succeeded' });
  await setDeploymentState(api.database, { id: deploymentId ?? '', to: 'live', revision: 2 });
  const rollback = await (await api.request(`/v1/deployments/${deploymentId}/rollback`, { method: 'POST' })).json();
  expect(rollback).toMatchObject({ kind: 'rollback', revision: 1 });
});

test('rollback to a revision that there is not is refused at once, as a deploy of it is', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const { id, deploymentId } = await deploy(api, target);
  await finishOperation(api.database, { id, state: 'succeeded' });
  const deployed = await problemOf(await api.request('/v1/deployments', post({ ...target, revision: 9 })));
  const rollback = await api.request(`/v1/deployments/${deploymentId}/rollback`, post({ toRevision: 9 }));
  const { status, detail, fix } = await problemOf(rollback);
  expect({ status, detail, fix }).toEqual({ status: 404, detail: deployed.detail, fix: deployed.fix });
  expect(detail).toMatch(/^design \S+ has no revision 9$/);
});

test('a deployment is forgotten only when nothing of it is in a cluster', async () => {
  const api = await createTestApi();
  const { id, deploymentId } = await deploy(api, await storeTarget(api));
  const remove = () => api.request(`/v1/deployments/${deploymentId}`, { method: 'DELETE' });
  expect(await problemOf(await remove())).toMatchObject({ status: 409 });
  await finishOperation(api.database, { id, state: 'cancelled' });
  expect((await remove()).status).toBe(204);
  expect((await remove()).status).toBe(404);
});

test('a plan is shown without its manifests, and exactly it is applied, once, after it was approved', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const planning = await bodyOf(
    api.request('/v1/plans', post({ ...target, kind: 'deploy', options: { prune: false } })),
  );
  expect(planning).toMatchObject({ kind: 'plan', state: 'queued' });
  const graph = { nodes: [], edges: [], stageCount: 0, notes: [] };
  const objects = { a: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: { password: 'aHVzaA==' } } };
  const body = { graph, prune: graph, changes: [], findings: [], objects, observed: {} };
  const ids = { id: 'plan_1', operationId: planning.id, deploymentId: planning.deploymentId ?? '' };
  await savePlan(api.database, { ...ids, kind: 'deploy', revision: 1, body });

  const shown = await (await api.request('/v1/plans/plan_1')).text();
  expect(JSON.parse(shown)).toMatchObject({ kind: 'deploy', approvedAt: null, changes: [] });
  expect(shown).not.toContain('aHVzaA==');
  const apply = () => api.request('/v1/plans/plan_1/apply', { method: 'POST' });
  expect(await problemOf(await apply())).toMatchObject({ status: 409, fix: expect.stringContaining('approve') });
  const approved = await (await api.request('/v1/plans/plan_1/approve', { method: 'POST' })).json();
  expect(approved).toMatchObject({ approvedBy: 'admin' });
  const applied = await bodyOf(apply());
  expect(applied).toMatchObject({ kind: 'deploy', planId: 'plan_1', revision: 1 });
  expect(await problemOf(await apply())).toMatchObject({ status: 409, operationId: applied.id });
});
