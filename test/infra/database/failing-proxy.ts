import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** What happens to one request: it is answered so without reaching the server, or it reaches it and the answer is lost. */
export type Obstacle = { readonly status: number; readonly body?: object } | 'lose the answer';

/** Stands between a client and a database server, and fails requests as servers and networks do. */
export type FailingProxy = {
  readonly url: string;
  /** What happens to the next requests, in this order; those after them pass. */
  readonly fail: (...obstacles: readonly Obstacle[]) => void;
  /** Requests that have come so far. */
  readonly requests: () => number;
};

/** What `sqld` answers for a stream that was idle for too long. */
export const expiredStream: Obstacle = {
  status: 400,
  body: { message: 'The stream has expired due to inactivity', code: 'STREAM_EXPIRED' },
};

/** Starts a proxy before the server on this port of this machine; it is gone after the test. */
export async function startFailingProxy(port: number): Promise<FailingProxy> {
  const pending: Obstacle[] = [];
  let requests = 0;
  const server = createServer((incoming, outgoing) => {
    requests += 1;
    void answer(incoming, outgoing, { port, obstacle: pending.shift() });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    fail: (...obstacles) => void pending.push(...obstacles),
    requests: () => requests,
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { port, obstacle }: { readonly port: number; readonly obstacle: Obstacle | undefined },
): Promise<void> {
  const body = await buffer(incoming);
  if (typeof obstacle === 'object') {
    outgoing.writeHead(obstacle.status, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify(obstacle.body ?? { error: 'refused by the test' }));
    return;
  }
  const { method = 'GET', url = '/', headers } = incoming;
  const forwarded = request({ host: '127.0.0.1', port, method, path: url, headers });
  forwarded.on('error', () => outgoing.destroy());
  forwarded.on('response', (received) => {
    if (obstacle === undefined) received.pipe(outgoing.writeHead(received.statusCode ?? 502, received.headers));
    else received.resume().on('end', () => outgoing.destroy());
  });
  forwarded.end(body);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
