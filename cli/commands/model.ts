import type { Command } from 'commander';
import { z } from 'zod';
import { apiPath } from '../client.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { addCommand, addGroup } from '../command.ts';
import { confirm } from '../confirm.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { addListFlags, listFlagsSchema, noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { comparisonLines, comparisonSummary } from '../model-comparison.ts';
import { printPages } from '../read-pages.ts';
import { exportRegistry } from '../registry-export.ts';
import {
  addExportFlags,
  addModelListFlags,
  exportFlagsSchema,
  modelListFlagsSchema,
  modelQueryOf,
} from '../registry-flags.ts';
import { modelComparisonSchema, registeredModelSchema, usageSchema } from '../registry-schemas.ts';
import { modelView, referenceOf } from '../registry-views.ts';
import { addStatusCommands } from '../status-commands.ts';
import { usageLines } from '../usage-text.ts';
import { addDraftCommands } from './model-draft.ts';
import { addModelGenerationCommands } from './model-import.ts';

const modelArgument = { '<model>': 'name (the latest version), name@version, name@version#revision, or id' };
const compareFlagsSchema = z.object({ exitCode: z.boolean().default(false) });
const deleteFlagsSchema = z.object({ force: z.boolean().default(false) });

/** `slipway model …`: versioned packages of definitions. */
export function addModelCommands(program: Command, runner: Runner): void {
  const model = addGroup(program, {
    name: 'model',
    description: 'Models: versioned packages of components and relationships that designs can use.',
    examples: [
      ['slipway model generate --chart https://charts.jetstack.io/cert-manager:v1.17.1', 'a model out of a chart'],
      ['slipway model import cert-manager.tar.gz', 'one that was exported'],
      ['slipway model search cert', 'cert-manager and whatever else fits'],
    ],
  });
  addModelGenerationCommands(model, runner);
  addReading(model, runner);
  addVersions(model, runner);
  addComparing(model, runner);
  addCommand(model, {
    name: 'export',
    description: 'Write a model to a file: a package that another Slipway or Meshery imports, an image, a sheet, JSON.',
    arguments: modelArgument,
    flags: [addExportFlags],
    examples: [
      ['slipway model export cert-manager', 'writes cert-manager-v1.17.1.tar.gz'],
      ['slipway model export cert-manager@v1.17.1 --format image -f cm.tar', 'an OCI image as a file'],
      ['slipway model export cert-manager --format csv --sheet components -f -', 'to stdout'],
    ],
    action: runner.remote(exportFlagsSchema, (call) =>
      exportRegistry(call, apiPath('models', call.args[0] ?? '', 'export')),
    ),
  });
  addStatusCommands(model, runner, {
    noun: 'model',
    path: 'models',
    argument: modelArgument,
    example: 'cert-manager@v1.17.1',
    schema: registeredModelSchema,
    view: modelView,
  });
  addCommand(model, {
    name: 'delete',
    description: 'Delete a version of a model with all that it holds; one that is used is refused (exit 5).',
    arguments: modelArgument,
    flags: [(command) => command.option('--force', 'also when designs or deployments use it')],
    examples: [['slipway model delete cert-manager@v1.16.0 --yes', 'without a question']],
    action: runner.remote(deleteFlagsSchema, deleteModel),
  });
  addDraftCommands(model, runner);
}

function addReading(model: Command, runner: Runner): void {
  addCommand(model, {
    name: 'list',
    description: 'List models, the latest version of each.',
    flags: [addModelListFlags],
    examples: [
      ['slipway model list', 'what designs can use'],
      ['slipway model list --registrant helm --registrant git', 'by where they come from'],
      ['slipway model list --all -o json', 'every version and revision'],
    ],
    action: runner.remote(modelListFlagsSchema, (call) => listModels(call)),
  });
  addCommand(model, {
    name: 'search',
    description: 'Search models by words in their names and descriptions.',
    arguments: { '<words...>': 'beginnings of words' },
    flags: [addModelListFlags],
    examples: [['slipway model search cert', 'cert-manager and whatever else fits']],
    action: runner.remote(modelListFlagsSchema, (call) => listModels(call, call.args.join(' '))),
  });
  addCommand(model, {
    name: 'get',
    description: 'Show a model.',
    arguments: modelArgument,
    examples: [
      ['slipway model get cert-manager', 'the latest version'],
      ['slipway model get cert-manager@v1.17.1 -o yaml', 'all that is known of it'],
    ],
    action: runner.remote(noFlagsSchema, showModel),
  });
}

function addVersions(model: Command, runner: Runner): void {
  addCommand(model, {
    name: 'versions',
    description: 'List the versions and revisions of a model, newest first.',
    arguments: { '<name>': 'name of the model' },
    flags: [addListFlags],
    examples: [['slipway model versions cert-manager', 'and what brought each']],
    action: runner.remote(listFlagsSchema, (call) =>
      printPages(call, modelView, {
        item: registeredModelSchema,
        path: apiPath('models', call.args[0] ?? '', 'versions'),
        flags: call.flags,
      }),
    ),
  });
  addCommand(model, {
    name: 'usage',
    description: 'Show which designs declare components of a model, and where they are live.',
    arguments: modelArgument,
    examples: [['slipway model usage cert-manager@v1.17.1', 'before you delete it']],
    action: runner.remote(noFlagsSchema, async ({ client, printer, args: [name = ''] }) => {
      const usage = await client.get({ schema: usageSchema, path: apiPath('models', name, 'usage') });
      if (!printer.isForPeople) return printer.data(usage);
      printer.lines(usageLines(usage, printer.paint));
    }),
  });
}

function addComparing(model: Command, runner: Runner): void {
  addCommand(model, {
    name: 'compare',
    description: 'Show what turns one version of a model into another: components, and each change of their schemas.',
    arguments: { '<before>': 'as name@version', '<after>': 'as name@version, or name for the latest' },
    flags: [(command) => command.option('--exit-code', 'exit 1 where something breaks what was declared')],
    examples: [
      ['slipway model compare cert-manager@v1.16.0 cert-manager', 'the old one with the latest'],
      ['slipway model compare cert-manager@v1.17.1#1 cert-manager@v1.17.1#2', 'two revisions of one version'],
    ],
    action: runner.remote(compareFlagsSchema, compareModels),
  });
}

async function listModels(call: RemoteInvocation<z.infer<typeof modelListFlagsSchema>>, q?: string): Promise<void> {
  const query = { ...modelQueryOf(call.flags), q };
  await printPages(call, modelView, { item: registeredModelSchema, path: apiPath('models'), query, flags: call.flags });
}

async function showModel({ client, printer, args: [name = ''] }: RemoteInvocation<unknown>): Promise<void> {
  const model = await client.get({ schema: registeredModelSchema, path: apiPath('models', name) });
  await printer.item(modelView, model, model.description === '' ? [] : ['', model.description]);
}

async function compareModels(call: RemoteInvocation<z.infer<typeof compareFlagsSchema>>): Promise<ExitCode> {
  const { client, printer, flags, args, say } = call;
  const comparison = await client.get({
    schema: modelComparisonSchema,
    path: apiPath('models', args[0] ?? '', 'compare'),
    query: { with: args[1] },
  });
  if (printer.isForPeople) {
    printer.lines(comparisonLines(comparison, printer.paint));
    say(comparisonSummary(comparison));
  } else await printer.data(comparison);
  return flags.exitCode && comparison.breaking ? exitCodes.failed : exitCodes.ok;
}

async function deleteModel(call: RemoteInvocation<z.infer<typeof deleteFlagsSchema>>): Promise<void> {
  const { client, flags, args, say } = call;
  const model = await client.get({ schema: registeredModelSchema, path: apiPath('models', args[0] ?? '') });
  const name = referenceOf(model);
  await confirm(call, `Delete model ${name} with all that it holds`);
  const query = { force: flags.force ? true : undefined };
  await client.delete({ schema: ignoredSchema, path: apiPath('models', model.id), query });
  say(`model ${name} is deleted`);
}
