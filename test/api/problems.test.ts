import { expect, test } from 'vitest';
import { designs } from '../../infra/database/schema.ts';
import { createTestApi, designSource, json, problemOf, type TestApi, yaml } from './api-fixture.ts';

async function countDesigns({ database }: TestApi): Promise<number> {
  return (await database.read((queries) => queries.select().from(designs))).length;
}

const good = designSource('shop', 'settings');

const aliasBomb = `a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]
g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]
apiVersion: v1
kind: ConfigMap
metadata: { name: bomb, namespace: default }
data: { g: *g }
`;

test.each([
  ['broken YAML', 'a: [1\nb: }', 422],
  ['a duplicate key', good.replace('kind: Design', 'kind: Design\nkind: Design'), 422],
  ['an unknown field', good.replace('kind: Design', 'kind: Design\ncolour: red'), 422],
  [
    'two components for one object',
    `${good}${good.slice(good.indexOf('    - name')).replace('settings', 'other')}`,
    422,
  ],
  ['an invalid object name', good.replace('{ name: settings,', '{ name: Not_Valid,'), 422],
  ['an alias bomb', aliasBomb, 422],
  ['a scalar', 'just text', 422],
])('%s is refused with its place, and nothing is stored', async (_what, source, status) => {
  const api = await createTestApi();
  const problem = await problemOf(await api.request('/v1/designs', yaml('POST', source)));
  expect(problem).toMatchObject({
    status,
    code: 'invalid',
    type: 'urn:slipway:problem:invalid',
    instance: '/v1/designs',
  });
  expect(problem.findings).toEqual(
    expect.arrayContaining([expect.objectContaining({ severity: 'error', message: expect.any(String) })]),
  );
  expect(await countDesigns(api)).toBe(0);
});

test('all errors of a design are told at once, each with its line', async () => {
  const { request } = await createTestApi();
  const source = designSource('shop', 'a', 'b').replaceAll('kind: ConfigMap', 'kind: ConfigMap\n        colour: 1');
  const { findings } = await problemOf(
    await request(
      '/v1/designs',
      yaml('POST', source.replace('{ name: a,', '{ name: A_A,').replace('{ name: b,', '{ name: B_B,')),
    ),
  );
  const errors = (findings ?? []).filter((finding) => finding.severity === 'error');
  expect(errors.length).toBeGreaterThanOrEqual(2);
  expect(errors.every((finding) => finding.line !== undefined)).toBe(true);
});

test.each([
  ['text that is not JSON', '{', 'application/json', 400],
  ['JSON of the wrong type', '[]', 'application/json', 400],
  ['JSON without the source', '{}', 'application/json', 400],
  ['JSON with an unknown field', '{"source":"a: 1","colour":"red"}', 'application/json', 400],
  ['JSON with a wrong type inside', '{"source":1}', 'application/json', 400],
  ['an unknown format', '{"source":"a: 1","format":"toml"}', 'application/json', 400],
  ['bytes that are not UTF-8', new Uint8Array([0x61, 0xff, 0xfe]), 'application/yaml', 400],
  ['an empty body', '', 'application/yaml', 400],
  ['a form', 'a=b', 'application/x-www-form-urlencoded', 415],
  ['an unknown type', 'a: b', 'application/toml', 415],
])('%s is refused as what it is, and nothing is stored', async (...[, body, type, status]) => {
  const api = await createTestApi();
  const response = await api.request('/v1/designs', { method: 'POST', body, headers: { 'content-type': type } });
  expect(await problemOf(response)).toMatchObject({ status, detail: expect.any(String) });
  expect(response.status).toBe(status);
  expect(await countDesigns(api)).toBe(0);
});

test.each([
  ['JSON that ends early', '{"name":', 'application/json', 400],
  ['a type that no request takes', 'a=b', 'text/plain', 415],
])('%s is refused with what to do about it', async (...[, body, type, status]) => {
  const { request } = await createTestApi();
  for (const path of ['/v1/designs', '/v1/connections', '/v1/deployments']) {
    const response = await request(path, { method: 'POST', body, headers: { 'content-type': type } });
    expect(await problemOf(response)).toMatchObject({ status, fix: expect.stringContaining('Content-Type') });
  }
});

test('input errors name every place that is wrong', async () => {
  const { request } = await createTestApi();
  const problem = await problemOf(
    await request('/v1/deployments', json('POST', { design: 7, options: { prune: 'x', a: 1 } })),
  );
  expect(problem.errors?.map(({ path }) => path).toSorted()).toEqual([
    'body.connection',
    'body.design',
    'body.options',
    'body.options.prune',
  ]);
});

test.each(['limit=0', 'limit=1001', 'limit=1e99', 'limit=x', 'limit=1&limit=2', 'cursor=', 'colour=red'])(
  'the query %s is refused',
  async (query) => {
    const { request } = await createTestApi();
    expect(await problemOf(await request(`/v1/designs?${query}`))).toMatchObject({ status: 400, code: 'invalid' });
  },
);

test('ten thousand query parameters get a problem, not a stack trace', async () => {
  const { request } = await createTestApi();
  const query = Array.from({ length: 10_000 }, (_, index) => `p${index}=1`).join('&');
  expect(await problemOf(await request(`/v1/designs?${query}`))).toMatchObject({ status: 400, code: 'invalid' });
});

test('a cursor of no list, or of another one, is refused', async () => {
  const { request } = await createTestApi();
  const ofAnother = Buffer.from('17').toString('base64url');
  for (const cursor of ['nonsense', ofAnother]) {
    expect(await problemOf(await request(`/v1/designs?cursor=${cursor}`))).toMatchObject({ code: 'invalid' });
  }
});

test.each([
  '/v1/designs/none',
  '/v1/connections/none',
  '/v1/deployments/dep_none',
  '/v1/operations/op_none',
  '/v1/operations/op_none/stream',
  '/v1/plans/plan_none',
  '/v1/events/evt_none',
  `/v1/designs/${encodeURIComponent("x' or '1'='1")}`,
  '/nothing',
])('%s is not found, and says so', async (path) => {
  const { request } = await createTestApi();
  expect(await problemOf(await request(path))).toMatchObject({ status: 404, code: 'notFound' });
});

test.each(['/v1/operations/%', '/v1/operations/%ff', `/v1/operations/${'x'.repeat(101)}`, '/v1/designs/x/revisions/0'])(
  'the path %s is refused, not failed on',
  async (path) => {
    const { request } = await createTestApi();
    const response = await request(path);
    expect([400, 404]).toContain(response.status);
    await problemOf(response);
  },
);

test('a method that a path does not have is refused with those that it has', async () => {
  const { request } = await createTestApi();
  const response = await request('/v1/designs', { method: 'PATCH' });
  expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
  expect(await problemOf(response)).toMatchObject({ status: 405 });
});

test('a failure that nobody expected tells the caller its request id and the log the rest', async () => {
  const { app, database, request, logged } = await createTestApi();
  app.get('/broken', () => {
    throw new Error('secret detail');
  });
  await database.close();
  const problem = await problemOf(await request('/broken', { headers: { 'x-request-id': 'req-17' } }));
  expect(problem).toMatchObject({ status: 500, code: 'failed', requestId: 'req-17' });
  expect(JSON.stringify(problem)).not.toContain('secret detail');
  expect(logged.join('')).toContain('secret detail');
});

test('a request id is passed on, or made where there is none that could be', async () => {
  const { request } = await createTestApi();
  const given = await request('/healthz', { headers: { 'x-request-id': 'abc-1' } });
  expect(given.headers.get('x-request-id')).toBe('abc-1');
  const bad = await request('/healthz', { headers: { 'x-request-id': 'a b\tc' } });
  expect(bad.headers.get('x-request-id')).toMatch(/^req_[0-9a-v]+$/);
});
