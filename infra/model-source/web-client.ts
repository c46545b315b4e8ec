import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { withRetries } from '../retry.ts';
import type { AddressGuard } from './address-guard.ts';
import { type Exchanges, type Hop, openFollowing, type OpenAnswer } from './follow-redirects.ts';
import { createGuardedDispatcher } from './guarded-dispatcher.ts';
import type { Scratch } from './scratch.ts';
import { shownUrl } from '../../domain/shown-url.ts';
import { bodyTooLarge, errorOfConnection, errorOfStatus, WebError } from './web-error.ts';

/** What the last download of the same URL said of itself. */
export type PreviousDownload = { readonly etag?: string | undefined; readonly lastModified?: string | undefined };

export type DownloadRequest = {
  readonly into: Scratch;
  readonly maximumBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly previous?: PreviousDownload | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type Downloaded = {
  readonly changed: true;
  /** Where the body is kept, in the scratch folder. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Where it came from in the end, after redirects, to be shown. */
  readonly url: string;
  /** Without parameters, in lower case. */
  readonly mediaType: string | undefined;
};

export type Unchanged = { readonly changed: false };

export type WebRequest = {
  /** Default: GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** A function gives the body again for each try; then `content-length` should be among the headers. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Statuses from 300 that are an answer and not an error, such as 401 with its challenge. */
  readonly accept?: readonly number[];
  /** Of the answer's body; default 4 MiB. */
  readonly maximumBytes?: number;
  /** Whether doing it twice does no harm. Default: true but for POST and PATCH. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
};

export type WebAnswer = {
  readonly status: number;
  /** Names in lower case; several of one name are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Where it came from in the end, after redirects. */
  readonly url: string;
};

/**
 * Requests to other people's servers: guarded, redirected by hand, retried, limited in size. Failures are
 * WebErrors, with the HTTP status where there is one, or SlipwayErrors of the guard; no message holds a secret.
 */
export type WebClient = {
  /** A body as a file, however large, or that it has not changed (304). */
  readonly download: (url: string, request: DownloadRequest) => Promise<Downloaded | Unchanged>;
  /** A small body. A redirect is followed where the method allows it; statuses from 300 that are not accepted are errors. */
  readonly request: (url: string, request?: WebRequest) => Promise<WebAnswer>;
  /** The client that trusts this authority (PEM) besides those that the process knows; this one where none is given. */
  readonly trusting: (caCertificate: string | undefined) => WebClient;
  readonly close: () => Promise<void>;
};

export type WebClientOptions = {
  readonly guard: AddressGuard;
  /** Of an authority that is trusted besides those that the process knows, in PEM form. */
  readonly caCertificate?: string | undefined;
  /** How long after the first try another may start, in milliseconds. */
  readonly retryForMs?: number;
  /** How long a server may take to begin its answer, and between two parts of it, in milliseconds. */
  readonly idleMs?: number;
  /** How long one try may take as a whole, in milliseconds. */
  readonly totalMs?: number;
};

const defaults = { retryForMs: 60_000, idleMs: 30_000, totalMs: 900_000 } as const;
const maximumTries = 4;
const defaultBodyBytes = 4 * 1024 * 1024;
const drainedBytes = 64 * 1024;
const userAgent = 'slipway';

/** A web client with sockets of its own, kept alive until it is closed. */
export function createWebClient(options: WebClientOptions): WebClient {
  const others = new Map<string, WebClient>();
  const client: WebClient = {
    ...createExchanger(options),
    trusting: (caCertificate) => {
      if (caCertificate === undefined || caCertificate === options.caCertificate) return client;
      const other = others.get(caCertificate) ?? createWebClient({ ...options, caCertificate });
      others.set(caCertificate, other);
      return other;
    },
  };
  return {
    ...client,
    close: async () => {
      await Promise.all([client, ...others.values()].map(({ close }) => close()));
    },
  };
}

function createExchanger({ guard, caCertificate, ...options }: WebClientOptions): Omit<WebClient, 'trusting'> {
  const { retryForMs, idleMs, totalMs } = { ...defaults, ...options };
  const dispatcher = createGuardedDispatcher(guard, caCertificate);
  const exchanges: Exchanges = { guard, dispatcher, idleMs };

  const attempt = async <T>(hop: Hop, signal: AbortSignal | undefined, read: ReadAnswer<T>): Promise<T> => {
    const limit = AbortSignal.timeout(totalMs);
    const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    try {
      return await read(await openFollowing(exchanges, hop, either), either);
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (limit.aborted) throw tooSlow(hop.url, totalMs);
      throw error;
    }
  };

  return {
    download: (url, request) => {
      const hop: Hop = { url: guard.checkUrl(url), method: 'GET', headers: downloadHeaders(request) };
      const read: ReadAnswer<Downloaded | Unchanged> = (answer, signal) => readDownload(answer, request, signal);
      return withRetries(() => attempt(hop, request.signal, read), {
        retryForMs,
        maximumTries,
        repeatable: true,
        signal: request.signal,
      });
    },
    request: (url, request = {}) => {
      const { method = 'GET', body, signal } = request;
      const hop: Hop = { url: guard.checkUrl(url), method, headers: { ...commonHeaders, ...request.headers }, body };
      return withRetries(() => attempt(hop, signal, (answer) => readAnswer(answer, hop, request)), {
        retryForMs,
        maximumTries,
        repeatable: request.repeatable ?? !['POST', 'PATCH'].includes(method),
        signal,
      });
    },
    close: () => dispatcher.close(),
  };
}

type ReadAnswer<T> = (answer: OpenAnswer, signal: AbortSignal) => Promise<T>;

/** Bodies are kept as they are sent: what is packed stays so, and digests are those of the publisher. */
const commonHeaders = { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity' } as const;

function downloadHeaders({ headers, previous }: DownloadRequest): Hop['headers'] {
  return {
    ...commonHeaders,
    ...headers,
    ...(previous?.etag === undefined ? {} : { 'if-none-match': previous.etag }),
    ...(previous?.lastModified === undefined ? {} : { 'if-modified-since': previous.lastModified }),
  };
}

async function readDownload(
  answer: OpenAnswer,
  request: DownloadRequest,
  signal: AbortSignal,
): Promise<Downloaded | Unchanged> {
  const { status, headers, url } = answer;
  if (status === 304 && isConditional(request)) {
    await answer.body.dump({ limit: drainedBytes, signal });
    return { changed: false };
  }
  if (status !== 200) throw await refusedAnswer(answer, 'GET');
  if (Number(headers['content-length'] ?? 0) > request.maximumBytes) {
    answer.body.destroy();
    throw bodyTooLarge(url, request.maximumBytes);
  }
  return {
    changed: true,
    ...(await keepBody(answer, request, signal)),
    etag: headers['etag'],
    lastModified: headers['last-modified'],
    url: shownUrl(url),
    mediaType: mediaTypeOf(headers['content-type']),
  };
}

function isConditional({ previous }: DownloadRequest): boolean {
  return (previous?.etag ?? previous?.lastModified) !== undefined;
}

function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType?.split(';')[0]?.trim().toLowerCase();
}

async function keepBody(
  { body, url }: OpenAnswer,
  { into, maximumBytes }: DownloadRequest,
  signal: AbortSignal,
): Promise<Pick<Downloaded, 'file' | 'bytes' | 'digest'>> {
  const file = into.newPath();
  const hash = createHash('sha256');
  let bytes = 0;
  const measured = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maximumBytes) throw bodyTooLarge(url, maximumBytes);
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(body, measured, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
    return { file, bytes, digest: hash.digest('hex') };
  } catch (error) {
    await rm(file, { force: true });
    throw errorOfConnection(error, url);
  }
}

async function readAnswer(answer: OpenAnswer, hop: Hop, request: WebRequest): Promise<WebAnswer> {
  const { status, headers, url } = answer;
  if (status >= 300 && request.accept?.includes(status) !== true) throw await refusedAnswer(answer, hop.method);
  const maximumBytes = request.maximumBytes ?? defaultBodyBytes;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer.body) {
      if (!(chunk instanceof Uint8Array)) continue;
      bytes += chunk.length;
      if (bytes > maximumBytes) throw bodyTooLarge(url, maximumBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    throw errorOfConnection(error, url);
  }
  return { status, headers, body: Buffer.concat(chunks), url: url.href };
}

async function refusedAnswer({ status, headers, url, body }: OpenAnswer, method: string): Promise<WebError> {
  await body.dump({ limit: drainedBytes }).catch(() => undefined);
  return errorOfStatus({ url, method, status, retryAfter: headers['retry-after'] });
}

function tooSlow(url: URL, totalMs: number): WebError {
  return new WebError({
    code: 'timedOut',
    message: `${shownUrl(url)} was not read within ${totalMs / 1000} s`,
    fix: `Check the way to ${url.host}, or upload the source as a file.`,
  });
}
