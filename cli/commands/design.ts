import type { Command } from 'commander';
import { z } from 'zod';
import { designSummarySchema, ignoredSchema, revisionSchema } from '../api-schemas.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { confirm } from '../confirm.ts';
import { readDesignSource } from '../design-source.ts';
import type { DesignSource } from '../design-source.ts';
import { applyDesign, createDesign, sayFindings, updateDesign } from '../design-store.ts';
import { describeEndedDeployments } from '../ended-deployments.ts';
import { addListFlags, listFlagsSchema, noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { count } from '../output/text.ts';
import { printPages } from '../read-pages.ts';
import { designView, revisionView } from '../views.ts';
import { addDeployCommands, addRollbackCommand } from './deploy.ts';
import { addInspectionCommands } from './design-inspection.ts';

const fileFlagsSchema = z.object({ file: z.string(), name: z.string().optional() });
type FileCall = RemoteInvocation<z.infer<typeof fileFlagsSchema>>;

const designArgument = { '<design>': 'name or id' };

/** `slipway design …`: designs as they are stored, and their way onto a cluster and off it. */
export function addDesignCommands(program: Command, runner: Runner): void {
  const design = addGroup(program, {
    name: 'design',
    description: 'Designs: store, check, compare, deploy and undeploy them.',
    examples: [
      ['slipway design apply -f shop.yaml', 'store a file as a design, or as its next revision'],
      ['slipway design validate -f shop.yaml', 'every finding, and nothing is stored'],
      ['slipway design deploy shop -c prod', 'and watch it go live'],
      ['slipway design rollback shop', 'to the revision before'],
    ],
  });
  addReading(design, runner);
  addWriting(design, runner);
  addInspectionCommands(design, runner);
  addDeployCommands(design, runner);
  addRollbackCommand(design, runner);
}

function addReading(design: Command, runner: Runner): void {
  addCommand(design, {
    name: 'list',
    description: 'List the stored designs.',
    flags: [addListFlags],
    examples: [
      ['slipway design list', 'name, revision and format of each'],
      ['slipway design list -o name', 'one a line, for scripts'],
    ],
    action: runner.remote(listFlagsSchema, (call) =>
      printPages(call, designView, { item: designSummarySchema, path: apiPath('designs'), flags: call.flags }),
    ),
  });
  addCommand(design, {
    name: 'get',
    description: 'Show a stored design.',
    arguments: designArgument,
    examples: [['slipway design get shop -o yaml', 'all that is known of it']],
    action: runner.remote(noFlagsSchema, async ({ client, printer, args: [name = ''] }) =>
      printer.item(designView, await client.get({ schema: designSummarySchema, path: apiPath('designs', name) })),
    ),
  });
  addCommand(design, {
    name: 'revisions',
    description: 'List the revisions of a design.',
    arguments: designArgument,
    flags: [addListFlags],
    examples: [['slipway design revisions shop', 'who stored what, and when']],
    action: runner.remote(listFlagsSchema, (call) =>
      printPages(call, revisionView, {
        item: revisionSchema,
        path: apiPath('designs', call.args[0] ?? '', 'revisions'),
        flags: call.flags,
      }),
    ),
  });
}

function addWriting(design: Command, runner: Runner): void {
  addCommand(design, {
    name: 'create',
    description: 'Store a new design; a name that is taken is refused (exit 5).',
    flags: [addFileFlags],
    examples: fileExamples('create'),
    action: storing(runner, (call, source) => createDesign(call.client, source, call.flags.name)),
  });
  addCommand(design, {
    name: 'apply',
    description: 'Store a design: a new one, or a new revision of the one with its name.',
    flags: [addFileFlags],
    examples: fileExamples('apply'),
    action: storing(runner, (call, source) => applyDesign(call.client, source, call.flags.name)),
  });
  addCommand(design, {
    name: 'update',
    description: 'Store a new revision of a design; one that changes nothing makes none.',
    arguments: designArgument,
    flags: [addFileFlags],
    examples: fileExamples('update shop'),
    action: storing(runner, (call, source) => updateDesign(call.client, source, call.args[0] ?? '')),
  });
  addCommand(design, {
    name: 'delete',
    description:
      'Delete a design, all its revisions and the records of its undeployed deployments; refused while it is deployed (exit 5).',
    arguments: designArgument,
    examples: [['slipway design delete shop --yes', 'without a question']],
    action: runner.remote(noFlagsSchema, deleteDesign),
  });
}

function addFileFlags(command: Command): Command {
  return command
    .requiredOption('-f, --file <path>', 'a file, a folder (Kustomize or manifests), or - for stdin')
    .option('--name <name>', 'the name to store it under (default: the name it gives itself, else that of the file)');
}

function fileExamples(words: string): readonly (readonly [string, string])[] {
  return [
    [`slipway design ${words} -f shop.yaml`, 'a design, manifests, a Meshery design or a Compose file'],
    [`slipway design ${words} -f overlays/prod`, 'a Kustomize folder'],
    [`helm template shop | slipway design ${words} -f - --name shop`, 'what another program writes'],
  ];
}

function storing(
  runner: Runner,
  save: (call: FileCall, source: DesignSource) => ReturnType<typeof applyDesign>,
): ReturnType<Runner['remote']> {
  return runner.remote(fileFlagsSchema, async (call) => {
    const stored = await save(call, await readDesignSource(call.shell, call.flags.file));
    sayFindings(call, stored.findings);
    if (!call.printer.isForPeople) return call.printer.item(designView, stored);
    const { name, revision, componentCount } = stored;
    call.printer.lines([`design ${name}, revision ${revision}, ${count(componentCount, 'component')}`]);
  });
}

async function deleteDesign(call: RemoteInvocation<unknown>): Promise<void> {
  const [name = ''] = call.args;
  const { body, headers } = await call.client.call('GET', {
    schema: designSummarySchema,
    path: apiPath('designs', name),
  });
  const records = await describeEndedDeployments(call.client, { design: name });
  await confirm(call, `Delete design ${body.name} and its ${count(body.revision, 'revision')}${records}`);
  const match = { 'if-match': headers.get('etag') ?? '*' };
  await call.client.delete({ schema: ignoredSchema, path: apiPath('designs', name), headers: match });
  call.say(`design ${body.name} is deleted${records}`);
}
