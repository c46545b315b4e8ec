import { execFile, type ExecFileException } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { designLimits } from '../../domain/design/limits.ts';
import { SlipwayError } from '../../domain/errors.ts';
import type { ArchiveFiles } from './archive-files.ts';

const timeoutMs = 60_000;

export type ProgramRun = {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly files: ArchiveFiles;
};

export type ProgramOutcome =
  | { readonly succeeded: true; readonly output: Buffer; readonly messages: string }
  | { readonly succeeded: false; readonly messages: string };

/**
 * Runs a converting program over files in a private folder that is removed afterwards. It gets no shell, no environment of ours and no
 * PATH to start others from, and its web requests lead nowhere. Throws SlipwayError `unavailable` when it cannot be started.
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
  readonly maximumBytes: number;
  readonly signal?: AbortSignal | undefined;
};

/** Runs a converting program in a private folder, as `runProgram` does. Rejects with the signal's reason when it fires. */
export function runInFolder(run: FolderRun): Promise<ProgramOutcome> {
  const { program, folder, maximumBytes, signal } = run;
  const options = {
    cwd: folder,
    env: environment(folder),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: maximumBytes,
    encoding: 'buffer',
    windowsHide: true,
    ...(signal === undefined ? {} : { signal }),
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, run.arguments, options, (error, output, errors) => {
      const messages = errors.toString('utf8').replaceAll(`${folder}/`, '').replaceAll(folder, '.');
      if (error === null) resolve({ succeeded: true, output, messages });
      else if (signal?.aborted === true) reject(signal.reason);
      else if (error.code === 'ENOENT' || error.code === 'EACCES') reject(notStarted(program, error));
      else resolve({ succeeded: false, messages: reasonOf(error) ?? messages });
    });
  });
}

/** Why a program was stopped; undefined where it ended by itself. */
function reasonOf(error: ExecFileException): string | undefined {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'the output is too large';
  return error.killed === true ? `stopped after ${timeoutMs / 1000} s` : undefined;
}

/** Port 9 is "discard": what goes through this proxy fails at once. */
function environment(folder: string): NodeJS.ProcessEnv {
  const nowhere = 'http://127.0.0.1:9';
  return {
    HOME: folder,
    TMPDIR: folder,
    PATH: '',
    NO_COLOR: '1',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    ALL_PROXY: nowhere,
  };
}

function notStarted(program: string, cause: Error): SlipwayError {
  return new SlipwayError('unavailable', `${program} cannot be started`, { fix: 'Run "slipway doctor".', cause });
}
