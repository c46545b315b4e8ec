import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { makePrivateFolder, writePrivateFile } from './private-file.ts';

const pollMs = 100;

const lockOwner = z.object({ pid: z.int(), since: z.string(), note: z.string() });

/** Who holds a lock: its process, since when (RFC 3339), and what it says of itself. */
export type LockOwner = Readonly<z.infer<typeof lockOwner>>;

export type ProcessLock = {
  /** Replaces what the owner says of itself. */
  readonly note: (note: string) => Promise<void>;
  readonly release: () => Promise<void>;
};

/**
 * Takes a lock that lives exactly as long as its process: an exclusive transaction on an SQLite file is a lock of the
 * operating system, so a killed owner leaves nothing to clean up. Gives undefined when another process holds it.
 */
export async function tryLock(file: string, note: string): Promise<ProcessLock | undefined> {
  await makePrivateFolder(dirname(file));
  const database = new DatabaseSync(file);
  if (!beginExclusive(database)) {
    database.close();
    return undefined;
  }
  const since = new Date().toISOString();
  const describe = (text: string): Promise<void> =>
    writePrivateFile(ownerFile(file), JSON.stringify({ pid: process.pid, since, note: text }));
  await describe(note);
  const release = async (): Promise<void> => {
    await rm(ownerFile(file), { force: true });
    database.close();
  };
  return { note: describe, release };
}

/** Waits for the lock, telling once who holds it. Throws when `signal` is aborted. */
export async function waitForLock(options: {
  readonly file: string;
  readonly note: string;
  readonly onBusy: (owner: LockOwner | undefined) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<ProcessLock> {
  let told = false;
  for (;;) {
    const lock = await tryLock(options.file, options.note);
    if (lock !== undefined) {
      return lock;
    }
    if (!told) {
      options.onBusy(await readLockOwner(options.file));
      told = true;
    }
    await sleep(pollMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** What the owner of a lock said of itself; undefined when nobody holds it or the owner has not said it yet. */
export async function readLockOwner(file: string): Promise<LockOwner | undefined> {
  try {
    return lockOwner.parse(JSON.parse(await readFile(ownerFile(file), 'utf8')));
  } catch {
    return undefined;
  }
}

function ownerFile(file: string): string {
  return `${file}.owner.json`;
}

function beginExclusive(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) {
      return false;
    }
    throw error;
  }
}
