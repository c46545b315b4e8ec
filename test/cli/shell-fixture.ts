import { Readable } from 'node:stream';
import { runCli } from '../../cli/run-cli.ts';

export type CliRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CliOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly interrupted?: AbortSignal;
};

/** Runs one command line in this process, as in a pipe, and gives what it wrote. */
export async function slipway(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const code = await runCli(args, {
    env: { HOME: '/nonexistent', ...options.env },
    stdin: Readable.from(options.input === undefined ? [] : [options.input]),
    stdout: { write: (text) => stdout.push(textOf(text)) },
    stderr: { write: (text) => stderr.push(textOf(text)) },
    interrupted: options.interrupted ?? new AbortController().signal,
  });
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

function textOf(written: string | Uint8Array): string {
  return typeof written === 'string' ? written : Buffer.from(written).toString('utf8');
}
