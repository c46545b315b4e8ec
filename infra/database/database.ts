import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@libsql/client';
import type { BatchItem, BatchResponse } from 'drizzle-orm/batch';
import { drizzle, type LibSQLDatabase } from 'drizzle-orm/libsql';
import { SlipwayError } from '../../domain/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { connect, type DatabaseAddress, isInMemory, isLocal } from './client.ts';
import { isBusy, isClosed, toDatabaseError } from './failures.ts';
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

/** Opens the database, with the file and its folder made where missing, and migrates it. */
export async function openDatabase({ vault, ...address }: DatabaseOptions): Promise<Database> {
  const connection = new Connection(address);
  await connection.run(migrate);
  const queue = new WriteQueue();
  return {
    vault,
    read: (query) => connection.run((client) => query(queriesOf(client))),
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

function queriesOf(client: Client): Queries {
  return drizzle(client, { casing: 'snake_case' });
}

/** One client, replaced after a busy error: such a client cannot commit again. */
class Connection {
  readonly #address: DatabaseAddress;
  #client: Promise<Client> | undefined;
  #closed = false;

  constructor(address: DatabaseAddress) {
    this.#address = address;
  }

  async run<T>(work: (client: Client) => PromiseLike<T>): Promise<T> {
    try {
      return await this.#retryWhileBusy(work);
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop(this.#client);
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
