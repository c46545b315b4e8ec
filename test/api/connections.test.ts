import { expect, test } from 'vitest';
import { bodyOf, createTestApi, deploy, json, kubeconfig, listOf, problemOf, storeTarget } from './api-fixture.ts';

test('a connection is registered, read and forgotten, and its credential is never shown', async () => {
  const { request, logged } = await createTestApi();
  const created = await request('/v1/connections', json('POST', { name: 'prod', kubeconfig }));
  expect(created.status).toBe(201);
  const connection = await bodyOf(created);
  expect(connection).toMatchObject({ name: 'prod', server: 'https://127.0.0.1:6443', status: 'registered' });
  const read = await (await request('/v1/connections/prod')).text();
  const list = await (await request('/v1/connections')).text();
  expect(`${JSON.stringify(connection)}${read}${list}${logged.join('')}`).not.toContain('very-secret-token');
  expect((await request(`/v1/connections/${connection.id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await request('/v1/connections/prod')).status).toBe(404);
});

test.each([
  ['runs a program', 'exec: { apiVersion: client.authentication.k8s.io/v1, command: /bin/sh }'],
  ['reads a token file', 'tokenFile: /etc/shadow'],
  ['reads a key file', 'client-key: /root/.ssh/id_rsa'],
])('a kubeconfig that %s on the server is refused', async (_what, user) => {
  const { request } = await createTestApi();
  const dangerous = kubeconfig.replace('token: very-secret-token', user);
  const problem = await problemOf(await request('/v1/connections', json('POST', { name: 'a', kubeconfig: dangerous })));
  expect(problem).toMatchObject({ status: 422, code: 'invalid', fix: expect.any(String) });
  expect((await listOf(request('/v1/connections'))).items).toEqual([]);
});

test.each([
  ['a broken kubeconfig', 'a: [', 422],
  ['another YAML', 'a: b', 422],
  ['a context that it lacks', kubeconfig.replace('current-context: test', 'current-context: other'), 422],
])('%s is refused without a word of what it holds', async (_what, text, status) => {
  const { request } = await createTestApi();
  const problem = await problemOf(await request('/v1/connections', json('POST', { name: 'a', kubeconfig: text })));
  expect(problem).toMatchObject({ status });
  expect(JSON.stringify(problem)).not.toContain('very-secret-token');
});

test('a name that cannot be in a path is refused', async () => {
  const { request } = await createTestApi();
  const response = await request('/v1/connections', json('POST', { name: '../x', kubeconfig }));
  expect(await problemOf(response)).toMatchObject({
    status: 400,
    errors: [expect.objectContaining({ path: 'body.name' })],
  });
});

test('a connection on which something is deployed stays', async () => {
  const api = await createTestApi();
  const target = await storeTarget(api);
  const { deploymentId } = await deploy(api, target);
  const response = await api.request(`/v1/connections/${target.connection}`, { method: 'DELETE' });
  expect(await problemOf(response)).toMatchObject({ status: 409, deploymentId });
});

test('a test of a connection is an operation', async () => {
  const api = await createTestApi();
  const { connection } = await storeTarget(api);
  const response = await api.request(`/v1/connections/${connection}/test`, { method: 'POST' });
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({ kind: 'connectionTest', connectionId: connection, state: 'queued' });
});
