import type { Command } from 'commander';
import { Runner } from './invocation.ts';
import { buildStartProgram } from './local/start-command.ts';
import { buildProgram } from './program.ts';
import { exitCodes } from './exit-codes.ts';

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'done',
  failed: 'the operation failed, or failed in part',
  usage: 'wrong command line, or a design that is not valid',
  notFound: 'there is no such thing',
  forbidden: 'no token, or one that may not',
  conflict: 'another operation or a newer version is in the way',
  timedOut: 'stopped waiting after --wait-timeout; the operation goes on',
  unreachable: 'the server does not answer',
  interrupted: 'Ctrl-C: detached; the operation goes on',
};

/** docs/cli.md: every command with its help, as the command tree gives it. */
export function renderReference(): string {
  const written: string[] = [];
  const recorder = { write: (text: string | Uint8Array) => written.push(String(text)) };
  const shell = {
    env: {},
    stdin: emptyInput(),
    stdout: recorder,
    stderr: recorder,
    interrupted: new AbortController().signal,
  };
  const helpOf = (command: Command): string => {
    written.length = 0;
    command.outputHelp();
    return written.join('').trim();
  };
  const section = (command: Command): string => `## ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`;
  const program = buildProgram(new Runner(shell));
  const start = buildStartProgram(new Runner(shell));
  return [introduction(), section(program), ...commandsBelow(program).map(section), section(start)].join('\n');
}

function introduction(): string {
  const codes = Object.entries(exitCodes).map(([name, code]) => `| ${code} | ${meaningOf(name)} |`);
  return `# The command line

<!-- Generated from the command tree: vitest run test/cli/command-reference.test.ts -u -->

Data goes to stdout, everything else to stderr. Actions wait and show what happens; Ctrl-C detaches and never cancels.

| exit code | meaning |
| --- | --- |
${codes.join('\n')}

\`slipway diff\` follows kubectl: 0 nothing differs, 1 something does, 2 and up an error.
`;
}

function meaningOf(name: string): string {
  return Object.entries(meanings).find(([known]) => known === name)?.[1] ?? name;
}

function commandsBelow(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => child.name() !== 'help')
    .flatMap((child) => [child, ...commandsBelow(child)]);
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

async function* emptyInput(): AsyncGenerator<Buffer> {}
