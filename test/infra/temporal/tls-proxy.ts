import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

export type TlsProxyOptions = {
  /** Address of the Temporal server behind it, which speaks no TLS. */
  readonly upstream: string;
  readonly certificate: SecureContextOptions;
  /** The authority of client certificates; without one none is asked for. */
  readonly clientAuthority?: Buffer;
  /** The API key that every request must carry. */
  readonly apiKey?: string;
};

/** Ends TLS before a Temporal server, and checks client certificates and API keys as Temporal Cloud does. */
export type TlsProxy = { readonly address: string; readonly stop: () => Promise<void> };

/** Starts a proxy on a port of this machine. */
export async function startTlsProxy(options: TlsProxyOptions): Promise<TlsProxy> {
  let upstream = connectUpstream(options.upstream);
  // A Temporal server ends each connection after some minutes.
  const openUpstream = (): ClientHttp2Session => {
    if (upstream.closed || upstream.destroyed) upstream = connectUpstream(options.upstream);
    return upstream;
  };
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({
    ...options.certificate,
    ...(options.clientAuthority === undefined
      ? {}
      : { ca: options.clientAuthority, requestCert: true, rejectUnauthorized: true }),
  });
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
    session.on('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (options.apiKey !== undefined && headers.authorization !== `Bearer ${options.apiKey}`) refuse(stream);
    else forward(stream, headers, openUpstream());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${portOf(server.address())}`,
    async stop() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function connectUpstream(address: string): ClientHttp2Session {
  return connect(`http://${address}`).on('error', () => undefined);
}

function refuse(stream: ServerHttp2Stream): void {
  const answer = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' };
  stream.respond({ ...answer, 'grpc-message': 'Request unauthorized.' }, { endStream: true });
}

function forward(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, upstream: ClientHttp2Session): void {
  const { authorization: _authorization, ...rest } = headers;
  const forwarded = upstream.request({ ...rest, ':authority': 'upstream', ':scheme': 'http' });
  let trailers: IncomingHttpHeaders = {};
  forwarded.on('error', () => stream.destroy());
  forwarded.on('trailers', (received) => {
    trailers = received;
  });
  forwarded.on('response', ({ ...received }, flags) => {
    const isWhole = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (stream.destroyed) return;
    stream.respond(received, isWhole ? { endStream: true } : { waitForTrailers: true });
    if (!isWhole) forwarded.pipe(stream);
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.on('aborted', () => forwarded.close(constants.NGHTTP2_CANCEL));
  stream.pipe(forwarded);
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
