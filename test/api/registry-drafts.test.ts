import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApi, json, problemOf, type TestApi } from './api-fixture.ts';
import { newLocks, oldLocks, storeModel } from './registry-fixture.ts';

const draftSchema = z.looseObject({ id: z.string(), revision: z.number() });
const key = (kind: string) => encodeURIComponent(`${kind}@locks.example/v1`);
const schema = { type: 'object', properties: { spec: { type: 'object' } } };

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: chains.locks.example }
spec:
  group: locks.example
  scope: Namespaced
  names: { kind: Chain, plural: chains, singular: chain }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object } } } }
`;

async function begin({ request }: Pick<TestApi, 'request'>, body: object = { name: 'locks', version: 'v3.0.0' }) {
  const answer = await request('/v1/model-drafts', json('POST', body));
  expect(answer.status).toBe(201);
  const draft = draftSchema.parse(await answer.json());
  expect(answer.headers.get('location')).toBe(`/v1/model-drafts/${draft.id}`);
  return draft.id;
}

test('a model is made step by step: described, filled, looked at, and emptied again', async () => {
  const api = await createTestApi();
  const path = `/v1/model-drafts/${await begin(api)}`;
  let revision = 0;
  const send = (method: string, place: string, body?: object) => {
    revision += 1;
    return api.request(`${path}${place}`, json(method, body, { 'if-match': `"${revision}"` }));
  };
  await send('PATCH', '', { description: 'Locks of ours', category: 'Tools' });
  await send('PUT', `/components/${key('Lock')}`, { schema, scope: 'cluster' });
  await send('POST', '/components', { crd });
  const selectors = [{ allow: { from: [{ kind: 'Lock' }], to: [{ kind: 'Chain' }] } }];
  await send('PUT', '/relationships/lock-chain', { kind: 'edge', type: 'binding', selectors });
  await send('PUT', '/profiles/tight', { component: 'Lock@locks.example/v1', values: { turns: 2 } });
  const last = await send('PUT', '/samples/door', { source: 'kind: Lock' });
  expect(last.headers.get('etag')).toBe('"7"');
  expect(await last.json()).toMatchObject({
    revision: 7,
    model: { name: 'locks', version: 'v3.0.0', displayName: 'Locks', description: 'Locks of ours', category: 'Tools' },
    members: [
      { type: 'component', key: 'Lock@locks.example/v1' },
      { type: 'component', key: 'Chain@locks.example/v1' },
      { type: 'relationship', key: 'lock-chain' },
      { type: 'profile', key: 'tight' },
      { type: 'sample', key: 'door' },
    ],
  });
  expect(await (await api.request(`${path}/components/${key('Lock')}`)).json()).toMatchObject({
    schema,
    scope: 'cluster',
  });
  expect(await (await api.request(`${path}/relationships/lock-chain`)).json()).toMatchObject({
    foundBy: { how: 'written' },
  });
  const emptied = await send('DELETE', '/samples/door');
  expect(await emptied.json()).toMatchObject({ revision: 8 });
  const missing = await api.request(`${path}/samples/door`, { method: 'DELETE', headers: { 'if-match': '"8"' } });
  expect(await problemOf(missing)).toMatchObject({ status: 404 });
  expect(await (await api.request('/v1/model-drafts')).json()).toMatchObject({
    items: [{ memberCount: 4, revision: 8 }],
  });
  expect((await send('DELETE', '')).status).toBe(204);
  expect((await api.request(path)).status).toBe(404);
});

test('a change needs the tag of what it changes, and of two at once one wins', async () => {
  const api = await createTestApi();
  const path = `/v1/model-drafts/${await begin(api)}`;
  const patch = (description: string, headers = {}) => api.request(path, json('PATCH', { description }, headers));
  expect(await problemOf(await patch('a'))).toMatchObject({ status: 428 });
  expect(await problemOf(await patch('a', { 'if-match': '"9"' }))).toMatchObject({ status: 412, revision: 1 });
  const both = await Promise.all(['a', 'b'].map((text) => patch(text, { 'if-match': '"1"' })));
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  expect((await patch('c', { 'if-match': '*' })).status).toBe(200);
});

test.each([
  ['a name that no model can have', 'POST', '', { name: 'Not Valid', version: '1' }, 400],
  ['nothing to change', 'PATCH', '', {}, 400],
  ['a key without a version', 'PUT', '/components/Lock', { schema }, 400],
  ['a text without a CustomResourceDefinition', 'POST', '/components', { crd: 'kind: Pod' }, 422],
  [
    'a CustomResourceDefinition that no cluster takes',
    'POST',
    '/components',
    { crd: crd.replace('type: object', 'type: thing') },
    422,
  ],
  [
    'a relationship with a selector that is none',
    'PUT',
    '/relationships/x',
    { kind: 'edge', type: '', selectors: [{ allow: 1 }] },
    422,
  ],
])('%s is refused with its place', async (...[, method, place, body, status]) => {
  const api = await createTestApi();
  const id = await begin(api);
  const path = method === 'POST' && place === '' ? '/v1/model-drafts' : `/v1/model-drafts/${id}${place}`;
  const problem = await problemOf(await api.request(path, json(method, body, { 'if-match': '*' })));
  expect(problem.status).toBe(status);
  expect(await (await api.request(`/v1/model-drafts/${id}`)).json()).toMatchObject({ revision: 1, members: [] });
});

test('a draft of a version that is there begins with all that it holds, and its review shows what publishing would change', async () => {
  const api = await createTestApi();
  await storeModel(api.database, oldLocks);
  await storeModel(api.database, newLocks);
  const path = `/v1/model-drafts/${await begin(api, { from: 'locks@v1.0.0' })}`;
  const review = async () => (await api.request(`${path}/review`)).json();
  expect(await review()).toMatchObject({
    publishable: true,
    change: 'unchanged',
    members: [],
    current: { revision: 1 },
  });
  const any = { 'if-match': '*' };
  await api.request(`${path}/components/${key('Lock')}`, json('PUT', { schema }, any));
  await api.request(`${path}/components/${key('Door')}`, json('PUT', { schema }, any));
  await api.request(`${path}/components/${key('Bell')}`, { method: 'DELETE', headers: any });
  expect(await review()).toMatchObject({
    change: 'changed',
    members: [
      { type: 'component', key: 'Door@locks.example/v1', action: 'changed' },
      { type: 'component', key: 'Lock@locks.example/v1', action: 'added' },
      { type: 'component', key: 'Bell@locks.example/v1', action: 'removed' },
    ],
  });
  await api.request(path, json('PATCH', { version: 'v9.0.0' }, any));
  expect(await review()).toMatchObject({ change: 'added', current: null });
});

test('a draft that is being published cannot be changed, and the operation is told', async () => {
  const api = await createTestApi();
  const path = `/v1/model-drafts/${await begin(api)}`;
  const any = { 'if-match': '*' };
  await api.request(`${path}/components/${key('Lock')}`, json('PUT', { schema }, any));
  const accepted = await api.request(`${path}/publish`, { method: 'POST', headers: any });
  expect(accepted.status).toBe(202);
  const operation = z.looseObject({ id: z.string() }).parse(await accepted.json());
  expect(operation).toMatchObject({ kind: 'modelGeneration', state: 'queued' });
  const refused = await problemOf(await api.request(path, json('PATCH', { description: 'late' }, any)));
  expect(refused).toMatchObject({ status: 409, operationId: operation.id });
  expect(await (await api.request(path)).json()).toMatchObject({ operationId: operation.id });
});

test('a review tells all that is wrong, by member, and such a draft is not published', async () => {
  const api = await createTestApi();
  const path = `/v1/model-drafts/${await begin(api)}`;
  const review = async () => (await api.request(`${path}/review`)).json();
  expect(await review()).toMatchObject({ publishable: false, findings: [{ code: 'model.empty' }] });
  const any = { 'if-match': '*' };
  const broken = { schema: { type: 'object', properties: { a: { $ref: '#/nowhere' } } } };
  await api.request(`${path}/components/${key('Lock')}`, json('PUT', broken, any));
  await api.request(`${path}/profiles/tight`, json('PUT', { component: 'Bolt@v1', values: {} }, any));
  await api.request(`${path}/samples/door`, json('PUT', { source: 'kind: [' }, any));
  const reviewed = z.object({ publishable: z.boolean(), findings: z.array(z.looseObject({ subject: z.string() })) });
  const { publishable, findings } = reviewed.parse(await review());
  expect(publishable).toBe(false);
  expect(new Set(findings.map(({ subject }) => subject))).toEqual(
    new Set(['component Lock@locks.example/v1', 'profile tight', 'sample door']),
  );
  const refused = await problemOf(await api.request(`${path}/publish`, { method: 'POST', headers: any }));
  expect(refused).toMatchObject({ status: 422, findings: expect.arrayContaining(findings) });
  expect(await (await api.request(path)).json()).toMatchObject({ operationId: null });
});
