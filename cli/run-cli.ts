import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { SlipwayError } from '../domain/errors.ts';
import { exitCodeOf, exitCodes } from './exit-codes.ts';
import { Runner } from './invocation.ts';
import { renderError } from './output/errors.ts';
import { choosePaint, colourModes } from './output/style.ts';
import { buildProgram } from './program.ts';
import type { Shell } from './shell.ts';

/** Runs one command line and gives its exit code; errors are written to stderr in three lines. */
export async function runCli(
  args: readonly string[],
  shell: Shell,
  build: (runner: Runner) => Command = buildProgram,
): Promise<number> {
  const runner = new Runner(shell);
  try {
    await build(runner).parseAsync(isVersionFlag(args) ? ['version'] : [...args], { from: 'user' });
    return runner.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endCommander(error, args, shell);
    if (shell.interrupted.aborted && isAbort(error)) return exitCodes.interrupted;
    shell.stderr.write(`${renderError(error, errorPaint(args, shell)).join('\n')}\n`);
    const code = error instanceof SlipwayError ? exitCodeOf(error.code) : exitCodes.failed;
    return code === exitCodes.failed ? runner.failedCode : code;
  }
}

/** What most programs print their version for, besides their command for it. */
function isVersionFlag(args: readonly string[]): boolean {
  return args.length === 1 && (args[0] === '--version' || args[0] === '-V');
}

/** Help and version are fine; the rest of what commander throws is a wrong command line. */
function endCommander(error: CommanderError, args: readonly string[], shell: Shell): number {
  if (error.exitCode === 0) return exitCodes.ok;
  if (error.code === 'commander.help') return exitCodes.usage;
  const [message = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = hints.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?');
  const fix = suggestion === '' ? 'slipway COMMAND --help shows its arguments, flags and examples' : suggestion;
  const shown = new SlipwayError('invalid', message, { fix });
  shell.stderr.write(`${renderError(shown, errorPaint(args, shell)).join('\n')}\n`);
  return exitCodes.usage;
}

function isAbort(error: unknown): boolean {
  if (error instanceof SlipwayError) return error.code === 'cancelled';
  return error instanceof Error && error.name === 'AbortError';
}

function errorPaint(args: readonly string[], shell: Shell): ReturnType<typeof choosePaint> {
  const given =
    args.find((_arg, index) => args[index - 1] === '--color') ?? args.find((arg) => arg.startsWith('--color='));
  const mode = colourModes.find((name) => given === name || given === `--color=${name}`);
  return choosePaint(mode ?? 'auto', shell.stderr, shell.env);
}
