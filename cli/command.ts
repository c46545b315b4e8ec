import type { Command } from 'commander';

/** A command as it is declared: what help, completion and docs/cli.md say of it, and what it does. */
export type CommandSpecification = {
  readonly name: string;
  readonly description: string;
  /** By `<name>`, `[name]` or `<name...>`. */
  readonly arguments?: Readonly<Record<string, string>>;
  readonly flags?: readonly ((command: Command) => Command)[];
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  readonly action: (...call: readonly unknown[]) => Promise<void>;
};

/** Adds a command with its arguments, flags, examples and action. */
export function addCommand(parent: Command, specification: CommandSpecification): Command {
  const command = parent.command(specification.name).description(specification.description);
  for (const [name, meaning] of Object.entries(specification.arguments ?? {})) command.argument(name, meaning);
  for (const add of specification.flags ?? []) add(command);
  return addExamples(command, specification.examples).action(specification.action);
}

/** A command that others stand below. */
export type GroupSpecification = Pick<CommandSpecification, 'name' | 'description' | 'examples'> & {
  readonly alias?: string;
};

/** Adds a command that others are added to. */
export function addGroup(parent: Command, { name, alias, description, examples }: GroupSpecification): Command {
  const group = parent.command(name).description(description);
  if (alias !== undefined) group.alias(alias);
  return addExamples(group, examples);
}

/** Adds examples below a command's help. */
export function addExamples(command: Command, examples: CommandSpecification['examples']): Command {
  const width = examples.reduce((widest, [line]) => Math.max(widest, line.length), 0);
  const lines = examples.map(([line, meaning]) => `  ${line.padEnd(width)}   # ${meaning}`);
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}
