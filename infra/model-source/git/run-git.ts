import { buffer } from 'node:stream/consumers';
import { SlipwayError } from '../../../domain/errors.ts';
import { signalGroup, spawnGuarded, type GuardedChild } from '../../runtime/guarded-child.ts';
import { watchFolderSize } from './folder-size.ts';

const messageBytes = 64 * 1024;
const outputBytes = 32 * 1024 * 1024;
const notFoundCode = 127;

export type GitRun = {
  readonly arguments: readonly string[];
  /** Where it runs and writes; it is stopped when what is in there has more than `folderBytes`. */
  readonly folder: string;
  readonly folderBytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
};

export type GitOutcome =
  | { readonly succeeded: true; readonly output: Buffer }
  | { readonly succeeded: false; readonly messages: string };

/** Runs git in one folder and gives its output; its failures are errors. */
export type Git = (...args: readonly string[]) => Promise<Buffer>;

/**
 * Runs git to its end. Throws SlipwayError `unavailable` without git, `tooLarge` when it writes too much, `timedOut`, and the signal's own
 * reason; in each case git and all that it started have ended.
 */
export async function runGit(run: GitRun): Promise<GitOutcome> {
  run.signal?.throwIfAborted();
  const child = spawnGuarded({
    command: 'git',
    args: run.arguments,
    folder: run.folder,
    environment: run.environment,
    output: 'pipe',
  });
  const stop = createStop(child, run);
  try {
    const [output, messages, { code }] = await Promise.all([
      collectOutput(child, stop.because),
      collectMessages(child),
      child.ended,
    ]);
    stop.throwIfStopped();
    if (code === notFoundCode) throw gitMissing();
    return code === 0 ? { succeeded: true, output } : { succeeded: false, messages };
  } finally {
    stop.dispose();
  }
}

/** Ends the process group once there is a reason to; by SIGKILL, as nothing that it wrote is kept. */
function createStop({ pid }: GuardedChild, { folder, folderBytes, timeoutMs, signal }: GitRun) {
  let reason: { readonly error: unknown } | undefined;
  const because = (error: unknown): void => {
    reason ??= { error };
    signalGroup(pid, 'SIGKILL');
  };
  const onAbort = (): void => because(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => because(tooSlow(timeoutMs)), timeoutMs);
  const watch = watchFolderSize({
    folder,
    maximumBytes: folderBytes,
    onExceeded: () => because(tooLarge(folderBytes)),
  });
  return {
    because,
    throwIfStopped: (): void => {
      if (reason !== undefined) throw reason.error;
    },
    dispose: (): void => {
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      watch.stop();
    },
  };
}

async function collectOutput({ child }: GuardedChild, stop: (error: unknown) => void): Promise<Buffer> {
  if (child.stdout === null) return Buffer.alloc(0);
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > outputBytes) stop(tooLarge(outputBytes));
  });
  return buffer(child.stdout);
}

/** The end of what it wrote to its error output. */
async function collectMessages({ child }: GuardedChild): Promise<string> {
  let text = '';
  child.stderr?.setEncoding('utf8');
  for await (const chunk of child.stderr ?? []) text = `${text}${chunk}`.slice(-messageBytes);
  return text;
}

function gitMissing(): SlipwayError {
  return new SlipwayError('unavailable', 'git is not installed where Slipway runs', { fix: gitFix });
}

/** How git is had. */
export const gitFix = 'Install git 2.37 or newer there (https://git-scm.com/downloads) and see that it is on PATH.';

function tooLarge(bytes: number): SlipwayError {
  return new SlipwayError('tooLarge', `the Git repository has more than the ${bytes} bytes that are read`, {
    fix: 'Name the folder that holds the models as path, or keep them in a repository of their own.',
  });
}

function tooSlow(timeoutMs: number): SlipwayError {
  return new SlipwayError('timedOut', `git was not done after ${timeoutMs / 1000} s`, {
    fix: 'Name the folder that holds the models as path, or check the way to the host.',
  });
}
