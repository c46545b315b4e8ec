import { Command, Option } from 'commander';
import { outputFormats } from './output/printer.ts';
import { colourModes } from './output/style.ts';
import type { Shell } from './shell.ts';

const helpColumns = 100;

/** A root command that writes to the shell, throws instead of exiting, and leaves errors to its caller. */
export function baseCommand(name: string, { stdout, stderr }: Shell): Command {
  return new Command(name)
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? helpColumns,
      getErrHelpWidth: () => stderr.columns ?? helpColumns,
    });
}

/** The flags about what is written and asked, which every command takes. */
export function addOutputOptions(program: Command): Command {
  return program
    .addOption(new Option('-o, --output <format>', 'how data is written (SLIPWAY_OUTPUT)').choices(outputFormats))
    .addOption(new Option('--color <when>', 'colours (NO_COLOR, FORCE_COLOR)').choices(colourModes))
    .option('-q, --quiet', 'no progress, only data and errors')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-input', 'never ask, fail instead (SLIPWAY_NO_INPUT)');
}
