import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { addCommand } from '../command.ts';
import { addCompletion } from '../completion/completion.ts';
import { noFlagsSchema } from '../flags.ts';
import type { Invocation, Runner } from '../invocation.ts';
import { Client } from '../client.ts';
import { findServer } from '../server-address.ts';

const packageSchema = z.object({ version: z.string() });
const openApiSchema = z.looseObject({ info: z.looseObject({ version: z.string() }) });

/** `slipway version` and `slipway completion`. */
export function addSystemCommands(program: Command, runner: Runner): void {
  addCommand(program, {
    name: 'version',
    description: 'Print the version of this program, and that of the server when it answers.',
    examples: [['slipway version -o json', 'both, for a bug report']],
    action: runner.local(noFlagsSchema, printVersions),
  });
  addCompletion(program, runner.shell);
}

async function printVersions(call: Invocation<unknown>): Promise<void> {
  const { printer, shell, globals } = call;
  const client = packageSchema.parse(
    JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')),
  ).version;
  const address = await findServer(shell, globals);
  const server = await serverVersion(new Client(address, shell.interrupted));
  const answer = { client, server, node: process.versions.node, address: address.server };
  if (!printer.isForPeople) return printer.data(answer);
  printer.lines([`slipway ${client}`, `server  ${server ?? 'does not answer'} (${address.server})`]);
}

async function serverVersion(client: Client): Promise<string | null> {
  try {
    return (await client.get({ schema: openApiSchema, path: '/openapi.json' })).info.version;
  } catch (error) {
    if (error instanceof SlipwayError) return null;
    throw error;
  }
}
