import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type WebServer = {
  readonly url: string;
  readonly address: string;
  /** What was asked so far. */
  readonly requests: readonly IncomingMessage[];
};

/** An HTTP server on a free port of loopback, until the test ends. */
export async function startWebServer(answer: RequestListener, host = '127.0.0.1'): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const { port } = addressOf(server.address());
  const address = `${host}:${port}`;
  return { url: `http://${address}`, address, requests };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address;
}
