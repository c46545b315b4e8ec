import { type ErrorCode, SlipwayError } from '../../domain/errors.ts';
import { shownUrl } from '../../domain/shown-url.ts';
import { RemoteError } from '../remote-error.ts';

type WebErrorInput = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fix?: string | undefined;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  readonly retryAfterSeconds?: number | undefined;
  /** Whether the server may have done what it was asked. */
  readonly mayHaveLanded?: boolean;
  readonly cause?: unknown;
};

/** A request to somebody else's server that failed. Its message holds nothing of headers, bodies or secret parts of the URL. */
export class WebError extends RemoteError {
  readonly status: number | undefined;

  constructor({ code, message, fix, status, retryAfterSeconds, mayHaveLanded, cause }: WebErrorInput) {
    super(code, message, {
      retryAfterSeconds,
      mayHaveLanded,
      ...(fix === undefined ? {} : { fix }),
      details: {
        ...(status === undefined ? {} : { status }),
        ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      },
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = 'WebError';
    this.status = status;
  }
}

type Meaning = { readonly code: ErrorCode; readonly fix: (host: string) => string };

const meanings: Readonly<Record<number, Meaning>> = {
  401: { code: 'unauthenticated', fix: (host) => `Give credentials that ${host} accepts, by a connection.` },
  403: { code: 'forbidden', fix: (host) => `Give credentials that may read this from ${host}, by a connection.` },
  404: {
    code: 'notFound',
    fix: () => 'Correct the address, or give credentials where the server hides what is private.',
  },
  407: { code: 'forbidden', fix: () => 'Fetch the source by a way that needs no proxy with a password.' },
  408: { code: 'unavailable', fix: () => 'Try again later.' },
  410: { code: 'notFound', fix: () => 'The source was taken away for good: use another.' },
  429: {
    code: 'rateLimited',
    fix: (host) => `Wait, or give credentials: ${host} limits requests without any more strictly.`,
  },
};

const overload: Meaning = { code: 'unavailable', fix: (host) => `Try again when ${host} works again.` };
const unknown: Meaning = { code: 'failed', fix: () => 'Check that the address is that of the source itself.' };

export type FailedAnswer = {
  readonly url: URL;
  readonly method: string;
  readonly status: number;
  readonly retryAfter: string | undefined;
};

/** The error of an answer that is not what was asked for. */
export function errorOfStatus({ url, method, status, retryAfter }: FailedAnswer): WebError {
  const { code, fix } = meanings[status] ?? (status >= 500 ? overload : unknown);
  return new WebError({
    code,
    message: `${url.host} answered ${status} to ${method} ${shownUrl(url)}`,
    fix: fix(url.host),
    status,
    retryAfterSeconds: secondsOf(retryAfter),
    mayHaveLanded: status >= 500 && status !== 503,
  });
}

/** Seconds from now of a `Retry-After` header, which is a number or a date. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const brokenOff = 'the connection was cut off before the whole answer had come';
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing accepts connections there',
  EAI_AGAIN: 'its name cannot be resolved at present',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'its network cannot be reached',
  ECONNRESET: brokenOff,
  EPIPE: brokenOff,
  UND_ERR_SOCKET: brokenOff,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: brokenOff,
  UND_ERR_CONNECT_TIMEOUT: 'it did not accept a connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not begin its answer in time',
  UND_ERR_BODY_TIMEOUT: 'it stopped sending in the middle of its answer',
};

/** The error of a request that got no whole answer; anything but a failed connection is given back as it is. */
export function errorOfConnection(cause: unknown, url: URL): unknown {
  const failure = cause instanceof SlipwayError ? undefined : connectionFailure(cause);
  if (failure === undefined) return cause;
  const { code, message } = failure;
  if (isTlsFailure(code)) return certificateError(url, message, cause);
  const reason = reasons[code];
  if (reason === undefined && !/^(UND_ERR|HPE)_/.test(code)) return cause;
  return new WebError({
    code: reason === undefined ? 'failed' : 'unavailable',
    message: `no whole answer from ${shownUrl(url)}: ${reason ?? message}`,
    fix: `Check that ${url.host} serves this and can be reached from Slipway.`,
    mayHaveLanded: !neverSent.has(code),
    cause,
  });
}

/** The system's, TLS's or undici's code and message; undefined for an error that has none. */
function connectionFailure(cause: unknown): { readonly code: string; readonly message: string } | undefined {
  const first: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  if (!(first instanceof Error) || !('code' in first) || typeof first.code !== 'string') return undefined;
  return { code: first.code, message: first.message };
}

function isTlsFailure(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|^ERR_TLS_|^ERR_SSL_|^EPROTO/.test(code);
}

function certificateError(url: URL, message: string, cause: unknown): WebError {
  return new WebError({
    code: 'failed',
    message: `the secure connection to ${url.host} failed: ${message}`,
    fix: 'Give its certificate authority as caCertificate of a connection or by NODE_EXTRA_CA_CERTS, or correct the certificate of the server.',
    mayHaveLanded: false,
    cause,
  });
}

/** The error of a body that is larger than what is accepted. */
export function bodyTooLarge(url: URL, maximumBytes: number): WebError {
  return new WebError({
    code: 'tooLarge',
    message: `${shownUrl(url)} has more than the ${maximumBytes} bytes that are accepted`,
    fix: 'Point at a smaller source, such as one package or one folder of it.',
  });
}
