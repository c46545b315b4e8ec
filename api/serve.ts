import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { SlipwayError } from '../domain/errors.ts';
import type { createApi } from './app.ts';

export type ServeOptions = {
  readonly api: Pick<ReturnType<typeof createApi>, 'fetch' | 'closeStreams'>;
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** How long requests under way may take once the server is told to stop. */
  readonly drainMs?: number;
};

export type RunningServer = {
  /** `http://127.0.0.1:4780` */
  readonly url: string;
  /** Takes no more requests, ends live streams, waits for what is under way. */
  readonly stop: () => Promise<void>;
};

const defaultDrainMs = 10_000;
const idleCheckMs = 50;

/** Idle connections live longer than those of the usual clients and proxies, which would lose a request to one just closed. */
const timeouts = { headersTimeout: 30_000, requestTimeout: 120_000, keepAliveTimeout: 65_000 } as const;

/** Listens for HTTP. Throws SlipwayError `invalid` where the address cannot be listened on. */
export async function serveApi({ api, host, port, drainMs = defaultDrainMs }: ServeOptions): Promise<RunningServer> {
  const server = createServer(
    timeouts,
    getRequestListener((request) => api.fetch(request)),
  );
  const address = await listen(server, { host, port });
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    async stop() {
      api.closeStreams();
      await drain(server, drainMs);
    },
  };
}

function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new SlipwayError('invalid', `the API cannot listen on ${host}:${port}: ${error.message}`, {
          cause: error,
          fix: 'Stop what listens there, or choose another port in SLIPWAY_PORT.',
        }),
      ),
    );
    server.listen(port, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address);
    });
  });
}

/** Connections that are kept alive close as they become idle; what is left after `drainMs` is cut off. */
async function drain(server: Server, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const idle = setInterval(() => server.closeIdleConnections(), idleCheckMs);
  const deadline = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(idle);
  clearTimeout(deadline);
}
