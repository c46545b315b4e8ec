import { expect, test } from 'vitest';
import {
  bodyOf,
  createTestApi,
  deploy,
  designSource,
  json,
  listOf,
  problemOf,
  storeTarget,
  yaml,
} from './api-fixture.ts';

const source = designSource('shop', 'settings');

test('a design is stored as YAML or JSON, read by id and by name, and listed', async () => {
  const { request, client } = await createTestApi();
  const created = await request('/v1/designs', yaml('POST', source));
  expect(created.status).toBe(201);
  const design = await bodyOf(created);
  expect(design).toMatchObject({ name: 'shop', revision: 1, format: 'slipway', componentCount: 1 });
  expect(created.headers.get('location')).toBe(`/v1/designs/${design.id}`);
  expect(created.headers.get('etag')).toBe('"1"');
  const other = await client.v1.designs.$post({ json: { name: 'other shop', source }, query: {} });
  expect(await other.json()).toMatchObject({ name: 'other shop' });
  for (const name of [design.id, 'shop']) {
    expect(await (await request(`/v1/designs/${name}`)).json()).toEqual(design);
  }
  expect((await request('/v1/designs/other%20shop')).status).toBe(200);
  const { items } = await listOf(request('/v1/designs'));
  expect(items.map(({ name }) => name)).toEqual(['other shop', 'shop']);
});

test('the name of a design is taken once', async () => {
  const { request } = await createTestApi();
  await request('/v1/designs', yaml('POST', source));
  expect(await problemOf(await request('/v1/designs', yaml('POST', source)))).toMatchObject({ status: 409 });
});

test('pages of a list hold every design once, and end', async () => {
  const { request } = await createTestApi();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await request(`/v1/designs?name=${name}`, yaml('POST', source));
  const seen: (string | undefined)[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Awaited<ReturnType<typeof listOf>> = await listOf(
      request(`/v1/designs?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`),
    );
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(names);
});

test('an update needs the tag of what it changes, and makes a revision only of a change', async () => {
  const { request } = await createTestApi();
  await request('/v1/designs', yaml('POST', source));
  const changed = source.replace('hello', 'good evening');
  const put = (body: string, headers = {}) => request('/v1/designs/shop', yaml('PUT', body, headers));
  expect(await problemOf(await put(changed))).toMatchObject({ status: 428, code: 'preconditionRequired' });
  expect(await problemOf(await put(changed, { 'if-match': '"7"' }))).toMatchObject({ status: 412, revision: 1 });
  expect(await problemOf(await put(changed, { 'if-match': '1' }))).toMatchObject({ status: 400 });
  const updated = await put(changed, { 'if-match': '"1"' });
  expect([updated.status, updated.headers.get('etag')]).toEqual([200, '"2"']);
  const same = await put(changed, { 'if-match': '"2"' });
  expect(await same.json()).toMatchObject({ revision: 2 });
  expect((await put(source, { 'if-match': '*' })).headers.get('etag')).toBe('"3"');
});

test('of two updates of one revision only one wins', async () => {
  const { request } = await createTestApi();
  await request('/v1/designs', yaml('POST', source));
  const put = (greeting: string) =>
    request('/v1/designs/shop', yaml('PUT', source.replace('hello', greeting), { 'if-match': '"1"' }));
  const statuses = (await Promise.all([put('a'), put('b')])).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 412]);
});

test('revisions are listed, newest first, and each is read with what it declares', async () => {
  const { request, client } = await createTestApi();
  await request('/v1/designs', yaml('POST', source));
  await request('/v1/designs/shop', yaml('PUT', source.replace('hello', 'bye'), { 'if-match': '"1"' }));
  const list = await client.v1.designs[':design'].revisions.$get({ param: { design: 'shop' }, query: {} });
  expect((await list.json()).items.map(({ revision }) => revision)).toEqual([2, 1]);
  const param = { design: 'shop', revision: '1' };
  const first = await client.v1.designs[':design'].revisions[':revision'].$get({ param });
  expect((await first.json()).design.components[0]?.object).toMatchObject({ data: { greeting: 'hello' } });
  expect((await request('/v1/designs/shop/revisions/3')).status).toBe(404);
});

test('a comparison of two revisions names the object and the field that changed', async () => {
  const { request } = await createTestApi();
  await request('/v1/designs', yaml('POST', source));
  await request('/v1/designs/shop', yaml('PUT', source.replace('hello', 'bye'), { 'if-match': '"1"' }));
  const answer = await request('/v1/designs/shop/compare?from=1&to=2');
  expect(await answer.json()).toMatchObject({
    changes: [
      {
        component: 'settings',
        action: 'changed',
        diff: [{ path: 'object.data.greeting', before: 'hello', after: 'bye' }],
      },
    ],
    design: [],
  });
  const same = await request('/v1/designs/shop/compare?from=2&to=2');
  expect(await same.json()).toEqual({ changes: [], design: [] });
});

test('a design is given back as it was sent, as a Slipway design and as manifests', async () => {
  const { request } = await createTestApi();
  await request('/v1/designs', yaml('POST', source));
  const given = await request('/v1/designs/shop/export?format=source');
  expect(await given.text()).toBe(source);
  expect(given.headers.get('content-type')).toContain('application/yaml');
  const manifests = await (await request('/v1/designs/shop/export?format=manifests')).text();
  expect(manifests).toContain('kind: ConfigMap');
  expect(manifests).not.toContain('slipway.dev/v1');
  const slipway = await (await request('/v1/designs/shop/export?format=slipway')).text();
  const again = await request('/v1/designs?name=again', yaml('POST', slipway));
  expect(await again.json()).toMatchObject({ componentCount: 1 });
});

test('validate tells every finding and stores nothing', async () => {
  const { request } = await createTestApi();
  const good = await request('/v1/designs/validate', yaml('POST', source));
  expect(await good.json()).toMatchObject({ valid: true, design: { name: 'shop', componentCount: 1 } });
  const bad = await request(
    '/v1/designs/validate',
    json('POST', { source: source.replace('settings,', 'Not_Valid,') }),
  );
  expect(bad.status).toBe(200);
  expect(await bad.json()).toMatchObject({ valid: false });
  expect((await listOf(request('/v1/designs'))).items).toEqual([]);
});

test('a design that is deployed is not deleted; one that is not goes with its revisions', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  await deploy(api, target);
  const remove = (name: string, headers = { 'if-match': '"1"' }) =>
    api.request(`/v1/designs/${name}`, { method: 'DELETE', headers });
  expect(await problemOf(await remove(target.design))).toMatchObject({ status: 409, code: 'conflict' });
  await api.request('/v1/designs', yaml('POST', source));
  expect((await api.request('/v1/designs/shop', { method: 'DELETE' })).status).toBe(428);
  expect((await remove('shop')).status).toBe(204);
  expect((await remove('shop')).status).toBe(404);
});

test('the published schema describes the format that is read', async () => {
  const { request } = await createTestApi();
  const schema = await (await request('/v1/schemas/design.json')).json();
  expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
});
