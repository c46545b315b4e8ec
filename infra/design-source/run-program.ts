import { execFile } from 'node:child_process';
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
    return await execute(run, folder);
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

function execute({ program, arguments: args }: ProgramRun, folder: string): Promise<ProgramOutcome> {
  const options = {
    cwd: folder,
    env: environment(folder),
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: designLimits.sourceBytes,
    encoding: 'buffer',
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, options, (error, output, errors) => {
      const messages = errors.toString('utf8').replaceAll(`${folder}/`, '').replaceAll(folder, '.');
      if (error === null) resolve({ succeeded: true, output, messages });
      else if (error.code === 'ENOENT' || error.code === 'EACCES') reject(notStarted(program, error));
      else if (error.killed === true) resolve({ succeeded: false, messages: `stopped after ${timeoutMs / 1000} s` });
      else if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
        resolve({ succeeded: false, messages: 'the output is too large' });
      else resolve({ succeeded: false, messages });
    });
  });
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
