import { LibsqlError } from '@libsql/client';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import { SlipwayError } from '../../domain/errors.ts';

/** Codes of the remote client and messages of Node's network stack that a later try may not meet. */
const networkCodes = new Set([
  'SERVER_ERROR',
  'HRANA_CLOSED_ERROR',
  'HRANA_WEBSOCKET_ERROR',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

const storageCodes = ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_READONLY'];

/** Whether another process holds the write lock: nothing was written, and a local connection must not be used again. */
export function isBusy(error: unknown): boolean {
  return causesOf(error).some(
    (cause) => cause instanceof LibsqlError && (/^SQLITE_(BUSY|LOCKED)/.test(cause.code) || isUnfinished(cause)),
  );
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
  if (isBusy(error) || isClosed(error) || causes.some(isNetworkFailure)) {
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
  return networkCodes.has(codeOf(error)) || (error instanceof TypeError && error.message === 'fetch failed');
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
