import { Option } from 'commander';
import type { Command } from 'commander';
import { z } from 'zod';
import { ignoredSchema } from '../api-schemas.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { parseDurationSeconds } from '../duration.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';

const choices = ['wait', 'skip', 'remove-finalizers'] as const;

const resolveSchema = z.object({
  object: z.string(),
  choice: z.enum(choices),
  for: z.number().optional(),
  finalizer: z.array(z.string()).optional(),
  reason: z.string().optional(),
});

type ResolveFlags = z.infer<typeof resolveSchema>;

/** `slipway operation resolve`: what to do with an object that was deleted and stays. */
export function addResolveCommand(operation: Command, runner: Runner): void {
  addCommand(operation, {
    name: 'resolve',
    description: 'Say what to do with an object that was deleted and stays, while the operation waits for it.',
    arguments: { '<operation>': 'id of the operation' },
    flags: [addResolveFlags],
    examples: [
      ['slipway operation resolve op_01h… --object "ConfigMap shop/held" --choice wait --for 30m', 'more time'],
      ['slipway operation resolve op_01h… --object "ConfigMap shop/held" --choice skip', 'leave it, and say so'],
      [
        'slipway operation resolve op_01h… --object "ConfigMap shop/held" --choice remove-finalizers',
        'when their controller is lost for good',
      ],
    ],
    action: runner.remote(resolveSchema, resolve),
  });
}

function addResolveFlags(command: Command): Command {
  return command
    .requiredOption('--object <object>', 'kind and name as shown, or the key of its step')
    .addOption(
      new Option('--choice <choice>', 'wait longer, skip it, or remove the finalizers that the diagnosis names')
        .choices(choices)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--for <duration>', 'with wait: how long from now, as 90s or 10m (default: 10m)').argParser(
        parseDurationSeconds,
      ),
    )
    .option('--finalizer <name...>', 'with remove-finalizers: only these')
    .option('--reason <text>', 'why, for whoever reads it later');
}

async function resolve(call: RemoteInvocation<ResolveFlags>): Promise<void> {
  const { client, flags, say } = call;
  const [id = ''] = call.args;
  if (flags.choice === 'remove-finalizers') {
    await confirm(call, `Remove finalizers of ${flags.object}, so that nothing cleans up after it`);
  }
  await client.post({ schema: ignoredSchema, path: apiPath('operations', id, 'resolve'), json: bodyOf(flags) });
  say(`asked to ${flags.choice}: slipway operation watch ${id}`);
}

function bodyOf({ object, choice, reason, finalizer, ...flags }: ResolveFlags) {
  const shared = { object, ...(reason === undefined ? {} : { reason }) };
  switch (choice) {
    case 'wait':
      return { ...shared, choice, ...(flags.for === undefined ? {} : { seconds: flags.for }) };
    case 'skip':
      return { ...shared, choice };
    case 'remove-finalizers':
      return {
        ...shared,
        choice: 'removeFinalizers',
        ...(finalizer === undefined ? {} : { finalizers: finalizer }),
      };
  }
}
