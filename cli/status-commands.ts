import type { Command } from 'commander';
import { z } from 'zod';
import type { DefinitionStatus } from '../domain/registry/model.ts';
import { apiPath } from './client.ts';
import { addCommand } from './command.ts';
import type { RemoteInvocation, Runner } from './invocation.ts';
import type { View } from './output/printer.ts';

export type Definitions<Schema extends z.ZodType> = {
  readonly noun: string;
  /** The path of the API: `models`. */
  readonly path: string;
  readonly argument: Readonly<Record<string, string>>;
  /** What stands for one in the examples. */
  readonly example: string;
  readonly schema: Schema;
  readonly view: View<z.infer<Schema>>;
};

const statusFlagsSchema = z.object({ reason: z.string().optional() });

const verbs: readonly (readonly [string, DefinitionStatus, string])[] = [
  ['enable', 'enabled', 'be used again: by designs, and by the commands that look for kinds'],
  ['disable', 'disabled', 'no longer be used: designs that need it are told so'],
  ['ignore', 'ignored', 'be left out: as if it were not there'],
  ['deprecate', 'deprecated', 'still be used, with a warning'],
];

/** `enable`, `disable`, `ignore` and `deprecate` of something that the registry holds. */
export function addStatusCommands<Schema extends z.ZodType>(
  parent: Command,
  runner: Runner,
  definitions: Definitions<Schema>,
): void {
  const { noun, example } = definitions;
  for (const [verb, status, meaning] of verbs) {
    addCommand(parent, {
      name: verb,
      description: `Let a ${noun} ${meaning}.`,
      arguments: definitions.argument,
      flags: [(command) => command.option('--reason <text>', 'why; it is kept in the event')],
      examples: [[`slipway ${noun} ${verb} ${example} --reason "as agreed"`, `and tell others why`]],
      action: runner.remote(statusFlagsSchema, (call) => setStatus(call, definitions, status)),
    });
  }
}

async function setStatus<Schema extends z.ZodType>(
  call: RemoteInvocation<z.infer<typeof statusFlagsSchema>>,
  { noun, path, schema, view }: Definitions<Schema>,
  status: DefinitionStatus,
): Promise<void> {
  const { client, printer, flags, args, say } = call;
  const json = { status, reason: flags.reason };
  const item = await client.patch({ schema, path: apiPath(path, args[0] ?? ''), json });
  if (!printer.isForPeople) return printer.item(view, item);
  say(`${noun} ${view.name(item)} is ${status}`);
}
