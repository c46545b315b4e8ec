import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@libsql/client';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { SlipwayError } from '../../domain/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { connect, type DatabaseAddress, isInMemory, isLocal, overHttp } from './client.ts';
import { isBusy, isClosed, isLost, isRefused, isUnreached, toDatabaseError } from './failures.ts';
import { migrate } from './migrate.ts';

/** Builds queries; given to `read` and `write` so that a retry builds them on a fresh client. */
export type Queries = LibSQLDatabase;

type Statement = BatchItem<'sqlite'>;
type Statements = readonly [Statement, ...Statement[]];

/** The database of one process. Throws SlipwayError `unavailable` when a later try may succeed. */
export type Database = {
  readonly vault: Vault;
  /** One query, or several when no write may come between them and `batch` is used. */
  readonly read: <T>(query: (queries: Queries) => PromiseLike<T>) => Promise<T>;
  /** All statements or none, in one short transaction, after every write that was asked for before. */
  readonly write: <T extends Statements>(statements: (queries: Queries) => Readonly<T>) => Promise<BatchResponse<T>>;
  /** Waits for the writes under way. */
  readonly close: () => Promise<void>;
};

export type DatabaseOptions = DatabaseAddress & { readonly vault: Vault };

/** Tries of one call while another process holds the write lock, each with the busy timeout of the client. */
const maximumAttempts = 6;
const retryDelayMs = 25;

/** A server that restarts is back within this; one that is away for longer is `unavailable` at once, until it is back. */
const outageMs = 5_000;
const outageDelayMs = 200;

/** Work that may be done twice is tried again when its answer was lost. */
type Repeatable = { readonly repeatable: boolean };

/**
 * Opens the database, with the file and its folder made where missing, and migrates it. Throws SlipwayError `invalid` where
 * a server refuses the token.
 */
export async function openDatabase({ vault, ...address }: DatabaseOptions): Promise<Database> {
  const connection = await openConnection(address);
  const queue = new WriteQueue();
  return {
    vault,
    read: (query) => connection.run((client) => query(queriesOf(client)), { repeatable: true }),
    write: (statements) =>
      queue.add(() =>
        connection.run((client) => {
          const queries = queriesOf(client);
          return queries.batch(statements(queries));
        }),
      ),
    async close() {
      await queue.settled();
      connection.close();
    },
  };
}

async function openConnection(address: DatabaseAddress): Promise<Connection> {
  const connection = new Connection(address);
  try {
    await connection.run(migrate, { repeatable: true });
    return connection;
  } catch (error) {
    connection.close();
    const http = overHttp(address);
    if (http !== undefined && isLost(error)) await refuseOverHttp(http);
    if (!(error instanceof SlipwayError) || !isRefused(error)) throw error;
    const { message, cause, fix } = error;
    throw new SlipwayError('invalid', message, { cause, ...(fix === undefined ? {} : { fix }) });
  }
}

/** A server closes a web socket without a word when it refuses the token; over HTTP it says so. */
async function refuseOverHttp(address: DatabaseAddress): Promise<void> {
  const connection = await openConnection(address).catch((error: unknown) => {
    if (isRefused(error)) throw error;
  });
  connection?.close();
}

function queriesOf(client: Client): Queries {
  return drizzle(client, { casing: 'snake_case' });
}

/** One client; that of a file is replaced after a busy error, as it cannot commit again. */
class Connection {
  readonly #address: DatabaseAddress;
  #client: Promise<Client> | undefined;
  #closed = false;
  /** Since when the server does not answer. */
  #awaySinceMs: number | undefined;

  constructor(address: DatabaseAddress) {
    this.#address = address;
  }

  async run<T>(
    work: (client: Client) => PromiseLike<T>,
    { repeatable }: Repeatable = { repeatable: false },
  ): Promise<T> {
    try {
      return await this.#retryWhileAway(() => this.#retryWhileBusy(work), repeatable);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop(this.#client);
  }

  async #retryWhileAway<T>(call: () => Promise<T>, repeatable: boolean): Promise<T> {
    for (;;) {
      try {
        const answer = await call();
        this.#awaySinceMs = undefined;
        return answer;
      } catch (error) {
        this.#awaySinceMs = isUnreached(error) || isLost(error) ? (this.#awaySinceMs ?? Date.now()) : undefined;
        if (!this.#mayReturn() || !(repeatable || isUnreached(error))) throw error;
        await sleep(outageDelayMs);
      }
    }
  }

  /** Whether the server has gone only now. */
  #mayReturn(): boolean {
    return !this.#closed && this.#awaySinceMs !== undefined && Date.now() - this.#awaySinceMs < outageMs;
  }

  async #retryWhileBusy<T>(work: (client: Client) => PromiseLike<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      const opening = this.#open();
      try {
        return await work(await opening);
      } catch (error) {
        if (!this.#canRetry(error)) throw error;
        if (isLocal(this.#address.url)) this.#drop(opening);
        if (attempt === maximumAttempts) throw error;
        await sleep(retryDelayMs * attempt);
      }
    }
  }

  /** A client that is dropped after a busy error closes under other calls, which have not begun then. */
  #canRetry(error: unknown): boolean {
    return !this.#closed && !isInMemory(this.#address.url) && (isBusy(error) || isClosed(error));
  }

  #open(): Promise<Client> {
    if (this.#closed) throw new SlipwayError('unavailable', 'the database is closed');
    this.#client ??= connect(this.#address).catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  #drop(opening: Promise<Client> | undefined): void {
    if (this.#client === opening) this.#client = undefined;
    opening?.then(
      (client) => client.close(),
      () => undefined,
    );
  }
}

/** Runs work one after another, in the order it was added. */
class WriteQueue {
  #last: Promise<unknown> = Promise.resolve();

  add<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  async settled(): Promise<void> {
    await this.#last;
  }
}
