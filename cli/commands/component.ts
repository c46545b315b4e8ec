import type { Command } from 'commander';
import { z } from 'zod';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { printPages } from '../read-pages.ts';
import { addComponentListFlags, componentListFlagsSchema, componentQueryOf } from '../registry-flags.ts';
import { componentWithSchemaSchema, registeredComponentSchema, usageSchema } from '../registry-schemas.ts';
import { componentView } from '../registry-views.ts';
import { addStatusCommands } from '../status-commands.ts';
import { usageLines } from '../usage-text.ts';

const componentArgument = { '<component>': 'address (model@version/Kind@apiVersion) or id' };
const example = 'cert-manager@v1.17.1/Certificate@cert-manager.io/v1';
const getFlagsSchema = z.object({ schema: z.boolean().default(false) });

/** `slipway component …`: kinds that designs can declare. */
export function addComponentCommands(program: Command, runner: Runner): void {
  const component = addGroup(program, {
    name: 'component',
    description: 'Components: the kinds that designs can declare.',
    examples: [
      ['slipway component list --model cert-manager', 'what a model brings'],
      ['slipway component search cluster issuer', 'finds ClusterIssuer'],
    ],
  });
  addReading(component, runner);
  addCommand(component, {
    name: 'usage',
    description: 'Show which designs declare a component, and where its objects are live.',
    arguments: componentArgument,
    examples: [[`slipway component usage ${example}`, 'who would feel a change']],
    action: runner.remote(noFlagsSchema, async ({ client, printer, args: [address = ''] }) => {
      const usage = await client.get({ schema: usageSchema, path: apiPath('components', address, 'usage') });
      if (!printer.isForPeople) return printer.data(usage);
      printer.lines(usageLines(usage, printer.paint));
    }),
  });
  addStatusCommands(component, runner, {
    noun: 'component',
    path: 'components',
    argument: componentArgument,
    example,
    schema: registeredComponentSchema,
    view: componentView,
  });
}

function addReading(component: Command, runner: Runner): void {
  addCommand(component, {
    name: 'list',
    description: 'List components, those of the latest version of each model.',
    flags: [addComponentListFlags],
    examples: [
      ['slipway component list --model cert-manager', 'what a model brings'],
      ['slipway component list --kind Ingress --all', 'every definition of a kind'],
    ],
    action: runner.remote(componentListFlagsSchema, (call) => listComponents(call)),
  });
  addCommand(component, {
    name: 'search',
    description: 'Search components by words in kinds, names, API versions, models and descriptions; best first.',
    arguments: { '<words...>': 'beginnings of words' },
    flags: [addComponentListFlags],
    examples: [['slipway component search cluster issuer', 'finds ClusterIssuer']],
    action: runner.remote(componentListFlagsSchema, (call) => listComponents(call, call.args.join(' '))),
  });
  addCommand(component, {
    name: 'get',
    description: 'Show a component; its JSON Schema with --schema or -o json.',
    arguments: componentArgument,
    flags: [(command) => command.option('--schema', 'only the JSON Schema')],
    examples: [
      [`slipway component get ${example}`, 'what it is and where it came from'],
      [`slipway component get ${example} --schema > certificate.json`, 'for an editor or a check'],
    ],
    action: runner.remote(getFlagsSchema, showComponent),
  });
}

async function listComponents(
  call: RemoteInvocation<z.infer<typeof componentListFlagsSchema>>,
  q?: string,
): Promise<void> {
  const query = { ...componentQueryOf(call.flags), q };
  const path = apiPath('components');
  await printPages(call, componentView, { item: registeredComponentSchema, path, query, flags: call.flags });
}

async function showComponent(call: RemoteInvocation<z.infer<typeof getFlagsSchema>>): Promise<void> {
  const { client, printer, flags, args } = call;
  const path = apiPath('components', args[0] ?? '');
  const component = await client.get({ schema: componentWithSchemaSchema, path });
  if (flags.schema) return printer.data(component.schema);
  await printer.item(componentView, component, [`${printer.paint('bold', 'address:')} ${component.address}`]);
}
