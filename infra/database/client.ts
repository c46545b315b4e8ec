import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@libsql/client';
import { SlipwayError } from '../../domain/errors.ts';

export type DatabaseAddress = {
  /** `file:/path/slipway.db`, `:memory:`, or the URL of a libSQL server (libsql:, https:, http:, wss:, ws:). */
  readonly url: string;
  readonly authToken?: string | undefined;
};

/** How long SQLite waits for another process's write. The wait blocks the event loop, so it is short and the write is retried. */
const busyTimeoutMs = 2_000;

/** How long a database server may take to answer: longer than any batch, so that a call never waits for ever. */
const answerTimeoutMs = 60_000;

/** A client with one connection: its calls run one after another and share the connection's settings. */
export async function connect({ url, authToken }: DatabaseAddress): Promise<Client> {
  const path = filePath(url);
  if (path !== undefined) prepareFile(path);
  const client = createClient({
    url,
    concurrency: isLocal(url) ? 1 : 8,
    timeout: busyTimeoutMs,
    fetch: fetchInTime,
    ...(authToken === undefined ? {} : { authToken }),
  });
  try {
    if (isLocal(url)) await client.executeMultiple('pragma journal_mode = wal; pragma foreign_keys = on;');
    return batchesOnly(client);
  } catch (error) {
    client.close();
    throw error;
  }
}

/** The address over HTTP of a server that is spoken to over web sockets, or undefined for any other. */
export function overHttp({ url, ...rest }: DatabaseAddress): DatabaseAddress | undefined {
  return /^wss?:/.test(url) ? { url: url.replace(/^ws/, 'http'), ...rest } : undefined;
}

/** Whether the database is opened by this process, not by a server. */
export function isLocal(url: string): boolean {
  return isInMemory(url) || url.startsWith('file:');
}

/** An in-memory database lives as long as its one connection. */
export function isInMemory(url: string): boolean {
  return url.includes(':memory:');
}

/** Batches take the write lock at once; a transaction that stays open while JavaScript runs is not to be had. */
function batchesOnly(client: Client): Client {
  return {
    execute: client.execute.bind(client),
    batch: (statements) => client.batch(statements, 'write'),
    migrate: (statements) => client.migrate(statements),
    executeMultiple: (sql) => client.executeMultiple(sql),
    transaction: () =>
      Promise.reject(new Error('write in one batch: interactive transactions block every other writer')),
    sync: () => client.sync(),
    reconnect: () => client.reconnect(),
    close: () => client.close(),
    get closed() {
      return client.closed;
    },
    get protocol() {
      return client.protocol;
    },
  };
}

function fetchInTime(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.timeout(answerTimeoutMs) });
}

function filePath(url: string): string | undefined {
  if (isInMemory(url) || !url.startsWith('file:')) return undefined;
  const [withoutQuery = ''] = url.split('?');
  if (withoutQuery.startsWith('file:///')) return fileURLToPath(withoutQuery);
  return decodeURIComponent(withoutQuery.slice('file:'.length));
}

/** SQLite gives the journal files the mode of the database file, so it is made private before SQLite opens it. */
function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    throw new SlipwayError('invalid', `the database file ${path} cannot be opened for writing`, {
      cause: error,
      fix: 'Give a path in a folder that this user may write to, in DATABASE_URL.',
    });
  }
}
