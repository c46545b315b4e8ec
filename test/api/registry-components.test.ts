import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApi, json, problemOf } from './api-fixture.ts';
import { component, deployDoor, newLocks, oldLocks, storeModel } from './registry-fixture.ts';

const pageSchema = z.object({ items: z.array(z.looseObject({})), nextCursor: z.string().nullable() });
const address = (kind: string, model = 'locks@v2.0.0') => encodeURIComponent(`${model}/${kind}@locks.example/v1`);

/** One field of every item of a list. */
async function listed(answer: Response, field: string): Promise<unknown[]> {
  expect(answer.status).toBe(200);
  return pageSchema.parse(await answer.json()).items.map((item) => item[field]);
}

test('a component is read by its address and its id, with its schema, which lists leave out', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  await storeModel(database, newLocks);
  const door = z
    .looseObject({ id: z.number() })
    .parse(await (await request(`/v1/components/${address('Door')}`)).json());
  expect(door).toMatchObject({
    address: 'locks@v2.0.0/Door@locks.example/v1',
    kind: 'Door',
    scope: 'namespaced',
    model: { name: 'locks', version: 'v2.0.0', revision: 1 },
    schema: { properties: { spec: { properties: { height: { type: 'integer' } } } } },
    schemaDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    links: { self: `/v1/components/${door.id}` },
  });
  expect(await (await request(`/v1/components/${door.id}`)).json()).toEqual(door);
  const old = await request(`/v1/components/${address('Door', 'locks@v1.0.0')}`);
  expect(await old.json()).toMatchObject({ schema: { properties: { spec: { properties: { colour: {} } } } } });
  const [listedDoor] = pageSchema.parse(await (await request('/v1/components?kind=Door&latest=true')).json()).items;
  expect(listedDoor).not.toHaveProperty('schema');
  expect(await problemOf(await request(`/v1/components/${address('Roof')}`))).toMatchObject({ status: 404 });
});

test('components are searched by the beginnings of words, and filtered by model, status and what brought them', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  await storeModel(database, { ...newLocks, registrant: { kind: 'git', address: 'https://git.example/locks' } });
  await storeModel(database, { name: 'fire', version: '1', members: [component('FireAlarm', 'fire.example/v1')] });
  const kinds = async (query: string) => listed(await request(`/v1/components?${query}`), 'kind');
  expect(await kinds('q=alar')).toEqual(['FireAlarm']);
  expect(await kinds('model=locks')).toEqual(['Door', 'Key', 'Window']);
  expect(await kinds('model=locks@v1.0.0')).toEqual(['Bell', 'Door', 'Key']);
  expect(await kinds('registrant=git&registrant=helm')).toEqual(['Door', 'Key', 'Window']);
  expect(await kinds('apiVersion=fire.example/v1')).toEqual(['FireAlarm']);
  await request(`/v1/components/${address('Key')}`, json('PATCH', { status: 'ignored' }));
  expect(await kinds('status=ignored&status=disabled')).toEqual(['Key']);
  expect(await kinds('model=locks&status=enabled')).toEqual(['Door', 'Window']);
});

test('a component and a relationship change their status with an event that leads back', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  const key = await request(
    `/v1/components/${address('Key', 'locks@v1.0.0')}`,
    json('PATCH', { status: 'deprecated' }),
  );
  expect(await key.json()).toMatchObject({ kind: 'Key', status: 'deprecated' });
  const rule = await request('/v1/relationships/locks@v1.0.0%2Fdoor-key', json('PATCH', { status: 'disabled' }));
  expect(await rule.json()).toMatchObject({ name: 'door-key', status: 'disabled' });
  const events = await (await request('/v1/events?category=registry')).json();
  expect(events).toMatchObject({
    items: [
      { action: 'disable', subject: { kind: 'relationship', name: 'locks@v1.0.0/door-key' } },
      {
        action: 'deprecate',
        subject: { kind: 'component' },
        actions: [{ method: 'PATCH', body: { status: 'enabled' } }],
      },
    ],
  });
  const wrong = await request('/v1/relationships/1', json('PATCH', { status: 'gone' }));
  expect(await problemOf(wrong)).toMatchObject({ status: 400 });
});

test('a relationship is read with its selectors, and found by the kinds that it is between', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  const names = async (query: string) => listed(await request(`/v1/relationships?${query}`), 'name');
  expect(await names('between=Key')).toEqual(['door-key']);
  expect(await names('between=Bell')).toEqual([]);
  expect(await names('kind=edge&kind=sibling&foundBy=written&q=key')).toEqual(['door-key']);
  const found = await (await request('/v1/relationships/locks@v1.0.0%2Fdoor-key')).json();
  expect(found).toMatchObject({
    fromKinds: ['Door'],
    definition: { selectors: [{ allow: { from: [{ kind: 'Door' }], to: [{ kind: 'Key' }] } }] },
  });
  expect(await problemOf(await request('/v1/relationships/999'))).toMatchObject({ status: 404 });
});

test('the use of a component shows the designs that declare it and the deployments where it is live', async () => {
  const api = await createTestApi();
  await storeModel(api.database, oldLocks);
  const { name, deployment } = await deployDoor(api);
  const used = await api.request(`/v1/components/${address('Door', 'locks@v1.0.0')}/usage`);
  expect(await used.json()).toMatchObject({
    designs: { items: [{ name }] },
    deployments: { items: [{ id: deployment, state: 'live' }] },
  });
  const unused = await api.request(`/v1/components/${address('Key', 'locks@v1.0.0')}/usage`);
  expect(await unused.json()).toMatchObject({ designs: { items: [] }, deployments: { items: [] } });
});
