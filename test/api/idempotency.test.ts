import { expect, test } from 'vitest';
import { operationSchema } from '../../domain/operation.ts';
import { idempotencyKeys, operations } from '../../infra/database/schema.ts';
import { createTestApi, deploy, designSource, json, listOf, problemOf, storeTarget, yaml } from './api-fixture.ts';

const source = designSource('shop', 'settings');

test('the same request under one key is carried out once and answered the same', async () => {
  const { request, database, client } = await createTestApi();
  const target = await storeTarget({ client });
  const send = () => request('/v1/deployments', json('POST', target, { 'idempotency-key': 'deploy-1' }));
  const first = await send();
  const second = await send();
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(await second.json()).toEqual(await first.json());
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  expect(second.headers.get('idempotency-replayed')).toBe('true');
  expect(await database.read((queries) => queries.select().from(operations))).toHaveLength(1);
});

test('another request under a used key is refused', async () => {
  const { request } = await createTestApi();
  const headers = { 'idempotency-key': 'create-1' };
  await request('/v1/designs', yaml('POST', source, headers));
  const otherBody = await request('/v1/designs', yaml('POST', designSource('other', 'a'), headers));
  const otherPath = await request('/v1/designs/validate', yaml('POST', source, headers));
  for (const response of [otherBody, otherPath]) {
    expect(await problemOf(response)).toMatchObject({ status: 422, code: 'invalid' });
  }
});

test('of requests sent at once under one key, one is carried out and the others are told to wait', async () => {
  const { request } = await createTestApi();
  const send = () => request('/v1/designs', yaml('POST', source, { 'idempotency-key': 'create-2' }));
  const answers = await Promise.all([send(), send(), send()]);
  expect(answers.filter(({ status }) => status === 409).every((answer) => answer.headers.has('retry-after'))).toBe(
    true,
  );
  expect(answers.some(({ status }) => status === 201)).toBe(true);
  expect((await listOf(request('/v1/designs'))).items).toHaveLength(1);
});

test('a request that failed did nothing, so its key is free for the corrected one', async () => {
  const { request } = await createTestApi();
  const headers = { 'idempotency-key': 'create-3' };
  expect((await request('/v1/designs', yaml('POST', 'a: [', headers))).status).toBe(422);
  expect((await request('/v1/designs', yaml('POST', source, headers))).status).toBe(201);
});

test('a request whose process died before it answered is answered with the one operation that it accepted', async () => {
  const { request, database, client } = await createTestApi();
  const target = await storeTarget({ client });
  const send = () => request('/v1/deployments', json('POST', target, { 'idempotency-key': 'deploy-3' }));
  const { id: operationId } = operationSchema.parse(await (await send()).json());
  const loseAnswer = (createdAt: Date) =>
    database.write((queries) => [
      queries
        .update(idempotencyKeys)
        .set({ status: null, response: { operationId }, createdAt: createdAt.toISOString() }),
    ]);
  for (const createdAt of [new Date(), new Date(Date.now() - 3_600_000)]) {
    await loseAnswer(createdAt);
    const repeated = await send();
    expect(repeated.status).toBe(202);
    expect(repeated.headers.get('location')).toBe(`/v1/operations/${operationId}`);
    expect(await repeated.json()).toMatchObject({ id: operationId });
  }
  expect(await database.read((queries) => queries.select().from(operations))).toHaveLength(1);
});

test('a key that is no key is refused', async () => {
  const { request } = await createTestApi();
  const response = await request('/v1/designs', yaml('POST', source, { 'idempotency-key': 'x'.repeat(256) }));
  expect(await problemOf(response)).toMatchObject({ status: 400 });
});

test('two API processes share the keys', async () => {
  const first = await createTestApi();
  const second = await createTestApi({ databaseUrl: first.databaseUrl });
  const target = await storeTarget(first);
  const init = json('POST', target, { 'idempotency-key': 'deploy-2' });
  const answers = [await first.request('/v1/deployments', init), await second.request('/v1/deployments', init)];
  const [a, b] = await Promise.all(answers.map((answer) => answer.json()));
  expect(b).toEqual(a);
});

test('without a key a second deploy of a held deployment is refused with the id of the first', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const first = await deploy(api, target);
  const second = await api.request('/v1/deployments', json('POST', target));
  expect(await problemOf(second)).toMatchObject({ status: 409, code: 'conflict', operationId: first.id });
});
