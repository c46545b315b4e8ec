import type { Command } from 'commander';
import type { z } from 'zod';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { printPages } from '../read-pages.ts';
import { addRelationshipListFlags, relationshipListFlagsSchema, relationshipQueryOf } from '../registry-flags.ts';
import { registeredRelationshipSchema } from '../registry-schemas.ts';
import { relationshipView } from '../registry-views.ts';
import { addStatusCommands } from '../status-commands.ts';

const relationshipArgument = { '<relationship>': 'id, or model@version/name' };

/** `slipway relationship …`: rules about which components go with which. */
export function addRelationshipCommands(program: Command, runner: Runner): void {
  const relationship = addGroup(program, {
    name: 'relationship',
    description: 'Relationships: which components go with which, and what follows.',
    examples: [
      ['slipway relationship list --between Service', 'those with a Service on a side'],
      ['slipway relationship search mount', 'volumes and what mounts them'],
    ],
  });
  addReading(relationship, runner);
  addStatusCommands(relationship, runner, {
    noun: 'relationship',
    path: 'relationships',
    argument: relationshipArgument,
    example: '17',
    schema: registeredRelationshipSchema,
    view: relationshipView,
  });
}

function addReading(relationship: Command, runner: Runner): void {
  addCommand(relationship, {
    name: 'list',
    description: 'List relationships, those of the latest version of each model.',
    flags: [addRelationshipListFlags],
    examples: [
      ['slipway relationship list --between Service', 'those with a Service on a side'],
      ['slipway relationship list --found-by schemaField', 'those that were found by a field of a schema'],
    ],
    action: runner.remote(relationshipListFlagsSchema, (call) => listRelationships(call)),
  });
  addCommand(relationship, {
    name: 'search',
    description: 'Search relationships by words in their names and descriptions.',
    arguments: { '<words...>': 'text in the name or the description' },
    flags: [addRelationshipListFlags],
    examples: [['slipway relationship search mount', 'volumes and what mounts them']],
    action: runner.remote(relationshipListFlagsSchema, (call) => listRelationships(call, call.args.join(' '))),
  });
  addCommand(relationship, {
    name: 'get',
    description: 'Show a relationship with its selectors.',
    arguments: relationshipArgument,
    examples: [['slipway relationship get 17 -o yaml', 'the whole definition']],
    action: runner.remote(noFlagsSchema, async ({ client, printer, args: [name = ''] }) => {
      const path = apiPath('relationships', name);
      const item = await client.get({ schema: registeredRelationshipSchema, path });
      await printer.item(relationshipView, item, item.description === '' ? [] : ['', item.description]);
    }),
  });
}

async function listRelationships(
  call: RemoteInvocation<z.infer<typeof relationshipListFlagsSchema>>,
  q?: string,
): Promise<void> {
  const query = { ...relationshipQueryOf(call.flags), q };
  const path = apiPath('relationships');
  await printPages(call, relationshipView, { item: registeredRelationshipSchema, path, query, flags: call.flags });
}
