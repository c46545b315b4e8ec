import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export type WebServer = {
  readonly url: string;
  readonly address: string;
  /** What was asked so far. */
  readonly requests: readonly IncomingMessage[];
};

const tls = join(import.meta.dirname, '../../fixtures/tls');

/** The certificate of `startTlsServer`, which is its own authority. */
export const tlsCertificate = readFileSync(join(tls, 'server.crt'), 'utf8');

/** An HTTP server on a free port of loopback, until the test ends. */
export async function startWebServer(answer: RequestListener, host = '127.0.0.1'): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const address = await listen(createServer(noting(requests, answer)), host);
  return { url: `http://${address}`, address, requests };
}

/** The same by HTTPS. */
export async function startTlsServer(answer: RequestListener): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const key = readFileSync(join(tls, 'server.key'), 'utf8');
  const address = await listen(createTlsServer({ cert: tlsCertificate, key }, noting(requests, answer)), '127.0.0.1');
  return { url: `https://${address}`, address, requests };
}

function noting(requests: IncomingMessage[], answer: RequestListener): RequestListener {
  return (request, response) => {
    requests.push(request);
    answer(request, response);
  };
}

async function listen(server: Server, host: string): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  return `${host}:${addressOf(server.address()).port}`;
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}
