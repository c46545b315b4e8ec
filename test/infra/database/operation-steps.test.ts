import { expect, test } from 'vitest';
import { acceptOperation } from '../../../infra/database/accept-operation.ts';
import type { Database } from '../../../infra/database/database.ts';
import { insertSteps, listSteps, type NewStep, readStepsForResume } from '../../../infra/database/operation-steps.ts';
import { findOperation } from '../../../infra/database/operations.ts';
import { readProgress } from '../../../infra/database/progress.ts';
import { operationSteps } from '../../../infra/database/schema.ts';
import { recordTransitions, type StepChange, updateSteps } from '../../../infra/database/transitions.ts';
import { configMap, testDatabase } from './database-fixture.ts';

function stepOf(position: number, more: Partial<NewStep> = {}): NewStep {
  const name = `object-${position}`;
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name };
  return { position, key: `/ConfigMap/shop/${name}`, reference, component: name, stage: 1, state: 'waiting', ...more };
}

async function operationWithSteps(database: Database, steps: readonly NewStep[]): Promise<string> {
  const { id: operationId } = await acceptOperation(database, { kind: 'orphanCheck', actor: 'ann', options: {} });
  await insertSteps(database, { operationId, phase: 'apply', steps });
  return operationId;
}

async function streamed(database: Database, operationId: string): Promise<readonly unknown[]> {
  return (await readProgress(database, { operationId, after: 0 })).map(({ change }) => change);
}

test('steps are read back with their before-images, in their order', async () => {
  const database = await testDatabase();
  const before = configMap('object-1', { a: '1' });
  const steps = [stepOf(1, { action: 'update', before }), stepOf(0, { action: 'create', message: 'waits for a' })];
  const operationId = await operationWithSteps(database, steps);
  const read = await readStepsForResume(database, { operationId, phase: 'apply' });
  expect(read).toMatchObject([
    { position: 0, action: 'create', message: 'waits for a', before: null, uid: null, appliedAt: null, fix: null },
    { position: 1, action: 'update', before, reference: stepOf(1).reference },
  ]);
  expect(await readStepsForResume(database, { operationId, phase: 'prune' })).toEqual([]);
});

test('inserting steps again keeps what they became and the first before-image', async () => {
  const database = await testDatabase();
  const before = configMap('object-0', { a: '1' });
  const operationId = await operationWithSteps(database, [stepOf(0, { before })]);
  await updateSteps(database, { operationId, phase: 'apply', steps: [{ position: 0, state: 'applied', uid: 'u1' }] });
  await insertSteps(database, { operationId, phase: 'apply', steps: [stepOf(0, { before: configMap('changed') })] });
  const [step] = await readStepsForResume(database, { operationId, phase: 'apply' });
  expect(step).toMatchObject({ state: 'applied', uid: 'u1', before });
});

test('before-images are sealed in the database', async () => {
  const database = await testDatabase();
  await operationWithSteps(database, [stepOf(0, { before: configMap('object-0', { password: 'hunter2' }) })]);
  const [row] = await database.read((queries) => queries.select().from(operationSteps));
  expect(row?.sealedBefore?.length).toBeGreaterThan(0);
  expect(row?.sealedBefore?.includes('hunter2')).toBe(false);
});

test('one batch changes the steps, the counts and the live stream', async () => {
  const database = await testDatabase();
  const operationId = await operationWithSteps(
    database,
    [0, 1, 2].map((position) => stepOf(position)),
  );
  const progress = { phase: 'apply', total: 3, done: 1, failed: 1, blocked: 0 } as const;
  await recordTransitions(database, {
    operationId,
    phase: 'apply',
    steps: [
      { position: 2, state: 'failed', message: 'denied', fix: 'ask for permission' },
      { position: 0, state: 'ready', action: 'create', uid: 'u1', appliedAt: '2026-01-01T00:00:00.000Z' },
    ],
    progress,
    changes: [{ type: 'phase', phase: 'prune' }],
  });
  expect(await findOperation(database, operationId)).toMatchObject({ progress });
  const steps = await readStepsForResume(database, { operationId, phase: 'apply' });
  expect(steps).toMatchObject([
    { state: 'ready', action: 'create', uid: 'u1', appliedAt: '2026-01-01T00:00:00.000Z' },
    { state: 'waiting', uid: null },
    { state: 'failed', message: 'denied', fix: 'ask for permission' },
  ]);
  const listed = (await listSteps(database, { operationId })).items;
  expect(await streamed(database, operationId)).toEqual([
    { type: 'step', step: listed[2] },
    { type: 'step', step: listed[0] },
    { type: 'phase', phase: 'prune' },
  ]);
});

test('repeating transitions appends no step again', async () => {
  const database = await testDatabase();
  const operationId = await operationWithSteps(database, [stepOf(0), stepOf(1)]);
  const steps: readonly StepChange[] = [
    { position: 0, state: 'running' },
    { position: 1, state: 'waiting' },
  ];
  await updateSteps(database, { operationId, phase: 'apply', steps });
  await updateSteps(database, { operationId, phase: 'apply', steps });
  expect(await streamed(database, operationId)).toHaveLength(1);
});

test('an absent field keeps what is stored, and null clears it', async () => {
  const database = await testDatabase();
  const operationId = await operationWithSteps(database, [stepOf(0), stepOf(1)]);
  const update = (steps: readonly StepChange[]) => updateSteps(database, { operationId, phase: 'apply', steps });
  const failed = { state: 'failed', message: 'it\'s "odd"', fix: 'wait', uid: 'u1' } as const;
  await update([
    { position: 0, ...failed },
    { position: 1, ...failed },
  ]);
  await update([
    { position: 0, state: 'running', message: undefined },
    { position: 1, message: null, fix: null },
  ]);
  const steps = await readStepsForResume(database, { operationId, phase: 'apply' });
  expect(steps).toMatchObject([
    { ...failed, state: 'running' },
    { state: 'failed', message: null, fix: null, uid: 'u1' },
  ]);
});

test('of several changes of one step in one batch the last counts, field by field', async () => {
  const database = await testDatabase();
  const operationId = await operationWithSteps(database, [stepOf(0)]);
  await updateSteps(database, {
    operationId,
    phase: 'apply',
    steps: [
      { position: 0, state: 'running', uid: 'u1' },
      { position: 0, state: 'ready', uid: undefined },
    ],
  });
  expect(await readStepsForResume(database, { operationId, phase: 'apply' })).toMatchObject([
    { state: 'ready', uid: 'u1' },
  ]);
  expect(await streamed(database, operationId)).toHaveLength(1);
});

test('steps of another phase or operation at the same position stay as they are', async () => {
  const database = await testDatabase();
  const operationId = await operationWithSteps(database, [stepOf(0)]);
  const other = await operationWithSteps(database, [stepOf(0)]);
  await insertSteps(database, { operationId, phase: 'prune', steps: [stepOf(0)] });
  await updateSteps(database, { operationId, phase: 'prune', steps: [{ position: 0, state: 'gone' }] });
  const states = async (id: string) => (await listSteps(database, { operationId: id })).items.map(({ state }) => state);
  expect(await states(operationId)).toEqual(['waiting', 'gone']);
  expect(await states(other)).toEqual(['waiting']);
});

test('thousands of transitions at once are recorded, each with its entry in order', async () => {
  const database = await testDatabase();
  const positions = Array.from({ length: 2_500 }, (_, position) => position);
  const operationId = await operationWithSteps(
    database,
    positions.map((position) => stepOf(position)),
  );
  const steps = positions.map((position) => ({ position, state: 'ready', uid: String(position) }) as const);
  await updateSteps(database, { operationId, phase: 'apply', steps });
  const read = await readStepsForResume(database, { operationId, phase: 'apply' });
  expect(read.map(({ state, uid }) => [state, uid])).toEqual(positions.map((position) => ['ready', String(position)]));
  const first = await readProgress(database, { operationId, after: 0 });
  expect(first).toMatchObject(positions.slice(0, 1_000).map((position) => ({ change: { step: { position } } })));
});

test('steps are listed in the order of phases and positions, by phase and state, page after page', async () => {
  const database = await testDatabase();
  const operationId = await operationWithSteps(database, [stepOf(0), stepOf(1), stepOf(2, { state: 'failed' })]);
  await insertSteps(database, { operationId, phase: 'rollback', steps: [stepOf(0), stepOf(1, { state: 'blocked' })] });
  await insertSteps(database, { operationId, phase: 'prune', steps: [stepOf(0)] });
  const places = async (filter: object) =>
    (await listSteps(database, { operationId, ...filter })).items.map(({ phase, position }) => `${phase} ${position}`);
  const all = ['apply 0', 'apply 1', 'apply 2', 'prune 0', 'rollback 0', 'rollback 1'];
  expect(await places({})).toEqual(all);
  expect(await places({ phase: 'rollback' })).toEqual(['rollback 0', 'rollback 1']);
  expect(await places({ states: ['failed', 'blocked'] })).toEqual(['apply 2', 'rollback 1']);

  const first = await listSteps(database, { operationId, limit: 4 });
  expect(await places({ limit: 4 })).toEqual(all.slice(0, 4));
  expect(await places({ limit: 4, cursor: first.nextCursor })).toEqual(all.slice(4));
});
