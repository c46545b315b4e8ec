import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { isApiError } from '../../../infra/kubernetes/api-error.ts';
import {
  type ClusterClient,
  type ClusterClientOptions,
  createClusterClient,
} from '../../../infra/kubernetes/cluster-client.ts';
import {
  answerDiscovery,
  type FakeApiServer,
  type FakeRequest,
  kubeconfigFor,
  sendJson,
  sendStatus,
  startFakeApiServer,
} from './fake-api-server.ts';

const web = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'shop' } };
const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'web' };
const applied = { fieldManager: 'slipway' };

function connect(kubeconfig: string, options: Partial<ClusterClientOptions> = {}): ClusterClient {
  const client = createClusterClient({ kubeconfig, ...options });
  onTestFinished(client.close);
  return client;
}

type Reply = Parameters<Parameters<typeof startFakeApiServer>[0]>[1];

/** A server that answers discovery, and each request for an object by the next of `replies`, the last one for ever. */
async function serverOf(
  ...replies: readonly ((response: Reply, request: FakeRequest) => void)[]
): Promise<FakeApiServer> {
  let count = 0;
  return await startFakeApiServer((request, response) => {
    if (answerDiscovery(request, response)) return;
    const reply = replies[Math.min(count, replies.length - 1)];
    count += 1;
    reply?.(response, request);
  });
}

const succeed = (response: Reply): void => sendJson(response, 200, web);
const fail =
  (code: number, reason: string, message: string) =>
  (response: Reply): void =>
    sendStatus(response, code, { reason, message });

function objectRequests(server: FakeApiServer): readonly FakeRequest[] {
  return server.requests.filter(({ url }) => url.pathname.startsWith('/api/v1'));
}

function limitedFor(retryAfterSeconds: number): (response: Reply) => void {
  return (response) =>
    sendStatus(response, 429, { reason: 'TooManyRequests', message: 'slow down', retryAfterSeconds });
}

test('a 429 is repeated', async () => {
  const server = await serverOf(limitedFor(1), succeed);
  await connect(server.kubeconfig()).apply(web, applied);
  expect(objectRequests(server)).toHaveLength(2);
});

test('a 429 is not repeated before the time that the server names: where that is too long, not at all', async () => {
  const server = await serverOf(limitedFor(30), succeed);
  const client = connect(server.kubeconfig(), { retryForMs: 20_000 });
  await expect(client.apply(web, applied)).rejects.toMatchObject({ code: 'rateLimited', retryAfterSeconds: 30 });
  expect(objectRequests(server)).toHaveLength(1);
});

test('a 429 halves the number of requests at once', async () => {
  const server = await serverOf(fail(429, 'TooManyRequests', 'slow down'), succeed);
  const client = connect(server.kubeconfig());
  await client.apply(web, applied);
  expect(client.load().limit).toBe(8);
});

test.each([
  [500, 'InternalError', 'failed calling webhook "x": connection refused'],
  [502, 'Unknown', 'bad gateway'],
  [503, 'ServiceUnavailable', 'starting'],
])('a %i is repeated until it goes away', async (code, reason, message) => {
  const server = await serverOf(fail(code, reason, message), fail(code, reason, message), succeed);
  await connect(server.kubeconfig()).apply(web, applied);
  expect(objectRequests(server)).toHaveLength(3);
});

test('repeating ends when its time is over, with the last error', async () => {
  const server = await serverOf(fail(503, 'ServiceUnavailable', 'starting'));
  const client = connect(server.kubeconfig(), { retryForMs: 300 });
  await expect(client.get(reference)).rejects.toMatchObject({ code: 'unavailable', status: 503, message: 'starting' });
  await expect(client.get(reference, { retryForMs: 0 })).rejects.toMatchObject({ status: 503 });
});

test.each([
  [400, 'invalid'],
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [409, 'conflict'],
  [413, 'tooLarge'],
  [422, 'invalid'],
])('a %i is not repeated and is %s', async (status, code) => {
  const server = await serverOf(fail(status, 'Refused', 'no'));
  await expect(connect(server.kubeconfig()).apply(web, applied)).rejects.toMatchObject({ status, code, message: 'no' });
  expect(objectRequests(server)).toHaveLength(1);
});

test('an object that etcd finds too large is not tried again', async () => {
  const server = await serverOf(fail(500, 'InternalError', 'etcdserver: request is too large'));
  await expect(connect(server.kubeconfig()).apply(web, applied)).rejects.toMatchObject({ code: 'tooLarge' });
  expect(objectRequests(server)).toHaveLength(1);
});

test('a create that may have gone through is not repeated, one that cannot have is', async () => {
  const broken = await serverOf((response) => response.destroy(), succeed);
  await expect(connect(broken.kubeconfig()).create(web)).rejects.toMatchObject({ code: 'unavailable' });
  expect(objectRequests(broken)).toHaveLength(1);

  const limited = await serverOf(fail(429, 'TooManyRequests', 'slow down'), succeed);
  await connect(limited.kubeconfig()).create(web);
  expect(objectRequests(limited)).toHaveLength(2);

  const hooked = await serverOf(
    fail(500, 'InternalError', 'failed calling webhook "x": no endpoints available'),
    succeed,
  );
  await connect(hooked.kubeconfig()).create(web);
  expect(objectRequests(hooked)).toHaveLength(2);

  const allowed = await serverOf((response) => response.destroy(), succeed);
  await connect(allowed.kubeconfig()).create(web, { repeatable: true });
  expect(objectRequests(allowed)).toHaveLength(2);
});

test('a connection that breaks in the middle of an answer is repeated', async () => {
  const server = await serverOf((response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"apiVersion":');
    setTimeout(() => response.destroy(), 20);
  }, succeed);
  const { object } = await connect(server.kubeconfig()).apply(web, applied);
  expect(object).toEqual(web);
});

test('an API server that is not there is unavailable, and is waited for', async () => {
  const gone = connect(kubeconfigFor('http://127.0.0.1:1', { token: 't' }), { retryForMs: 0 });
  await expect(gone.version()).rejects.toMatchObject({ code: 'unavailable', status: 0, reason: 'ECONNREFUSED' });
});

test('a client tells that its server does not answer while it tries again, and that it answers when it does', async () => {
  const client = connect(kubeconfigFor('http://127.0.0.1:9', { token: 'x' }), { retryForMs: 300 });
  await expect(client.version()).rejects.toMatchObject({ code: 'unavailable' });
  const outage = client.contact.outage();
  expect(outage?.error.message).toMatch(/^no answer from http:\/\/127\.0\.0\.1:9: /u);
  expect(outage?.latest).toBeGreaterThan(outage?.since ?? Infinity);
  expect(client.contact.answeredAt()).toBeUndefined();

  const server = await serverOf(fail(503, 'ServiceUnavailable', 'starting'), fail(404, 'NotFound', 'there is none'));
  const other = connect(server.kubeconfig());
  await expect(other.get(reference, { retryForMs: 0 })).rejects.toMatchObject({ code: 'unavailable' });
  expect(other.contact.outage()?.error.message).toBe('starting');
  await expect(other.get(reference)).rejects.toMatchObject({ code: 'notFound' });
  expect(other.contact.outage()).toBeUndefined();
  expect(other.contact.answeredAt()).toBeDefined();
});

test('a silent server is given up after the timeout', async () => {
  const server = await serverOf(() => undefined);
  const client = connect(server.kubeconfig(), { timeoutMs: 200, retryForMs: 0 });
  await expect(client.get(reference)).rejects.toMatchObject({ code: 'unavailable', reason: 'UND_ERR_HEADERS_TIMEOUT' });
});

test('an answer that is a web page is an error, not a crash', async () => {
  const server = await serverOf((response) => response.end('<html>Sign in</html>'));
  await expect(connect(server.kubeconfig()).get(reference)).rejects.toMatchObject({
    code: 'failed',
    reason: 'UnexpectedAnswer',
  });
});

test('an apply that lost a race is repeated, one that names a resourceVersion is not', async () => {
  const server = await serverOf(fail(409, 'Conflict', 'the object has been modified'), succeed);
  await connect(server.kubeconfig()).apply(web, applied);
  expect(objectRequests(server)).toHaveLength(2);
  const strict = await serverOf(fail(409, 'Conflict', 'the object has been modified'), succeed);
  const versioned = { ...web, metadata: { ...web.metadata, resourceVersion: '5' } };
  await expect(connect(strict.kubeconfig()).apply(versioned, applied)).rejects.toMatchObject({ code: 'conflict' });
});

test('a fired signal ends a request, a wait for a turn, and a wait for a retry, with its reason', async () => {
  const server = await serverOf(() => undefined);
  const client = connect(server.kubeconfig(), { maximumInFlight: 1 });
  const controller = new AbortController();
  const running = client.get(reference, { signal: controller.signal });
  const waiting = client.get(reference, { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('stopped')), 50);
  await expect(running).rejects.toThrow('stopped');
  await expect(waiting).rejects.toThrow('stopped');
  expect(client.load()).toMatchObject({ inFlight: 0, waiting: 0 });

  const failing = await serverOf((response) =>
    sendStatus(response, 503, { reason: 'ServiceUnavailable', message: 'no', retryAfterSeconds: 30 }),
  );
  const retrying = connect(failing.kubeconfig()).get(reference, { signal: AbortSignal.timeout(100) });
  await expect(retrying).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('requests one after another share one socket', async () => {
  const server = await serverOf(succeed);
  const client = connect(server.kubeconfig());
  for (let count = 0; count < 20; count += 1) await client.get(reference);
  expect(server.socketCount()).toBeLessThanOrEqual(2);
});

test('the base path of a server behind a proxy is kept', async () => {
  const server = await startFakeApiServer((_request, response) =>
    sendJson(response, 200, { gitVersion: 'v1', major: '1', minor: '36' }),
  );
  await connect(kubeconfigFor(`${server.address}/k8s/clusters/c-1/`, {})).version();
  expect(server.requests[0]?.url.pathname).toBe('/k8s/clusters/c-1/version');
});

test('the token, the password and impersonation travel in headers', async () => {
  const server = await serverOf(succeed);
  await connect(server.kubeconfig({ token: 'abc' })).get(reference);
  expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer abc');
  await connect(server.kubeconfig({ username: 'u', password: 'p' })).get(reference);
  expect(server.requests.at(-1)?.headers.authorization).toBe(`Basic ${btoa('u:p')}`);
  const user = { token: 'abc', as: 'carol', 'as-groups': ['ops', 'dev'], 'as-user-extra': { scope: ['x'] } };
  await connect(server.kubeconfig(user)).get(reference);
  expect(server.requests.at(-1)?.headers).toMatchObject({
    'impersonate-user': 'carol',
    'impersonate-group': 'ops, dev',
    'impersonate-extra-scope': 'x',
  });
});

test('an expired token file is read again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'old\n');
  const server = await startFakeApiServer((request, response) => {
    if (request.headers.authorization === 'Bearer new')
      return sendJson(response, 200, { gitVersion: 'v1', major: '1', minor: '36' });
    sendStatus(response, 401, { reason: 'Unauthorized', message: 'Unauthorized' });
  });
  const client = connect(server.kubeconfig({ tokenFile }), { trusted: true });
  await expect(client.version()).rejects.toMatchObject({ code: 'unauthenticated' });
  writeFileSync(tokenFile, 'new\n');
  await expect(client.version()).resolves.toMatchObject({ gitVersion: 'v1' });
});

test('a login program gives the token, once for many requests', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-login-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = `echo run >> ${folder}/runs; echo '{"status":{"token":"from-login"}}'`;
  const server = await serverOf(succeed);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
  const client = connect(server.kubeconfig({ exec }), { trusted: true });
  await Promise.all(Array.from({ length: 10 }, () => client.get(reference)));
  expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer from-login')).toBe(true);
  expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n');
});

test('a login program that fails is named', async () => {
  const server = await serverOf(succeed);
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: ['-c', 'echo not today >&2; exit 1'],
  };
  const client = connect(server.kubeconfig({ exec }), { trusted: true });
  await expect(client.version()).rejects.toMatchObject({ code: 'unauthenticated', message: /sh.*not today/ });
});

test('no error shows the credential', async () => {
  const user = { token: 'very-secret-token' };
  const server = await serverOf(fail(403, 'Forbidden', 'no'));
  const refused: unknown = await connect(server.kubeconfig(user))
    .get(reference)
    .catch((error: unknown) => error);
  const down = connect(kubeconfigFor('http://127.0.0.1:1', user), { retryForMs: 0 });
  const broken: unknown = await down.get(reference).catch((error: unknown) => error);
  expect(isApiError(refused) && isApiError(broken)).toBe(true);
  expect(inspect([refused, broken], { depth: 20, showHidden: true })).not.toContain('very-secret-token');
});

test('warnings of the API server are given with the result', async () => {
  const server = await serverOf((response) => {
    response.setHeader('warning', ['299 - "unknown field \\"spec.x\\""', '299 - "v1beta1 is deprecated"']);
    sendJson(response, 201, web);
  });
  const { warnings, created } = await connect(server.kubeconfig()).apply(web, applied);
  expect(warnings).toEqual(['unknown field "spec.x"', 'v1beta1 is deprecated']);
  expect(created).toBe(true);
});

test('a server without aggregated discovery is asked group by group, and a dead group does not hide the rest', async () => {
  const answers: Record<string, unknown> = {
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: [
        { name: 'apps', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } },
        { name: 'metrics', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } },
      ],
    },
    '/api/v1': { resources: [{ name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'] }] },
    '/apis/apps/v1': {
      resources: [
        { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] },
        { name: 'deployments/scale', kind: 'Scale', namespaced: true, verbs: ['get'] },
      ],
    },
  };
  const server = await startFakeApiServer(({ url }, response) => {
    const answer = answers[url.pathname];
    if (answer !== undefined) return sendJson(response, 200, answer);
    sendStatus(response, 503, { reason: 'ServiceUnavailable', message: 'the server is currently unable' });
  });
  const { resources, unavailable, preferredVersions } = await connect(server.kubeconfig()).discovery.all();
  expect(resources.map(({ apiVersion, plural }) => `${apiVersion} ${plural}`)).toEqual([
    'v1 pods',
    'apps/v1 deployments',
  ]);
  expect(resources[1]).toMatchObject({ group: 'apps', subresources: ['scale'], preferred: true });
  expect(unavailable).toEqual(['metrics/v1']);
  expect(preferredVersions.get('apps')).toBe('v1');
});

test('many questions at once cause one look at what is served', async () => {
  const server = await serverOf(succeed);
  const client = connect(server.kubeconfig());
  await Promise.all(Array.from({ length: 50 }, () => client.get(reference)));
  expect(server.requests.filter(({ url }) => url.pathname === '/apis')).toHaveLength(1);
});

test('a path that is no longer served makes the client look again', async () => {
  const server = await serverOf((response) => {
    response.writeHead(404);
    response.end('404 page not found');
  }, succeed);
  await connect(server.kubeconfig()).get(reference);
  expect(server.requests.filter(({ url }) => url.pathname === '/apis')).toHaveLength(2);
});
