import { Agent, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import { type Credentials, createCredentialSource, type RequestHeaders } from './credentials.ts';
import type { ClusterAccess } from './kubeconfig.ts';

/** The open sockets to one API server, and the headers that say who is asking. */
export type Session = {
  readonly headers: RequestHeaders;
  /** For requests: at most `connections` sockets. */
  readonly requests: Dispatcher;
  /** For watches, which each hold a socket for minutes. */
  readonly watches: Dispatcher;
};

export type Connection = {
  /** Scheme, host and port. */
  readonly origin: string;
  /** What comes before `/api`, where a proxy serves several clusters: empty, or such as `/k8s/clusters/c-1`. */
  readonly basePath: string;
  /** The session for the next request. May run a login program. */
  readonly session: () => Promise<Session>;
  /** Forgets credentials that the server refused. False where asking again gives the same ones. */
  readonly renew: () => boolean;
  /** Ends the watches, and waits for requests in flight. */
  readonly close: () => Promise<void>;
};

/** For TCP and TLS; a server that is far away and busy still needs less. */
const connectTimeoutMs = 5_000;
/** Shorter than the API server's own idle timeout of 90 s, so that no request goes into a socket being closed. */
const keepAliveMs = 60_000;
const tcpKeepAliveMs = 30_000;
const maximumAnswerBytes = 512 * 1024 * 1024;

/** A connection to the cluster, kept alive; `connections` sockets at most for requests. Opens nothing yet. */
export function openConnection(access: ClusterAccess, connections: number): Connection {
  const { origin, pathname } = new URL(access.cluster.server);
  const source = createCredentialSource(access);
  let current: { readonly session: Session; readonly credentials: Credentials } | undefined;

  const open = (credentials: Credentials): Session => {
    if (current?.credentials === credentials) return current.session;
    const { headers } = credentials;
    if (current !== undefined && sameCertificate(current.credentials, credentials)) {
      current = { credentials, session: { ...current.session, headers } };
      return current.session;
    }
    if (current !== undefined) void closeSession(current.session);
    const requests = createDispatcher(access, credentials, connections);
    const watches = createDispatcher(access, credentials, null);
    current = { credentials, session: { headers, requests, watches } };
    return current.session;
  };

  return {
    origin,
    basePath: pathname.replace(/\/+$/, ''),
    session: async () => open(await source.get()),
    renew: source.forget,
    close: async () => {
      if (current !== undefined) await closeSession(current.session);
    },
  };
}

function sameCertificate(one: Credentials, other: Credentials): boolean {
  return one.certificate === other.certificate && one.key === other.key;
}

async function closeSession({ requests, watches }: Session): Promise<void> {
  await Promise.all([requests.close(), watches.destroy()]);
}

/** HTTP/1.1, as it was measured to be as fast as HTTP/2 or faster against a kube-apiserver (bench/kubernetes-client.ts). */
function createDispatcher(access: ClusterAccess, credentials: Credentials, connections: number | null): Dispatcher {
  const tls = tlsOptions(access, credentials);
  const connect = { ...tls, timeout: connectTimeoutMs, keepAlive: true, keepAliveInitialDelay: tcpKeepAliveMs };
  const options = {
    connections,
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    // A watch ends by time, not by size.
    maxResponseSize: connections === null ? -1 : maximumAnswerBytes,
  };
  const proxy = access.cluster['proxy-url'];
  if (proxy === undefined) return new Agent({ ...options, connect });
  if (proxy.startsWith('socks5:')) return new Socks5ProxyAgent(proxy, { ...options, requestTls: tls });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: tls });
}

export type TlsOptions = {
  readonly ca?: Buffer;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
};

/** What TLS needs to know of a cluster and its user. */
export function tlsOptions({ cluster }: ClusterAccess, { certificate, key }: Credentials): TlsOptions {
  const authority = cluster['certificate-authority-data'];
  const serverName = cluster['tls-server-name'];
  return {
    ...(authority === undefined ? {} : { ca: Buffer.from(authority, 'base64') }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
  };
}
