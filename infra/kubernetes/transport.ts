import { type Dispatcher, request as openRequest } from 'undici';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import type { AdaptiveLimit } from './adaptive-limit.ts';
import { ApiError, errorOfAnswer, errorOfConnection } from './api-error.ts';
import type { Connection, Session } from './connection.ts';
import { type Contact, createContact } from './contact.ts';
import { type Answer, exchange, type ExchangeRequest } from './exchange.ts';
import { withRetries } from '../retry.ts';

export type RequestOptions = {
  readonly signal?: AbortSignal | undefined;
  /** How long after the first try another may start, in milliseconds; 0 for one try only. Default: the client's. */
  readonly retryForMs?: number | undefined;
};

export type TransportRequest = RequestOptions & {
  readonly method: ExchangeRequest['method'];
  /** From the API server's root, with its query: `/api/v1/pods?limit=500`. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** For a conditional GET; the answer may then be 304. */
  readonly etag?: string | undefined;
  /** Whether doing it twice does no harm. Default: true but for POST. */
  readonly repeatable?: boolean;
  /** Whether its latency tells of the server's load. Default: true but for GET. */
  readonly measured?: boolean;
};

/** Requests to one API server: authenticated, limited, retried, their failures as `ApiError`. */
export type Transport = {
  /** An answer with a status below 400. Throws `ApiError`. */
  readonly send: (request: TransportRequest) => Promise<Answer>;
  /** The body of an answer that does not end, in chunks; outside the limit, not retried. Throws `ApiError`. */
  readonly stream: (request: StreamRequest) => Promise<AsyncIterable<Uint8Array>>;
  readonly server: string;
  readonly contact: Contact;
  readonly close: () => Promise<void>;
};

export type StreamRequest = {
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal;
  /** How long the stream may be silent before it fails, in milliseconds. */
  readonly stallMs: number;
};

export type TransportOptions = {
  readonly retryForMs: number;
  /** How long the server may take to begin an answer, in milliseconds. */
  readonly timeoutMs: number;
};

export function createTransport(connection: Connection, limit: AdaptiveLimit, options: TransportOptions): Transport {
  const server = connection.origin;
  const contact = createContact();

  const exchangeOnce = async (request: TransportRequest): Promise<Answer> => {
    const permit = await limit.acquire(request.signal);
    const startedAt = performance.now();
    let overloaded = false;
    let answered = false;
    try {
      const session = await connection.session();
      const answer = await exchange(session.requests, toExchange(request, session));
      answered = true;
      overloaded = answer.status === 429;
      return answer;
    } catch (error) {
      throw toApiError(error, server, request.signal);
    } finally {
      const isMeasured = answered && (request.measured ?? request.method !== 'GET');
      permit.release({ overloaded, ...(isMeasured ? { latencyMs: performance.now() - startedAt } : {}) });
    }
  };

  const toExchange = (request: TransportRequest, session: Session): ExchangeRequest => ({
    origin: connection.origin,
    path: connection.basePath + request.path,
    method: request.method,
    headers: headersOf(request, session),
    body: request.body,
    timeoutMs: options.timeoutMs,
    signal: request.signal,
  });

  const exchangeRenewing = async (request: TransportRequest): Promise<Answer> => {
    const answer = await exchangeOnce(request);
    const final = answer.status === 401 && connection.renew() ? await exchangeOnce(request) : answer;
    if (final.status < 400) return final;
    throw errorOfAnswer(final.status, final.body, headerOf(final, 'retry-after'));
  };

  return {
    server,
    contact,
    send: (request) =>
      withRetries(() => contact.note(() => exchangeRenewing(request)), {
        retryForMs: request.retryForMs ?? options.retryForMs,
        repeatable: request.repeatable ?? request.method !== 'POST',
        signal: request.signal,
      }),
    stream: (request) => contact.note(() => openStream(connection, request)),
    close: connection.close,
  };
}

async function openStream(connection: Connection, request: StreamRequest): Promise<AsyncIterable<Uint8Array>> {
  const { signal, accept, stallMs } = request;
  try {
    const session = await connection.session();
    const { statusCode, headers, body } = await openRequest(connection.origin + connection.basePath + request.path, {
      dispatcher: session.watches,
      headers: { ...session.headers, accept, 'user-agent': userAgent },
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      signal,
    });
    if (statusCode === 200) return failingAsApiError(body, connection.origin, signal);
    if (statusCode === 401) connection.renew();
    const retryAfter = headers['retry-after'];
    throw errorOfAnswer(statusCode, await body.text(), typeof retryAfter === 'string' ? retryAfter : undefined);
  } catch (error) {
    throw toApiError(error, connection.origin, signal);
  }
}

async function* failingAsApiError(
  body: Dispatcher.ResponseData['body'],
  server: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      if (chunk instanceof Uint8Array) yield chunk;
    }
  } catch (error) {
    throw toApiError(error, server, signal);
  }
}

const userAgent = 'slipway';

function headersOf(request: TransportRequest, session: Session): ExchangeRequest['headers'] {
  return {
    ...session.headers,
    'user-agent': userAgent,
    accept: request.accept ?? 'application/json',
    ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    ...(request.etag === undefined ? {} : { 'if-none-match': request.etag }),
  };
}

/** The body of an answer as JSON. Throws `ApiError` where it is something else, such as a proxy's page. */
export function jsonOf(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body);
  } catch {
    // The parser's message would quote the body, which may hold a Secret.
    throw unexpectedAnswer(answer, 'is not JSON');
  }
}

/** The body of an answer, of the shape of `schema`. Throws `ApiError` where it has another. */
export function parseAnswer<T>(answer: Answer, schema: z.ZodType<T>): T {
  const result = schema.safeParse(jsonOf(answer));
  if (result.success) return result.data;
  throw unexpectedAnswer(answer, `has an unexpected shape: ${z.prettifyError(result.error)}`);
}

function unexpectedAnswer({ status }: Answer, problem: string): ApiError {
  return new ApiError({
    status,
    reason: 'UnexpectedAnswer',
    code: 'failed',
    message: `the API server's answer ${problem}`,
    fix: "Check that the kubeconfig's server address is that of a Kubernetes API server.",
  });
}

/** One header of an answer, the first where it came several times. */
export function headerOf(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

function toApiError(error: unknown, server: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (error instanceof SlipwayError) return error;
  return errorOfConnection(error, server);
}
