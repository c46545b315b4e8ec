import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCodes, SlipwayError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import { findingSchema } from '../domain/finding.ts';
import { commandFix } from './fix-text.ts';
import type { ServerAddress } from './server-address.ts';

/** Pauses before a request is sent again; only requests that the server takes for the same one are. */
const retryDelaysMs = [250, 1000] as const;
const requestTimeoutMs = 60_000;

/** RFC 9457 with what Slipway adds. */
const problemSchema = z.looseObject({
  title: z.string().optional(),
  detail: z.string().optional(),
  code: z.enum(errorCodes).optional(),
  fix: z.string().optional(),
  requestId: z.string().optional(),
  findings: z.array(findingSchema).optional(),
});

type QueryValue = string | number | boolean | undefined;
export type Query = Readonly<Record<string, QueryValue | readonly string[]>>;

export type Call<Schema extends z.ZodType> = {
  readonly schema: Schema;
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** A Blob, such as of a file, is sent piece by piece. */
  readonly content?: { readonly type: string; readonly body: Uint8Array<ArrayBuffer> | Blob };
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the answer may take, in milliseconds. Default: a minute. */
  readonly timeoutMs?: number;
};

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Answer<T> = { readonly body: T; readonly headers: Headers };

/** Calls the HTTP API: adds the token, checks what comes back, and turns every failure into a SlipwayError. */
export class Client {
  readonly server: string;
  readonly #token: string | undefined;
  readonly #signal: AbortSignal;

  constructor({ server, token }: Pick<ServerAddress, 'server' | 'token'>, signal: AbortSignal) {
    this.server = server.replace(/\/+$/, '');
    this.#token = token;
    this.#signal = signal;
  }

  async get<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>> {
    return (await this.call('GET', call)).body;
  }

  /** Sends a POST with an idempotency key, so that a lost answer never makes the work happen twice. */
  async post<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>> {
    const headers = { 'idempotency-key': randomUUID(), ...call.headers };
    return (await this.call('POST', { ...call, headers })).body;
  }

  async put<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>> {
    return (await this.call('PUT', call)).body;
  }

  async patch<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>> {
    return (await this.call('PATCH', call)).body;
  }

  async delete<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>> {
    return (await this.call('DELETE', call)).body;
  }

  /** Any call, with the headers of its answer. */
  async call<Schema extends z.ZodType>(method: Method, call: Call<Schema>): Promise<Answer<z.infer<Schema>>> {
    const response = await this.#sendPatiently(method, call);
    const body = await readBody(response);
    const result = call.schema.safeParse(body);
    if (result.success) return { body: result.data, headers: response.headers };
    throw new SlipwayError(
      'unsupported',
      `${this.server} gave an answer to ${method} ${call.path} that is not expected`,
      {
        cause: new Error(z.prettifyError(result.error)),
        fix: 'compare the versions of the two sides: slipway version',
      },
    );
  }

  /** The bytes of an answer that is not JSON, such as an export. */
  async bytes(path: string, query: Query = {}): Promise<Uint8Array> {
    const response = await this.#sendPatiently('GET', { schema: z.unknown(), path, query });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** The body of an answer whatever its status, as for `/readyz`, which says by 503 what is not ready. */
  async probe(path: string): Promise<unknown> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(requestTimeoutMs)]);
    const call = { schema: z.unknown(), path };
    const response = await this.#fetch(new URL(`${this.server}${path}`), { signal, headers: this.#headers(call) });
    if (response.ok || response.status === 503) return readBody(response);
    throw await problemOf(response, `GET ${path}`);
  }

  /** Opens a stream; the caller reads the body. Fails like any other call. */
  async open(
    path: string,
    options: { readonly query?: Query; readonly headers: Record<string, string>; readonly signal: AbortSignal },
  ): Promise<Response> {
    return this.#send('GET', { schema: z.unknown(), path, ...options }, options.signal);
  }

  async #sendPatiently(method: Method, call: Call<z.ZodType>): Promise<Response> {
    const { timeoutMs = requestTimeoutMs } = call;
    for (const delayMs of retryDelaysMs) {
      try {
        return await this.#send(method, call, AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]));
      } catch (error) {
        if (!canRepeat(error)) throw error;
        await sleep(delayMs, undefined, { signal: this.#signal });
      }
    }
    return this.#send(method, call, AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]));
  }

  async #send(method: Method, call: Call<z.ZodType>, signal: AbortSignal): Promise<Response> {
    const url = new URL(`${this.server}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== undefined) url.searchParams.append(name, String(one));
      }
    }
    const response = await this.#fetch(url, { method, signal, headers: this.#headers(call), ...bodyOf(call) });
    if (response.ok) return response;
    throw await problemOf(response, `${method} ${call.path}`);
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (this.#signal.aborted) throw new SlipwayError('cancelled', 'interrupted', { cause: error });
      throw new SlipwayError('unavailable', `cannot reach the server at ${this.server}`, { cause: rootCause(error) });
    }
  }

  #headers(call: Call<z.ZodType>): Record<string, string> {
    const type = call.json === undefined ? call.content?.type : 'application/json';
    return {
      accept: 'application/json',
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...call.headers,
    };
  }
}

/** A path with its parts made safe: `path('designs', name, 'export')` is `/v1/designs/…/export`. */
export function apiPath(...parts: readonly string[]): string {
  return `/v1/${parts.map(encodeURIComponent).join('/')}`;
}

function bodyOf(call: Call<z.ZodType>): { readonly body?: string | Uint8Array<ArrayBuffer> | Blob } {
  if (call.json !== undefined) return { body: JSON.stringify(call.json) };
  return call.content === undefined ? {} : { body: call.content.body };
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every POST carries an idempotency key and the other methods are idempotent by nature, so a lost answer can be asked for again. */
function canRepeat(error: unknown): boolean {
  return error instanceof SlipwayError && (error.code === 'unavailable' || error.code === 'rateLimited');
}

async function problemOf(response: Response, call: string): Promise<SlipwayError> {
  const body = await readBody(response);
  const result = problemSchema.safeParse(body);
  const problem = result.success ? result.data : {};
  const code = problem.code ?? codeOfStatus(response.status);
  const message = problem.detail ?? problem.title ?? `the server answered ${response.status}`;
  return new SlipwayError(code, message, {
    ...fixOf(code, problem.fix),
    findings: problem.findings ?? [],
    details: {
      ...scalarsOf(body),
      status: response.status,
      cause: `${call} was answered with ${response.status} ${problem.title ?? response.statusText}`.trim(),
    },
  });
}

/** What to do, as it is typed; what to do about a token is for the command line to say. */
function fixOf(code: ErrorCode, fix: string | undefined): { readonly fix?: string } {
  return fix === undefined || code === 'unauthenticated' ? {} : { fix: commandFix(fix) };
}

function scalarsOf(body: unknown): Record<string, string | number | boolean> {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)),
  );
}

function codeOfStatus(status: number): ErrorCode {
  const codes: Readonly<Record<number, ErrorCode>> = {
    401: 'unauthenticated',
    403: 'forbidden',
    404: 'notFound',
    408: 'timedOut',
    409: 'conflict',
    412: 'preconditionFailed',
    413: 'tooLarge',
    415: 'unsupported',
    428: 'preconditionRequired',
    429: 'rateLimited',
    502: 'unavailable',
    503: 'unavailable',
    504: 'unavailable',
  };
  return codes[status] ?? (status < 500 ? 'invalid' : 'failed');
}

/** The innermost reason: fetch wraps `connect ECONNREFUSED …` twice. */
function rootCause(error: unknown): unknown {
  if (error instanceof AggregateError) return rootCause(error.errors[0]);
  return error instanceof Error && error.cause !== undefined ? rootCause(error.cause) : error;
}
