import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTokenCheck, loadAccessToken } from '../../api/access-token.ts';
import { createTestApi, problemOf, temporaryFolder, token } from './api-fixture.ts';

const publicPaths = ['/healthz', '/docs', '/docs/:file'];

test('every route but health and the files of the docs page refuses a request without the token', async () => {
  const { app } = await createTestApi();
  const routes = app.routes.filter(({ path }) => !path.includes('*') && !publicPaths.includes(path));
  const paths = new Set(routes.map(({ method, path }) => `${method} ${path}`));
  expect(paths.size).toBeGreaterThan(40);
  for (const route of paths) {
    const [method = '', path = ''] = route.split(' ');
    const response = await app.request(path.replaceAll(/:\w+/g, 'x'), { method });
    expect([route, response.status]).toEqual([route, 401]);
  }
});

test('health and the docs page answer anybody, and show no data', async () => {
  const { app } = await createTestApi();
  expect(await (await app.request('/healthz')).json()).toEqual({ status: 'up' });
  const page = await app.request('/docs');
  expect(page.status).toBe(200);
  expect(await page.text()).not.toContain('/v1/');
});

test('a path that is not there tells a stranger nothing', async () => {
  const { app, request } = await createTestApi();
  expect((await app.request('/v1/nothing')).status).toBe(401);
  expect((await request('/v1/nothing')).status).toBe(404);
});

test.each([
  ['no header', undefined],
  ['another token', `Bearer ${token}x`],
  ['the beginning of the token', `Bearer ${token.slice(0, -1)}`],
  ['another scheme', `Basic ${token}`],
  ['an empty token', 'Bearer '],
])('%s is refused, with what to do', async (_what, authorization) => {
  const { app } = await createTestApi();
  const response = await app.request('/v1/designs', { headers: authorization === undefined ? {} : { authorization } });
  expect(response.headers.get('www-authenticate')).toBe('Bearer realm="slipway"');
  expect(await problemOf(response)).toMatchObject({ status: 401, code: 'unauthenticated', fix: expect.any(String) });
});

test('neither a token nor what was sent is ever logged', async () => {
  const { app, request, logged } = await createTestApi();
  await request('/v1/designs?cursor=secret-in-query');
  await app.request('/v1/designs', { headers: { authorization: 'Bearer some-other-secret-token-of-a-user' } });
  expect(logged.length).toBeGreaterThan(1);
  expect(logged.join('')).not.toMatch(/slp_test|some-other-secret|secret-in-query/);
});

test('the token is made once, also by two processes at once, and only its owner can read the file', async () => {
  const file = join(await temporaryFolder(), 'home', 'token');
  const tokens = await Promise.all([1, 2, 3, 4].map(() => loadAccessToken(file)));
  expect(new Set([...tokens, await loadAccessToken(file)]).size).toBe(1);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('only the whole token passes the check', () => {
  const isToken = createTokenCheck(token);
  expect([token, '', `${token} `, token.toUpperCase()].map(isToken)).toEqual([true, false, false, false]);
});
