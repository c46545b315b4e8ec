import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { acceptOperation, type NewOperation } from '../../../infra/database/accept-operation.ts';
import type { Database } from '../../../infra/database/database.ts';
import { requireDeployment } from '../../../infra/database/deployments.ts';
import {
  findOperation,
  finishOperation,
  listOperations,
  listStartable,
  operationChain,
  readOperationOptions,
  requireOperation,
  setFindings,
  setPlan,
  setProgress,
  setTrouble,
  transitionOperation,
} from '../../../infra/database/operations.ts';
import { readPlan, savePlan } from '../../../infra/database/plans.ts';
import { readProgress } from '../../../infra/database/progress.ts';
import { storeDeployment, temporaryFolder, testDatabase } from './database-fixture.ts';
import { runProcess } from './processes/run-process.ts';

const later = () => new Date(Date.now() + 60_000).toISOString();

function accept(database: Database, input: Partial<NewOperation> = {}) {
  return acceptOperation(database, { kind: 'deploy', actor: 'ann', options: {}, ...input });
}

async function startableIds(database: Database): Promise<readonly string[]> {
  return (await listStartable(database, later())).map(({ id }) => id);
}

test('an accepted deploy is queued, holds its deployment and keeps its options', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const options = { prune: true, timeoutSeconds: 60 };
  const operation = await accept(database, { deploymentId, revision: 2, options });
  expect(operation).toMatchObject({
    kind: 'deploy',
    state: 'queued',
    actor: 'ann',
    deploymentId,
    revision: 2,
    workflowId: `deployment/${deploymentId}`,
    progress: { phase: null, total: 0, done: 0, failed: 0, blocked: 0 },
    findings: [],
    startedAt: null,
  });
  expect(await findOperation(database, operation.id)).toEqual(operation);
  expect(await readOperationOptions(database, operation.id)).toEqual(options);
  expect(await requireDeployment(database, deploymentId)).toMatchObject({ operationId: operation.id });
});

test('an operation that was accepted for another leads up to the one that was asked for', async () => {
  const database = await testDatabase();
  const asked = await accept(database);
  const first = await accept(database, { acceptedFor: asked.id });
  const second = await accept(database, { acceptedFor: first.id });
  expect(asked.acceptedFor).toBeNull();
  expect(await operationChain(database, second.id)).toEqual([second, first, asked]);
  expect(await operationChain(database, asked.id)).toEqual([asked]);
});

test('a second operation on a deployment is refused with the id of the first, and leaves no trace', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const first = await accept(database, { deploymentId });
  await expect(accept(database, { deploymentId, kind: 'undeploy' })).rejects.toMatchObject({
    code: 'conflict',
    details: { operationId: first.id, deploymentId },
  });
  expect((await listOperations(database)).items).toHaveLength(1);
});

test('an operation on a deployment that is not there is refused', async () => {
  await expect(accept(await testDatabase(), { deploymentId: 'dep_0' })).rejects.toMatchObject({ code: 'notFound' });
});

test('accepting an operation twice under one id is the same as once, also after it ended', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const first = await accept(database, { id: 'op_1', deploymentId });
  expect(await accept(database, { id: 'op_1', deploymentId })).toEqual(first);
  await finishOperation(database, { id: 'op_1', state: 'succeeded' });
  expect(await accept(database, { id: 'op_1', deploymentId })).toMatchObject({ state: 'succeeded' });
  expect(await requireDeployment(database, deploymentId)).toMatchObject({ operationId: null });
});

test('operations that only look run beside the one that holds the deployment', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const holder = await accept(database, { deploymentId });
  const plan = await accept(database, { kind: 'plan', deploymentId });
  expect(plan.workflowId).toBe(`operation/${plan.id}`);
  expect(await requireDeployment(database, deploymentId)).toMatchObject({ operationId: holder.id });
  expect(await startableIds(database)).toEqual([holder.id, plan.id]);
});

test('of processes that ask at once for the same deployments exactly one gets each', async () => {
  const url = `file:${join(await temporaryFolder(), 'slipway.db')}`;
  const database = await testDatabase({ url });
  const deployments = await Promise.all(Array.from({ length: 20 }, () => storeDeployment(database)));
  const ids = deployments.map(({ id }) => id);
  const outputs = await Promise.all([1, 2, 3].map(() => runProcess('accept-operations.ts', [url, ...ids])));
  const acceptedSchema = z.array(z.array(z.object({ deploymentId: z.string(), operationId: z.string() })));
  const accepted = acceptedSchema.parse(outputs).flat();
  expect(accepted.map(({ deploymentId }) => deploymentId).toSorted()).toEqual(ids.toSorted());
  for (const { deploymentId, operationId } of accepted) {
    expect(await requireDeployment(database, deploymentId)).toMatchObject({ operationId });
  }
  expect((await listOperations(database)).items).toHaveLength(ids.length);
});

test('queued operations get the deployment one after another, in the order they were accepted', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const first = await accept(database, { deploymentId });
  const second = await accept(database, { deploymentId, queue: true });
  const third = await accept(database, { deploymentId, queue: true });
  expect(await startableIds(database)).toEqual([first.id]);

  expect(await finishOperation(database, { id: first.id, state: 'succeeded' })).toMatchObject({
    nextOperationId: second.id,
  });
  await expect(accept(database, { deploymentId })).rejects.toMatchObject({ details: { operationId: second.id } });
  expect(await startableIds(database)).toEqual([second.id]);

  await finishOperation(database, { id: third.id, state: 'cancelled' });
  expect(await finishOperation(database, { id: second.id, state: 'failed' })).toMatchObject({ nextOperationId: null });
  expect(await requireDeployment(database, deploymentId)).toMatchObject({ operationId: null });
  expect(await startableIds(database)).toEqual([]);
});

test('a queued operation starts at once when the deployment is free', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const { id } = await accept(database, { deploymentId, queue: true });
  expect(await startableIds(database)).toEqual([id]);
  expect(await listStartable(database, '2020-01-01T00:00:00.000Z')).toEqual([]);
});

test('a state changes once, with one entry in the live stream, and sets the start', async () => {
  const database = await testDatabase();
  const { id } = await accept(database, { kind: 'connectionTest' });
  const running = await transitionOperation(database, { id, from: ['queued'], to: 'running' });
  expect(running.startedAt).not.toBeNull();
  expect(await transitionOperation(database, { id, from: ['queued'], to: 'running' })).toEqual(running);
  const paused = await transitionOperation(database, { id, from: ['running'], to: 'paused', message: 'by ann' });
  expect(paused.startedAt).toBe(running.startedAt);
  const entries = await readProgress(database, { operationId: id, after: 0 });
  expect(entries.map(({ change }) => change)).toEqual([
    { type: 'operation', state: 'running' },
    { type: 'operation', state: 'paused', message: 'by ann' },
  ]);
});

test('what holds an operation up is told when it changes, with since when, and is gone at its end', async () => {
  const database = await testDatabase();
  const { id } = await accept(database, { kind: 'connectionTest' });
  expect(await setTrouble(database, { id, message: null })).toBe(false);
  expect(await setTrouble(database, { id, message: 'no answer' })).toBe(true);
  expect(await setTrouble(database, { id, message: 'no answer' })).toBe(false);
  const { trouble } = await requireOperation(database, id);
  expect(trouble).toMatchObject({ message: 'no answer' });
  expect(await setTrouble(database, { id, message: 'no such host' })).toBe(true);
  expect((await requireOperation(database, id)).trouble).toEqual({ message: 'no such host', since: trouble?.since });
  expect(await setTrouble(database, { id, message: null })).toBe(true);
  expect((await requireOperation(database, id)).trouble).toBeNull();
  await setTrouble(database, { id, message: 'no answer' });
  expect((await finishOperation(database, { id, state: 'failed' })).operation.trouble).toBeNull();
  expect(await setTrouble(database, { id, message: 'too late' })).toBe(false);
  const entries = await readProgress(database, { operationId: id, after: 0 });
  const told = entries.map(({ change }) => (change.type === 'trouble' ? change.message : change.type));
  expect(told).toEqual(['no answer', 'no such host', null, 'no answer', 'operation']);
});

test('a change of state from another state is refused with the state it is in', async () => {
  const database = await testDatabase();
  const { id } = await accept(database, { kind: 'connectionTest' });
  await expect(transitionOperation(database, { id, from: ['running'], to: 'paused' })).rejects.toMatchObject({
    code: 'conflict',
    details: { state: 'queued' },
  });
  await expect(transitionOperation(database, { id: 'op_0', from: [], to: 'running' })).rejects.toMatchObject({
    code: 'notFound',
  });
});

test('an operation ends once: a later end changes neither its state nor its result', async () => {
  const database = await testDatabase();
  const { id } = await accept(database, { kind: 'connectionTest' });
  const error = { code: 'unavailable', message: 'no answer', fix: 'start it', findings: [] };
  const { operation } = await finishOperation(database, { id, state: 'failed', error, result: { version: 'v1' } });
  expect(operation).toMatchObject({ state: 'failed', error, result: { version: 'v1' } });
  expect(operation.finishedAt).not.toBeNull();
  expect((await finishOperation(database, { id, state: 'succeeded' })).operation).toEqual(operation);
  expect(await readProgress(database, { operationId: id, after: 0 })).toMatchObject([
    { change: { type: 'operation', state: 'failed', message: 'no answer' } },
  ]);
  await expect(transitionOperation(database, { id, from: ['running'], to: 'paused' })).rejects.toMatchObject({
    code: 'conflict',
  });
  await expect(finishOperation(database, { id: 'op_0', state: 'failed' })).rejects.toMatchObject({ code: 'notFound' });
});

test('counts, findings and the plan of an operation are replaced', async () => {
  const database = await testDatabase();
  const { id } = await accept(database, { kind: 'plan' });
  const progress = { phase: 'apply', total: 3, done: 1, failed: 1, blocked: 1 } as const;
  const findings = [{ severity: 'warning', code: 'x', message: 'odd', line: 3 }] as const;
  await setProgress(database, { id, progress });
  await setFindings(database, { id, findings });
  await setPlan(database, { id, planId: 'plan_1' });
  expect(await findOperation(database, id)).toMatchObject({ progress, findings, planId: 'plan_1' });
});

test('operations are listed newest first, filtered by state, kind and what they are about', async () => {
  const database = await testDatabase();
  const { id: deploymentId, designId, connectionId } = await storeDeployment(database);
  const deploy = await accept(database, { deploymentId, designId, connectionId });
  const test1 = await accept(database, { kind: 'connectionTest', connectionId });
  const test2 = await accept(database, { kind: 'connectionTest' });
  await finishOperation(database, { id: test2.id, state: 'failed' });
  const idsOf = async (filter: Parameters<typeof listOperations>[1]) =>
    (await listOperations(database, filter)).items.map(({ id }) => id);
  expect(await idsOf({})).toEqual([test2.id, test1.id, deploy.id]);
  expect(await idsOf({ kinds: ['connectionTest'], states: ['queued', 'running'] })).toEqual([test1.id]);
  expect(await idsOf({ deploymentId })).toEqual([deploy.id]);
  expect(await idsOf({ designId })).toEqual([deploy.id]);
  expect(await idsOf({ connectionId })).toEqual([test1.id, deploy.id]);
  const { nextCursor } = await listOperations(database, { limit: 2 });
  expect(await idsOf({ limit: 2, cursor: nextCursor ?? '' })).toEqual([deploy.id]);
});

test('a plan is applied by one operation only', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  const plan = { id: 'plan_1', operationId: 'op_0', deploymentId, kind: 'deploy', revision: 1, body: {} } as const;
  await savePlan(database, plan);
  const first = await accept(database, { deploymentId, planId: 'plan_1' });
  expect(await readPlan(database, 'plan_1')).toMatchObject({ appliedOperationId: first.id });
  await finishOperation(database, { id: first.id, state: 'failed' });
  await expect(accept(database, { deploymentId, planId: 'plan_1' })).rejects.toMatchObject({
    code: 'conflict',
    details: { planId: 'plan_1', operationId: first.id },
  });
  await expect(accept(database, { deploymentId, planId: 'plan_0' })).rejects.toMatchObject({ code: 'notFound' });
  expect(await requireDeployment(database, deploymentId)).toMatchObject({ operationId: null });
});

test('a plan that was refused for a taken deployment can be applied later', async () => {
  const database = await testDatabase();
  const { id: deploymentId } = await storeDeployment(database);
  await savePlan(database, { id: 'plan_1', operationId: 'op_0', deploymentId, kind: 'deploy', revision: 1, body: {} });
  const holder = await accept(database, { deploymentId });
  await expect(accept(database, { deploymentId, planId: 'plan_1' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await readPlan(database, 'plan_1')).toMatchObject({ appliedOperationId: null });
  await finishOperation(database, { id: holder.id, state: 'succeeded' });
  expect(await accept(database, { deploymentId, planId: 'plan_1' })).toMatchObject({ planId: 'plan_1' });
});
