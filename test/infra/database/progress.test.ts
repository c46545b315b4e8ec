import { expect, test } from 'vitest';
import { acceptOperation } from '../../../infra/database/accept-operation.ts';
import { finishOperation, requireOperation, setProgress } from '../../../infra/database/operations.ts';
import {
  appendProgress,
  latestSequence,
  readChoices,
  readProgress,
  hasBegun,
  tellPhase,
} from '../../../infra/database/progress.ts';
import { purge } from '../../../infra/database/retention.ts';
import { testDatabase } from './database-fixture.ts';

const running = { type: 'operation', state: 'running' } as const;
const phase = { type: 'phase', phase: 'apply', message: 'applying' } as const;
const finding = { type: 'finding', finding: { severity: 'note', code: 'x', message: 'a note' } } as const;

test('entries are read in the order they were appended, of one operation or of all', async () => {
  const database = await testDatabase();
  expect(await latestSequence(database)).toBe(0);
  await appendProgress(database, [
    { operationId: 'op_1', change: running },
    { operationId: 'op_2', change: running },
    { operationId: 'op_1', change: phase },
  ]);
  await appendProgress(database, [{ operationId: 'op_1', change: finding }]);
  await appendProgress(database, []);
  const entries = await readProgress(database, { operationId: 'op_1', after: 0 });
  expect(entries.map(({ change }) => change)).toEqual([running, phase, finding]);
  expect(await readProgress(database, { after: 0 })).toHaveLength(4);
  expect(await latestSequence(database)).toBe(4);
});

test('a reader goes on after the last entry that it saw, in pieces', async () => {
  const database = await testDatabase();
  const changes = Array.from({ length: 5 }, (_, index) => ({ ...phase, message: String(index) }));
  await appendProgress(
    database,
    changes.map((change) => ({ operationId: 'op_1', change })),
  );
  const first = await readProgress(database, { operationId: 'op_1', after: 0, limit: 2 });
  const rest = await readProgress(database, { operationId: 'op_1', after: first.at(-1)?.sequence ?? 0 });
  expect([...first, ...rest].map(({ change }) => change)).toEqual(changes);
});

test('a sequence is never used again, even when the entries are gone', async () => {
  const database = await testDatabase();
  const { id } = await acceptOperation(database, { kind: 'connectionTest', actor: 'ann', options: {} });
  await appendProgress(database, [{ operationId: id, change: running }]);
  await finishOperation(database, { id, state: 'succeeded' });
  expect(await purge(database, { finishedBefore: '2999-01-01T00:00:00.000Z' })).toMatchObject({ progressEntries: 2 });
  await appendProgress(database, [{ operationId: 'op_2', change: running }]);
  expect(await latestSequence(database)).toBe(3);
});

test('only the streams of operations that ended before the given time are purged', async () => {
  const database = await testDatabase();
  const accept = () => acceptOperation(database, { kind: 'connectionTest', actor: 'ann', options: {} });
  const [ended, open] = [await accept(), await accept()];
  await appendProgress(
    database,
    [ended, open].map(({ id }) => ({ operationId: id, change: running })),
  );
  await finishOperation(database, { id: ended.id, state: 'succeeded' });
  expect(await purge(database, { finishedBefore: '2020-01-01T00:00:00.000Z' })).toMatchObject({ progressEntries: 0 });
  await purge(database, { finishedBefore: '2999-01-01T00:00:00.000Z' });
  const left = await readProgress(database, { after: 0 });
  expect(left.map(({ operationId }) => operationId)).toEqual([open.id]);
});

test('a phase is told once to each operation, whoever begins it anew', async () => {
  const database = await testDatabase();
  await appendProgress(database, [{ operationId: 'op_1', change: running }]);
  for (const operationId of ['op_1', 'op_1', 'op_2']) await tellPhase(database, { operationId, phase: 'apply' });
  await tellPhase(database, { operationId: 'op_1', phase: 'prune' });
  await tellPhase(database, { operationId: 'op_1', phase: 'apply' });
  const changes = (await readProgress(database, { operationId: 'op_1', after: 0 })).map(({ change }) => change);
  expect(changes).toEqual([running, { type: 'phase', phase: 'apply' }, { type: 'phase', phase: 'prune' }]);
  expect(await readProgress(database, { operationId: 'op_2', after: 0 })).toHaveLength(1);
});

test('a phase that has begun is shown with the operation until objects are counted', async () => {
  const database = await testDatabase();
  const { id } = await acceptOperation(database, { kind: 'connectionTest', actor: 'ann', options: {} });
  const shown = async () => (await requireOperation(database, id)).progress.phase;
  expect(await hasBegun(database, { operationId: id, phase: 'validate' })).toBe(false);
  await tellPhase(database, { operationId: id, phase: 'validate' });
  expect(await hasBegun(database, { operationId: id, phase: 'validate' })).toBe(true);
  expect(await shown()).toBe('validate');
  await setProgress(database, { id, progress: { phase: 'apply', total: 2, done: 2, failed: 0, blocked: 0 } });
  await tellPhase(database, { operationId: id, phase: 'sync' });
  expect(await shown()).toBe('apply');
});

test('choices of people are read alone, after the last one that was seen', async () => {
  const database = await testDatabase();
  const choice = { phase: 'remove', key: '/Pod/a/b', object: 'Pod a/b', choice: 'skip', actor: 'ann' } as const;
  const made = { type: 'choice', choice } as const;
  await appendProgress(database, [
    { operationId: 'op_1', change: running },
    { operationId: 'op_1', change: made },
    { operationId: 'op_2', change: made },
  ]);
  const [first, ...others] = await readChoices(database, { operationId: 'op_1', after: 0 });
  expect(first).toMatchObject({ operationId: 'op_1', change: made });
  expect(others).toEqual([]);
  expect(await readChoices(database, { operationId: 'op_1', after: first?.sequence ?? 0 })).toEqual([]);
});
