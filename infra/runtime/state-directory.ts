import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { SlipwayError } from '../../domain/errors.ts';
import { makePrivateFolder } from './private-file.ts';
import { readLockOwner, tryLock, type ProcessLock } from './process-lock.ts';

/** Where one Slipway keeps everything of its own; nothing is written outside it but the cache of programs. */
export type StateDirectory = {
  readonly home: string;
  /** What describes the running Slipway: ports, lock, token. */
  readonly run: string;
  /** What must outlive it: databases of Slipway, Temporal and the development cluster. */
  readonly data: string;
  readonly logs: string;
};

/** Where Slipway's state is kept: `SLIPWAY_HOME` when it is set, else `~/.slipway`. */
export function stateHome(environment: Readonly<Record<string, string | undefined>>): string {
  const chosen = environment['SLIPWAY_HOME'];
  return chosen === undefined || chosen === '' ? join(homedir(), '.slipway') : resolve(chosen);
}

/** Makes the folders of a state directory, open to this user only. */
export async function openStateDirectory(home: string): Promise<StateDirectory> {
  const state = {
    home,
    run: join(home, 'run'),
    data: join(home, 'data'),
    logs: join(home, 'logs'),
  };
  await Promise.all([state.run, state.data, state.logs].map(makePrivateFolder));
  await chmod(home, 0o700);
  return state;
}

/**
 * Makes this process the only one that runs on the state directory; `note` tells others where it serves.
 * Throws `conflict` naming the process that does already.
 */
export async function lockStateDirectory(state: StateDirectory, note: string): Promise<ProcessLock> {
  const file = join(state.run, 'lock');
  const lock = await tryLock(file, note);
  if (lock !== undefined) {
    return lock;
  }
  const owner = await readLockOwner(file);
  const who = owner === undefined ? 'another process' : `process ${owner.pid} since ${owner.since}: ${owner.note}`;
  throw new SlipwayError('conflict', `Slipway already runs on ${state.home} (${who})`, {
    fix: 'Use the running one, stop it, or set SLIPWAY_HOME to another folder.',
    ...(owner === undefined ? {} : { details: { pid: owner.pid, note: owner.note } }),
  });
}
