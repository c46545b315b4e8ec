import { expect, test } from 'vitest';
import type { Database } from '../../../infra/database/database.ts';
import { abandonRequest, beginRequest, completeRequest, purgeRequests } from '../../../infra/database/idempotency.ts';
import { idempotencyKeys } from '../../../infra/database/schema.ts';
import { testDatabase } from './database-fixture.ts';

const request = { actor: 'ann', key: 'k1', method: 'POST', path: '/v1/deployments', bodyDigest: 'abc' };
const isNew = { outcome: 'new', operationId: expect.stringMatching(/^op_/) };
const answer = { status: 202, response: { id: 'op_1' } };

async function makeOlder(database: Database, hours: number): Promise<void> {
  const createdAt = new Date(Date.now() - hours * 3_600_000).toISOString();
  await database.write((queries) => [queries.update(idempotencyKeys).set({ createdAt })]);
}

test('a repeated request gets the answer of the first', async () => {
  const database = await testDatabase();
  expect(await beginRequest(database, request)).toEqual(isNew);
  expect(await beginRequest(database, request)).toMatchObject({ outcome: 'inProgress' });
  await completeRequest(database, { ...request, ...answer });
  expect(await beginRequest(database, request)).toEqual({ outcome: 'replay', ...answer });
});

test('of many requests at once with one key exactly one is new', async () => {
  const database = await testDatabase();
  const outcomes = await Promise.all([1, 2, 3, 4].map(() => beginRequest(database, request)));
  expect(outcomes.filter(({ outcome }) => outcome === 'new')).toHaveLength(1);
});

test.each([{ method: 'PUT' }, { path: '/v1/plans' }, { bodyDigest: 'def' }])(
  'a key that comes back with %o is a mismatch',
  async (change) => {
    const database = await testDatabase();
    await beginRequest(database, request);
    await completeRequest(database, { ...request, ...answer });
    expect(await beginRequest(database, { ...request, ...change })).toEqual({ outcome: 'mismatch' });
  },
);

test('two actors may choose the same key', async () => {
  const database = await testDatabase();
  await beginRequest(database, request);
  expect(await beginRequest(database, { ...request, actor: 'bob' })).toEqual(isNew);
});

test('an abandoned request may be made again, an answered one stays answered', async () => {
  const database = await testDatabase();
  await beginRequest(database, request);
  await abandonRequest(database, request);
  expect(await beginRequest(database, request)).toEqual(isNew);
  await completeRequest(database, { ...request, ...answer });
  await abandonRequest(database, request);
  expect(await beginRequest(database, request)).toMatchObject({ outcome: 'replay' });
});

test('a request whose process died may be made again after a while, for the same operation', async () => {
  const database = await testDatabase();
  const first = await beginRequest(database, request);
  await makeOlder(database, 1);
  expect(await beginRequest(database, { ...request, bodyDigest: 'def' })).toEqual({ outcome: 'mismatch' });
  expect(await beginRequest(database, request)).toEqual(first);
  expect(await beginRequest(database, request)).toMatchObject({ outcome: 'inProgress' });
});

test('answers are forgotten after a day', async () => {
  const database = await testDatabase();
  await beginRequest(database, request);
  await completeRequest(database, { ...request, ...answer });
  await makeOlder(database, 23);
  expect(await beginRequest(database, request)).toMatchObject({ outcome: 'replay' });
  expect(await purgeRequests(database)).toBe(0);
  await makeOlder(database, 25);
  expect(await beginRequest(database, request)).toEqual(isNew);
  await makeOlder(database, 25);
  expect(await purgeRequests(database)).toBe(1);
});
