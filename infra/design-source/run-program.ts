import { execFile, type ExecFileException } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { designLimits } from '../../domain/design/limits.ts';
import { SlipwayError } from '../../domain/errors.ts';
import type { ArchiveFiles } from './archive-files.ts';
import { watchMemory } from './watch-memory.ts';

/** What a program may take unless its run says less. */
const programLimits = { seconds: 60, memoryBytes: 1024 ** 3 } as const;

export type ProgramRun = {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly files: ArchiveFiles;
  readonly signal?: AbortSignal | undefined;
};

export type ProgramOutcome =
  | { readonly succeeded: true; readonly output: Buffer; readonly messages: string }
  | ProgramFailure;

export type ProgramFailure = {
  readonly succeeded: false;
  readonly messages: string;
  /** The limit at which it was stopped, such as `30 s`; undefined where it ended by itself. */
  readonly limit?: string | undefined;
};

/**
 * Runs a converting program over files in a private folder that is removed afterwards. It gets no shell, no environment of ours and no
 * PATH to start others from, and its web requests lead nowhere. Throws SlipwayError `unavailable` when it cannot be started, the signal's
 * reason when it fires.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-design-'));
  try {
    await writeFiles(folder, run.files);
    return await runInFolder({ ...run, folder, maximumBytes: designLimits.sourceBytes });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeFiles(folder: string, files: ArchiveFiles): Promise<void> {
  for (const [path, content] of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, content, { mode: 0o600, flag: 'wx' });
  }
}

export type FolderRun = {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Where it runs, and its home; nobody else writes there. */
  readonly folder: string;
  /** Of what it writes. */
  readonly maximumBytes: number;
  readonly seconds?: number;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Runs a converting program in a private folder, as `runProgram` does, and stops it when it takes too much time or memory. Rejects with
 * the signal's reason when it fires.
 */
export function runInFolder(run: FolderRun): Promise<ProgramOutcome> {
  const { program, folder, signal } = run;
  return new Promise((resolve, reject) => {
    let isTooBig = false;
    const child = execFile(program, run.arguments, optionsOf(run), (error, output, errors) => {
      stopWatching();
      const messages = errors.toString('utf8').replaceAll(`${folder}/`, '').replaceAll(folder, '.');
      if (error === null) resolve({ succeeded: true, output, messages });
      else if (signal?.aborted === true) reject(signal.reason);
      else if (error.code === 'ENOENT' || error.code === 'EACCES') reject(notStarted(program, error));
      else resolve({ succeeded: false, messages, limit: isTooBig ? memoryLimit : limitOf(error, run) });
    });
    const onExceeded = (): void => {
      isTooBig = child.kill('SIGKILL');
    };
    const stopWatching =
      child.pid === undefined
        ? () => undefined
        : watchMemory({ pid: child.pid, maximumBytes: programLimits.memoryBytes, onExceeded });
  });
}

function optionsOf({ folder, maximumBytes, seconds = programLimits.seconds, signal }: FolderRun) {
  return {
    cwd: folder,
    env: environment(folder),
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: maximumBytes,
    encoding: 'buffer',
    windowsHide: true,
    ...(signal === undefined ? {} : { signal }),
  } as const;
}

const mebibyte = 1024 ** 2;
const memoryLimit = `${programLimits.memoryBytes / mebibyte} MiB of memory`;

/** The limit at which a program was stopped; undefined where it ended by itself. */
function limitOf(error: ExecFileException, { maximumBytes, seconds = programLimits.seconds }: FolderRun) {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `${maximumBytes / mebibyte} MiB of output`;
  return error.killed === true ? `${seconds} s` : undefined;
}

/** Port 9 is "discard": what goes through this proxy fails at once. */
function environment(folder: string): NodeJS.ProcessEnv {
  const nowhere = 'http://127.0.0.1:9';
  return {
    HOME: folder,
    TMPDIR: folder,
    PATH: '',
    // Garbage is collected before the limit of memory is reached: https://pkg.go.dev/runtime#hdr-Environment_Variables
    GOMEMLIMIT: String(programLimits.memoryBytes / 2),
    NO_COLOR: '1',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    ALL_PROXY: nowhere,
  };
}

function notStarted(program: string, cause: Error): SlipwayError {
  return new SlipwayError('unavailable', `${program} cannot be started`, { fix: 'Run "slipway doctor".', cause });
}
