import { LibsqlError } from '@libsql/client';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { SlipwayError } from '../../domain/errors.ts';

/** Codes of Node's network stack for a request that never reached the server. */
const unreachedCodes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

/** Codes of the remote client and of Node's network stack for an answer that was lost. */
const lostCodes = new Set([
  'HRANA_CLOSED_ERROR',
  'HRANA_WEBSOCKET_ERROR',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'UND_ERR_SOCKET',
]);

/** Codes with which a server ends a transaction, or the stream that it ran in, and undoes it. */
const undoneByServer = /^(SQLITE_(BUSY|LOCKED)|TRANSACTION_(TIMEOUT|BUSY)$|STREAM_EXPIRED$)/;

/** Statuses other than 5xx that a later request may not meet. */
const passingStatuses = new Set([408, 429]);

const storageCodes = ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_READONLY', 'BLOCKED'];

/** Whether another process holds the write lock: nothing was written, and a local connection must not be used again. */
export function isBusy(error: unknown): boolean {
  return causesOf(error).some(
    (cause) => cause instanceof LibsqlError && (undoneByServer.test(cause.code) || isUnfinished(cause)),
  );
}

/** Whether the database server was not reached: it has seen nothing of the call. */
export function isUnreached(error: unknown): boolean {
  return causesOf(error).some((cause) =>
    unreachedCodes.some((code) => codeOf(cause) === code || isWebSocketFailure(cause, code)),
  );
}

/** Whether nobody can tell if the database server did what was asked: the connection broke, or something between failed. */
export function isLost(error: unknown): boolean {
  return causesOf(error).some(isNetworkFailure);
}

/** Whether the database server does not take the token, or takes it for less than Slipway needs. */
export function isRefused(error: unknown): boolean {
  return causesOf(error).some((cause) => [401, 403].includes(statusOf(cause)) || codeOf(cause).startsWith('AUTH_'));
}

/** Whether the client was closed before the call reached the database. */
export function isClosed(error: unknown): boolean {
  return causesOf(error).some((cause) => cause instanceof LibsqlError && cause.code === 'CLIENT_CLOSED');
}

/** Whether a unique or primary key is taken already. */
export function isTaken(error: unknown): boolean {
  return causesOf(error).some(
    (cause) =>
      cause instanceof LibsqlError &&
      /UNIQUE constraint failed|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)/.test(`${cause.extendedCode} ${cause.message}`),
  );
}

/** Whether a row is still referred to, or refers to one that is not there. */
export function isStillReferenced(error: unknown): boolean {
  return causesOf(error).some(
    (cause) => cause instanceof LibsqlError && /FOREIGN KEY constraint failed/.test(cause.message),
  );
}

/** The error for callers: `unavailable` when a later try may succeed; never one that quotes the query's values. */
export function toDatabaseError(error: unknown): unknown {
  if (error instanceof SlipwayError) return error;
  const causes = causesOf(error);
  if (isRefused(error)) {
    return new SlipwayError('unavailable', 'the database server refuses the token', {
      cause: withoutValues(error),
      fix: 'Give a token in DATABASE_AUTH_TOKEN that may read and write the database of DATABASE_URL.',
    });
  }
  if (causes.some((cause) => statusOf(cause) === 404)) {
    return new SlipwayError('unavailable', 'the database server has no such database', {
      cause: withoutValues(error),
      fix: 'Correct DATABASE_URL.',
    });
  }
  if (isBusy(error) || isClosed(error) || isUnreached(error) || isLost(error)) {
    return new SlipwayError('unavailable', 'the database does not answer now', {
      cause: withoutValues(error),
      fix: 'Try again; see whether the database server runs, and DATABASE_URL and DATABASE_AUTH_TOKEN are right.',
    });
  }
  const storage = causes.find((cause) => storageCodes.some((code) => codeOf(cause).startsWith(code)));
  if (storage !== undefined) {
    return new SlipwayError('unavailable', `the database cannot be written: ${codeOf(storage)}`, {
      cause: withoutValues(error),
      fix: "Look at the free space and the permissions of the database's folder.",
    });
  }
  return withoutValues(error);
}

/** After a busy commit the client keeps statements open and refuses to commit again. */
function isUnfinished(error: LibsqlError): boolean {
  return error.message.includes('SQL statements in progress');
}

function isNetworkFailure(error: unknown): boolean {
  const status = statusOf(error);
  if (lostCodes.has(codeOf(error)) || status >= 500 || passingStatuses.has(status)) return true;
  if (error instanceof Error && error.name === 'TimeoutError') return true;
  return error instanceof TypeError && error.message === 'fetch failed';
}

/** The client of web sockets keeps only the message of what failed. */
function isWebSocketFailure(error: unknown, code: string): boolean {
  return codeOf(error) === 'HRANA_WEBSOCKET_ERROR' && error instanceof Error && error.message.includes(code);
}

/** Drizzle's error quotes the query with its values; the one inside says what went wrong. */
function withoutValues(error: unknown): unknown {
  return error instanceof DrizzleQueryError ? (error.cause ?? new Error('a database query failed')) : error;
}

function causesOf(error: unknown): readonly unknown[] {
  const limit = 8;
  const causes: unknown[] = [];
  for (let cause = error; cause instanceof Error && causes.length < limit; cause = cause.cause) causes.push(cause);
  return causes;
}

/** The HTTP status with which a database server refused, or 0. */
function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
