import type { ErrorCode, SlipwayErrorDetails } from '../../domain/errors.ts';
import { arrayAt, isJsonObject, numberAt, parseJson, stringAt } from '../../domain/json.ts';
import { RemoteError } from '../remote-error.ts';
import type { ApiErrorCause } from './api-error-cause.ts';
import { meaningOfInternalError } from './internal-error.ts';

/** A field that a server-side apply wanted and that another manager owns. */
export type FieldConflict = { readonly manager: string; readonly field: string };

export type ApiErrorInput = {
  /** The HTTP status, or 0 where no answer came. */
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly code?: ErrorCode;
  readonly causes?: readonly ApiErrorCause[];
  readonly retryAfterSeconds?: number | undefined;
  /** False only where the server certainly did not act on the request. */
  readonly mayHaveLanded?: boolean;
  readonly fix?: string | undefined;
  readonly cause?: unknown;
};

/** What the API server, or the way to it, answered instead of a result. */
export class ApiError extends RemoteError {
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly ApiErrorCause[];
  readonly fieldConflicts: readonly FieldConflict[];

  constructor(input: ApiErrorInput) {
    const code = input.code ?? codeOfStatus(input.status);
    const { retryAfterSeconds, mayHaveLanded } = input;
    super(code, input.message, { ...detailsOf(input, code), retryAfterSeconds, mayHaveLanded });
    this.name = 'ApiError';
    this.status = input.status;
    this.reason = input.reason;
    this.causes = input.causes ?? [];
    this.fieldConflicts = this.causes.filter(isFieldConflict).map(toFieldConflict);
  }
}

/** The code of an HTTP status, by https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#http-status-codes. */
export function codeOfStatus(status: number): ErrorCode {
  const known = codes.get(status);
  if (known !== undefined) return known;
  return status === 0 || status >= 500 ? 'unavailable' : 'failed';
}

const codes: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [400, 'invalid'],
  [401, 'unauthenticated'],
  [403, 'forbidden'],
  [404, 'notFound'],
  [405, 'unsupported'],
  [406, 'unsupported'],
  [408, 'timedOut'],
  [409, 'conflict'],
  [412, 'preconditionFailed'],
  [413, 'tooLarge'],
  [415, 'unsupported'],
  [422, 'invalid'],
  [429, 'rateLimited'],
]);

const fixes: Partial<Record<ErrorCode, string>> = {
  unauthenticated: "Renew the connection's credential: it is missing, wrong or expired.",
  forbidden: "Grant the connection's user this permission, or use a connection that has it.",
  rateLimited: 'Wait and repeat the request: the API server limits how many it takes.',
  unavailable: 'Check that the API server runs and can be reached, then repeat the request.',
  invalid: 'Correct the object as the message says.',
  tooLarge: 'Split the object: the API server stores at most about 1.5 MB in one.',
};

function detailsOf(input: ApiErrorInput, code: ErrorCode): SlipwayErrorDetails {
  const fix = input.fix ?? fixes[code];
  return {
    details: { status: input.status, reason: input.reason },
    ...(fix === undefined ? {} : { fix }),
    ...(input.cause === undefined ? {} : { cause: input.cause }),
  };
}

const isFieldConflict = ({ reason }: ApiErrorCause): boolean => reason === 'FieldManagerConflict';

/** The manager stands only in the message: `conflict with "kubectl" using apps/v1`. */
function toFieldConflict({ message, field }: ApiErrorCause): FieldConflict {
  return { manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? 'unknown', field };
}

/** The error of a Kubernetes Status object, of an answer or of an ERROR event in a watch. */
export function errorOfStatus(status: unknown, retryAfterSeconds?: number): ApiError {
  const code = numberAt(status, 'code') ?? 500;
  const message = stringAt(status, 'message') ?? `the API server answered ${code}`;
  const input = {
    status: code,
    reason: stringAt(status, 'reason') ?? 'Unknown',
    message,
    causes: arrayAt(status, 'details', 'causes').map(toCause),
    retryAfterSeconds: retryAfterSeconds ?? numberAt(status, 'details', 'retryAfterSeconds'),
    mayHaveLanded: code > 500,
  };
  return new ApiError(code === 500 ? { ...input, ...meaningOfInternalError(message) } : input);
}

/** The error of an answer with a status of 400 or more. The body may be anything, such as a proxy's HTML page. */
export function errorOfAnswer(status: number, body: string, retryAfter: string | undefined): ApiError {
  const retryAfterSeconds = secondsOf(retryAfter);
  const parsed = parseJson(body);
  if (isJsonObject(parsed) && parsed['kind'] === 'Status') {
    return errorOfStatus({ ...parsed, code: status }, retryAfterSeconds);
  }
  const excerpt = body.replaceAll(/\s+/g, ' ').trim().slice(0, excerptLength);
  return new ApiError({
    status,
    reason: notAStatus,
    message: `the API server answered ${status}${excerpt === '' ? '' : `: ${excerpt}`}`,
    retryAfterSeconds,
    mayHaveLanded: status >= 500,
  });
}

const excerptLength = 300;

/** The reason of an answer that is not a Kubernetes Status: a path that is not served, a proxy's page. */
export const notAStatus = 'NotAStatus';

function toCause(value: unknown): ApiErrorCause {
  return {
    reason: stringAt(value, 'reason') ?? '',
    message: stringAt(value, 'message') ?? '',
    field: stringAt(value, 'field') ?? '',
  };
}

function secondsOf(retryAfter: string | undefined): number | undefined {
  const seconds = Number(retryAfter);
  return retryAfter !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** Failures before a byte of the request was sent. */
const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_PRX_CONN',
]);

/** Failures that repeating does not mend: our own mistake, an answer over the limit, a closed client. */
const lasting: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['UND_ERR_INVALID_ARG', 'invalid'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'tooLarge'],
  ['UND_ERR_CLOSED', 'failed'],
  ['UND_ERR_DESTROYED', 'failed'],
]);

/** The error of a request that got no whole answer; anything but a failed connection is given back as it is. */
export function errorOfConnection(cause: unknown, server: string): unknown {
  const failure = connectionFailure(cause);
  if (failure === undefined) return cause;
  const { code: reason, message } = failure;
  if (isCertificateFailure(reason)) return certificateError(failure, server, cause);
  const code = lasting.get(reason);
  return new ApiError({
    status: 0,
    reason,
    message: `no answer from ${server}: ${message}`,
    mayHaveLanded: !neverSent.has(reason),
    ...(code === undefined ? {} : { code }),
    cause,
  });
}

type ConnectionFailure = { readonly code: string; readonly message: string };

function certificateError({ code, message }: ConnectionFailure, server: string, cause: unknown): ApiError {
  return new ApiError({
    status: 0,
    reason: code,
    code: 'failed',
    message: `the certificate of ${server} is not accepted: ${message}`,
    mayHaveLanded: false,
    fix: "Put the cluster's certificate authority into certificate-authority-data of the kubeconfig.",
    cause,
  });
}

function isCertificateFailure(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|^ERR_TLS_|^ERR_SSL_/.test(code);
}

/** The system's, TLS's or undici's code and message; undefined for an error that has none. */
function connectionFailure(cause: unknown): ConnectionFailure | undefined {
  const first: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  if (!(first instanceof Error) || !('code' in first) || typeof first.code !== 'string') return undefined;
  return { code: first.code, message: first.message === '' ? first.code : first.message };
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

/** Whether the object, or the kind, does not exist. */
export function isNotFound(error: unknown): boolean {
  return isApiError(error) && error.status === 404;
}

/** Whether a resourceVersion or a continue token is too old, so that the list has to be read again. */
export function isExpired(error: unknown): boolean {
  return isApiError(error) && (error.status === 410 || error.reason === 'Expired');
}
