import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { SlipwayError } from '../../domain/errors.ts';

/**
 * Becomes the program by `exec`, so the process id is the program's own, and leaves a watcher behind that reads from a
 * pipe held by us. A line on it says that the program has ended; its end without a line says that we have died, even by
 * SIGKILL: then the watcher ends the program with all that it started, its process group.
 */
const guardScript = `
(
  trap '' TERM
  if read -r ended <&3; then exit 0; fi
  kill -TERM -$$
  waited=0
  while [ $waited -lt 5 ] && kill -0 $$; do sleep 1; waited=$((waited + 1)); done
  kill -KILL -$$
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** A child that dies with this process, however this process ends. */
export type GuardedChild = {
  readonly pid: number;
  readonly child: ChildProcess;
  /** How it ended: its exit code, or -1 and the signal. */
  readonly ended: Promise<ChildEnd>;
};

export type ChildEnd = { readonly code: number; readonly signal: NodeJS.Signals | null };

/** Starts a program in a session of its own, so that Ctrl-C reaches this process only. Throws `unavailable`. */
export function spawnGuarded(options: {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A file descriptor for output and errors, or pipes. */
  readonly output: number | 'pipe';
}): GuardedChild {
  const child = spawn('/bin/sh', ['-c', guardScript, options.command, options.command, ...options.args], {
    cwd: options.folder,
    env: { ...options.environment },
    detached: true,
    stdio: ['ignore', options.output, options.output, 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) {
    child.on('error', () => {});
    throw new SlipwayError('unavailable', `${options.command} could not be started in ${options.folder} by /bin/sh`);
  }
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      releaseGuard(child);
      resolve({ code: code ?? -1, signal });
    });
  });
  return { pid, child, ended };
}

/** Sends a signal to a child and to what it started; does nothing when it has ended. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Ended already, which is what was wanted.
  }
}

function releaseGuard(child: ChildProcess): void {
  const guard = child.stdio[3];
  if (isWritable(guard)) {
    guard.on('error', () => {});
    guard.end('ended\n');
  }
}

function isWritable(stream: unknown): stream is Writable {
  return typeof stream === 'object' && stream !== null && 'end' in stream;
}
