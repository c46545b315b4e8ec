import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApi, json, problemOf } from './api-fixture.ts';
import { component, deployDoor, newLocks, oldLocks, storeModel } from './registry-fixture.ts';

const pageSchema = z.object({ items: z.array(z.looseObject({})), nextCursor: z.string().nullable() });

/** One field of every item of a list. */
async function listed(answer: Response, field: string): Promise<unknown[]> {
  expect(answer.status).toBe(200);
  return pageSchema.parse(await answer.json()).items.map((item) => item[field]);
}

test('a model is read by its name, its version, its revision and its id, with what brought it and what it holds', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  await storeModel(database, { ...oldLocks, members: oldLocks.members.slice(1) });
  const answer = await request('/v1/models/locks');
  const latest = z.looseObject({ id: z.string() }).parse(await answer.json());
  expect(latest).toMatchObject({
    name: 'locks',
    version: 'v1.0.0',
    revision: 2,
    definitionVersion: 'v1.0.1',
    displayName: 'Locks',
    category: 'Security & Compliance',
    status: 'enabled',
    componentCount: 2,
    relationshipCount: 1,
    registrant: { kind: 'upload', address: '' },
    source: 'locks.tar.gz',
    metadata: {},
    links: { self: `/v1/models/${latest.id}`, components: `/v1/models/${latest.id}/components` },
  });
  expect(latest['operationId']).toMatch(/^op_/);
  for (const reference of ['locks@v1.0.0', 'locks@v1.0.0%232', latest.id]) {
    expect(await (await request(`/v1/models/${reference}`)).json()).toEqual(latest);
  }
  expect(await (await request('/v1/models/locks@v1.0.0%231')).json()).toMatchObject({ revision: 1, componentCount: 3 });
  expect(await listed(await request('/v1/models/locks/versions'), 'revision')).toEqual([2, 1]);
  expect(await listed(await request(`/v1/models/${latest.id}/versions`), 'revision')).toEqual([2, 1]);
  for (const path of ['/v1/models/nothing', '/v1/models/locks@v9', '/v1/models/nothing/versions']) {
    expect(await problemOf(await request(path))).toMatchObject({ status: 404, fix: expect.any(String) });
  }
});

test('models are searched, filtered by several values at once, and paged', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  await storeModel(database, newLocks);
  for (const [name, category, kind] of [
    ['alpha', 'Database', 'helm'],
    ['beta', 'Runtime', 'git'],
    ['gamma', 'Runtime', 'cluster'],
  ] as const) {
    const registrant = { kind, address: `there/${name}` };
    await storeModel(database, {
      name,
      version: '1',
      members: [component(name, 'v1')],
      model: { category },
      registrant,
    });
  }
  const names = async (query: string) => listed(await request(`/v1/models?${query}`), 'name');
  expect(await names('latest=true')).toEqual(['alpha', 'beta', 'gamma', 'locks']);
  expect(await names('name=locks')).toEqual(['locks', 'locks']);
  expect(await names('q=door')).toEqual(['locks', 'locks']);
  expect(await names('category=Database&category=Runtime')).toEqual(['alpha', 'beta', 'gamma']);
  expect(await names('registrant=helm&registrant=git')).toEqual(['alpha', 'beta']);
  expect(await names('address=there/beta')).toEqual(['beta']);
  expect(await names('status=disabled&status=ignored')).toEqual([]);
  expect(await names('kind=Window')).toEqual(['locks']);
  const first = pageSchema.parse(await (await request('/v1/models?latest=true&limit=3')).json());
  expect(await names(`latest=true&limit=3&cursor=${first.nextCursor}`)).toEqual(['locks']);
  for (const query of ['status=wrong', 'limit=0', 'bogus=1', `q=${'x'.repeat(300)}`]) {
    expect(await problemOf(await request(`/v1/models?${query}`))).toMatchObject({ status: 400 });
  }
});

test('what a model holds is listed by type', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  expect(await listed(await request('/v1/models/locks/components'), 'kind')).toEqual(['Bell', 'Door', 'Key']);
  expect(await listed(await request('/v1/models/locks/relationships'), 'name')).toEqual(['door-key']);
  expect(await listed(await request('/v1/models/locks/profiles'), 'values')).toEqual([{ width: 3 }]);
  expect(await listed(await request('/v1/models/locks/samples'), 'name')).toEqual(['house']);
  expect(await (await request('/v1/models/locks/samples/house')).json()).toMatchObject({ source: 'kind: Door' });
  expect((await request('/v1/models/locks/samples/tent')).status).toBe(404);
  expect(await listed(await request('/v1/models/locks/members?type=component'), 'key')).toEqual([
    'Bell@locks.example/v1',
    'Door@locks.example/v1',
    'Key@locks.example/v1',
  ]);
});

test('a change of status is told with its reason and the way back, and taking it back by that way works', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  const changed = await request('/v1/models/locks', json('PATCH', { status: 'disabled', reason: 'rusty' }));
  expect(await changed.json()).toMatchObject({ status: 'disabled' });
  const events = pageSchema.parse(await (await request('/v1/events?category=registry')).json());
  const eventSchema = z.looseObject({
    description: z.string(),
    actions: z.array(z.object({ method: z.string(), href: z.string(), body: z.unknown(), label: z.string() })),
  });
  const [event] = events.items.map((item) => eventSchema.parse(item));
  expect(event).toMatchObject({
    severity: 'warning',
    action: 'disable',
    subject: { kind: 'model', name: 'locks@v1.0.0' },
  });
  expect(event?.description).toContain('rusty');
  const [undo] = event?.actions ?? [];
  const undone = await request(undo?.href ?? '', json(undo?.method ?? '', undo?.body));
  expect(await undone.json()).toMatchObject({ status: 'enabled' });
  await request('/v1/models/locks', json('PATCH', { status: 'enabled' }));
  expect(await listed(await request('/v1/events?category=registry'), 'action')).toEqual(['enable', 'disable']);
});

test('a model that a design uses is deleted only by force, and its use is shown before', async () => {
  const api = await createTestApi();
  await storeModel(api.database, oldLocks);
  const { name, deployment } = await deployDoor(api);
  const usage = await (await api.request('/v1/models/locks/usage')).json();
  expect(usage).toMatchObject({
    designs: { items: [{ name, componentCount: 1, needed: true }], nextCursor: null },
    deployments: { items: [{ id: deployment, objectCount: 1, needed: true }], nextCursor: null },
  });
  const refused = await problemOf(await api.request('/v1/models/locks', { method: 'DELETE' }));
  expect(refused).toMatchObject({ status: 409, designCount: 1, deploymentCount: 1 });
  expect(refused.detail).toContain(name);
  expect((await api.request('/v1/models/locks?force=true', { method: 'DELETE' })).status).toBe(204);
  expect((await api.request('/v1/models/locks')).status).toBe(404);
  const told = await (await api.request('/v1/events?category=registry')).json();
  expect(told).toMatchObject({ items: [{ action: 'delete', severity: 'warning', details: { forced: true } }] });
});

test('a model that nothing uses is deleted', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  await storeModel(database, newLocks);
  expect((await request('/v1/models/locks', { method: 'DELETE' })).status).toBe(204);
  expect(await (await request('/v1/models/locks')).json()).toMatchObject({ version: 'v1.0.0' });
});

test('two versions are compared by component and field, with whom the change touches', async () => {
  const api = await createTestApi();
  await storeModel(api.database, oldLocks);
  await storeModel(api.database, newLocks);
  const { name, deployment } = await deployDoor(api);
  const answer = await api.request('/v1/models/locks@v1.0.0/compare?with=locks');
  expect(await answer.json()).toMatchObject({
    before: { version: 'v1.0.0' },
    after: { version: 'v2.0.0' },
    breaking: true,
    components: [
      { component: 'Bell@locks.example/v1', action: 'removed', breaking: true, changeCount: 0 },
      {
        component: 'Door@locks.example/v1',
        action: 'changed',
        breaking: true,
        changeCount: 3,
        changes: [
          { path: 'spec.colour', change: 'fieldRemoved', breaking: true },
          { path: 'spec.width', change: 'typeChanged', breaking: true, before: 'integer', after: 'string' },
          { path: 'spec.height', change: 'fieldAdded', breaking: false },
        ],
      },
      { component: 'Window@locks.example/v1', action: 'added', breaking: false },
    ],
    members: [
      { type: 'profile', key: 'wide', change: 'removed' },
      { type: 'sample', key: 'house', change: 'removed' },
    ],
    usage: { designs: { items: [{ name }] }, deployments: { items: [{ id: deployment }] } },
  });
  const back = await api.request('/v1/models/locks/compare?with=locks');
  expect(await back.json()).toMatchObject({ breaking: false, components: [], usage: { designs: { items: [] } } });
  await storeModel(api.database, { ...oldLocks, name: 'others' });
  expect(await problemOf(await api.request('/v1/models/locks/compare?with=others'))).toMatchObject({ status: 400 });
});

test('the registry is counted, with every category and every registrant', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  await storeModel(database, { ...newLocks, registrant: { kind: 'git', address: 'https://git.example/locks' } });
  expect(await (await request('/v1/registry/summary')).json()).toMatchObject({
    models: 1,
    versions: 2,
    components: 6,
    relationships: 2,
    versionsByStatus: [{ status: 'enabled', count: 2 }],
    versionsByRegistrantKind: [
      { kind: 'git', count: 1 },
      { kind: 'upload', count: 1 },
    ],
  });
  expect(await listed(await request('/v1/registrants'), 'address')).toEqual(['https://git.example/locks', '']);
  const categories = z.object({ items: z.array(z.object({ name: z.string(), modelCount: z.number() })) });
  const { items } = categories.parse(await (await request('/v1/categories')).json());
  expect(items.filter(({ modelCount }) => modelCount > 0)).toEqual([{ name: 'Security & Compliance', modelCount: 2 }]);
  expect(items).toHaveLength(15);
});
