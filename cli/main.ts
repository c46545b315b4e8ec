import type { Command } from 'commander';
import type { Runner } from './invocation.ts';
import { runCli } from './run-cli.ts';

/** Runs the CLI, or another program of it, on this process: the first Ctrl-C interrupts, a second one ends at once. */
export async function runOnProcess(build?: (runner: Runner) => Command): Promise<void> {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.once('SIGTERM', () => interrupt.abort());
  process.stdout.on('error', endQuietlyOnClosedPipe);
  process.stderr.on('error', endQuietlyOnClosedPipe);
  const shell = {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    interrupted: interrupt.signal,
  };
  process.exitCode = await runCli(process.argv.slice(2), shell, build);
}

/** `slipway … | head` is no error. */
function endQuietlyOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
}
