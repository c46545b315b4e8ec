import { expect, test } from 'vitest';
import { readCredential, readSourceCredential } from '../../infra/database/connections.ts';
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
  const repository = await bodyOf(
    api.request('/v1/connections', json('POST', { kind: 'git', name: 'models', url: 'https://git.example.com/a' })),
  );
  for (const id of [connection, repository.id]) {
    const response = await api.request(`/v1/connections/${id}/test`, { method: 'POST' });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ kind: 'connectionTest', connectionId: id, state: 'queued' });
  }
});

const secrets = ['very-secret-token', 'very-secret-password', 'QUFBQQ'];
const sshKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nQUFBQQ\n-----END OPENSSH PRIVATE KEY-----\n';

test.each([
  ['git', 'https://git.example.com/models', { token: 'very-secret-token' }],
  ['git', 'git@git.example.com:models', { sshPrivateKey: sshKey }],
  ['helm', 'https://charts.example.com', { username: 'ann', password: 'very-secret-password' }],
  ['oci', 'ghcr.io', undefined],
])('a %s connection to %s is registered, and its credential is never shown', async (kind, url, credential) => {
  const { request, database, logged } = await createTestApi();
  const created = await request('/v1/connections', json('POST', { kind, name: 'models', url, credential }));
  expect(created.status).toBe(201);
  const text = `${await created.text()}${await (await request('/v1/connections/models')).text()}${logged.join('')}`;
  for (const secret of secrets) expect(text).not.toContain(secret);
  const stored = { kind, server: url, credential: credential ?? {} };
  expect(await readSourceCredential(database, 'models')).toEqual(stored);
  expect((await listOf(request(`/v1/connections?kind=${kind}`))).items).toHaveLength(1);
  expect((await listOf(request('/v1/connections?kind=kubernetes'))).items).toHaveLength(0);
});

test.each([
  [400, 'body.kind', { kind: 'ftp', url: 'https://a.example' }],
  [400, 'body.credential', { kind: 'git', url: 'https://a.example', credential: { username: 'a' } }],
  [422, 'url', { kind: 'git', url: 'https://a:very-secret-password@a.example' }],
  [422, 'credential', { kind: 'git', url: 'git@a.example:b' }],
])('a wrong source is refused with %i at %s, and nothing is stored', async (status, path, body) => {
  const { request } = await createTestApi();
  const problem = await problemOf(await request('/v1/connections', json('POST', { name: 'a', ...body })));
  expect(problem).toMatchObject({ status, errors: [expect.objectContaining({ path })] });
  expect(JSON.stringify(problem)).not.toContain('very-secret-password');
  expect((await listOf(request('/v1/connections'))).items).toEqual([]);
});

test('nothing is deployed to a repository', async () => {
  const api = await createTestApi();
  const { design } = await storeTarget(api);
  await api.request('/v1/connections', json('POST', { kind: 'git', name: 'models', url: 'https://git.example.com/a' }));
  const isRefused = { status: 422, code: 'invalid', kind: 'git', fix: expect.any(String) };
  const target = { design, connection: 'models' };
  expect(await problemOf(await api.request('/v1/deployments', json('POST', target)))).toMatchObject(isRefused);
  expect(await problemOf(await api.request('/v1/plans', json('POST', { ...target, kind: 'deploy' })))).toMatchObject(
    isRefused,
  );
});

test('a credential is replaced for the same server, and for another only when that is said', async () => {
  const { request, database } = await createTestApi();
  const { id } = await bodyOf(request('/v1/connections', json('POST', { name: 'prod', kubeconfig })));
  const renewed = kubeconfig.replace('very-secret-token', 'newer-secret-token');
  const same = await request('/v1/connections/prod/credential', json('PUT', { kubeconfig: renewed }));
  expect(await same.json()).toMatchObject({ name: 'prod', status: 'registered' });
  expect(await readCredential(database, id)).toContain('newer-secret-token');

  const elsewhere = kubeconfig.replace('127.0.0.1:6443', '10.0.0.1:6443');
  const put = (body: object) => request('/v1/connections/prod/credential', json('PUT', body));
  expect(await problemOf(await put({ kubeconfig: elsewhere }))).toMatchObject({ status: 409, fix: expect.any(String) });
  expect(await readCredential(database, id)).toContain('newer-secret-token');
  const moved = await put({ kubeconfig: elsewhere, acceptNewServer: true });
  expect(await moved.json()).toMatchObject({ server: 'https://10.0.0.1:6443' });
});

test('a credential of another kind than the connection is refused', async () => {
  const { request, database } = await createTestApi();
  const url = 'https://git.example.com/models';
  await request('/v1/connections', json('POST', { kind: 'git', name: 'models', url }));
  const put = (body: object) => request('/v1/connections/models/credential', json('PUT', body));
  expect((await put({ kind: 'git', credential: { token: 'very-secret-token' } })).status).toBe(200);
  expect(await problemOf(await put({ kubeconfig }))).toMatchObject({ status: 422 });
  expect(await problemOf(await put({ kind: 'git', credential: { sshPrivateKey: sshKey } }))).toMatchObject({
    status: 422,
  });
  expect(await readSourceCredential(database, 'models')).toMatchObject({ credential: { token: 'very-secret-token' } });
});
