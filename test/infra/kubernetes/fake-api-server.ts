import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type FakeRequest = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** From 1, over all requests. */
  readonly number: number;
};

export type FakeApiServer = {
  readonly address: string;
  /** A kubeconfig for it, with this user. */
  readonly kubeconfig: (user?: object) => string;
  readonly requests: FakeRequest[];
  readonly socketCount: () => number;
  readonly dropConnections: () => void;
};

type Respond = (request: FakeRequest, response: ServerResponse) => void | Promise<void>;

/** A server that misbehaves as told, for what a real API server does not do on command. Stops with the test. */
export async function startFakeApiServer(respond: Respond): Promise<FakeApiServer> {
  const requests: FakeRequest[] = [];
  let sockets = 0;
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const url = new URL(incoming.url ?? '/', 'http://fake');
    const number = requests.length + 1;
    const request = { method: incoming.method ?? '', url, headers: incoming.headers, body, number };
    requests.push(request);
    await respond(request, response);
  });
  server.on('connection', () => {
    sockets += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const listening = server.address();
  const port = typeof listening === 'object' && listening !== null ? listening.port : 0;
  const address = `http://127.0.0.1:${port}`;
  return {
    address,
    kubeconfig: (user = { token: 'fake-token' }) => kubeconfigFor(address, user),
    requests,
    socketCount: () => sockets,
    dropConnections: () => server.closeAllConnections(),
  };
}

/** A one-context kubeconfig. */
export function kubeconfigFor(server: string, user: object): string {
  return JSON.stringify({
    'current-context': 'fake',
    clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'fake', user }],
    contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'fake' } }],
  });
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

type Status = {
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
};

/** Answers with a Kubernetes Status. */
export function sendStatus(response: ServerResponse, code: number, { retryAfterSeconds, ...status }: Status): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...status });
}

/** A resource to use without discovery, which the fake server lacks. */
export const configMaps = {
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  shortNames: ['cm'],
  categories: [],
  subresources: [],
  preferred: true,
} as const;

/** What discovery asks, answered for ConfigMaps; false for any other request. */
export function answerDiscovery({ url }: FakeRequest, response: ServerResponse): boolean {
  const version = {
    version: 'v1',
    resources: [
      { resource: 'configmaps', responseKind: { kind: 'ConfigMap' }, scope: 'Namespaced', verbs: configMaps.verbs },
    ],
  };
  if (url.pathname !== '/api' && url.pathname !== '/apis') return false;
  const items = url.pathname === '/api' ? [{ metadata: {}, versions: [version] }] : [];
  sendJson(response, 200, { kind: 'APIGroupDiscoveryList', items });
  return true;
}
