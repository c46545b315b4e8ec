import { Option } from 'commander';
import type { Command } from 'commander';
import { z } from 'zod';
import { relationshipKinds, relationshipOrigins } from '../domain/registry/relationship-definition.ts';
import { definitionStatuses, modelCategories, registrantKinds } from '../domain/registry/model.ts';
import type { Query } from './client.ts';
import { addListFlags, listFlagsSchema } from './flags.ts';
import { collect } from './source-flags.ts';

/** Flags that the commands of the registry share. */

const statusFlag = z.array(z.enum(definitionStatuses)).optional();

export const modelListFlagsSchema = z.object({
  ...listFlagsSchema.shape,
  category: z.array(z.enum(modelCategories)).optional(),
  registrant: z.array(z.enum(registrantKinds)).optional(),
  status: statusFlag,
  all: z.boolean().default(false),
});

export function addModelListFlags(command: Command): Command {
  command
    .option('--category <category>', 'only of this category, such as "Runtime"; may be repeated', collect)
    .option('--registrant <kind>', `only what these brought: ${registrantKinds.join(', ')}; may be repeated`, collect);
  addStatusFlag(command).option('--all', 'every version and revision, not only the latest of each');
  return addListFlags(command);
}

export function modelQueryOf(flags: z.infer<typeof modelListFlagsSchema>): Query {
  const { category, registrant, status, all } = flags;
  return { category, registrant, status, latest: all ? undefined : true };
}

export const componentListFlagsSchema = z.object({
  ...listFlagsSchema.shape,
  model: z.string().optional(),
  kind: z.string().optional(),
  apiVersion: z.string().optional(),
  status: statusFlag,
  all: z.boolean().default(false),
});

export function addComponentListFlags(command: Command): Command {
  command
    .option('--model <model>', 'only of this model: its name, name@version or id')
    .option('--kind <kind>', 'only of this kind, such as Certificate')
    .option('--api-version <version>', 'only of this API version, such as apps/v1');
  addStatusFlag(command).option('--all', 'of every version of the models, not only the latest');
  return addListFlags(command);
}

export function componentQueryOf(flags: z.infer<typeof componentListFlagsSchema>): Query {
  const { model, kind, apiVersion, status, all } = flags;
  return { model, kind, apiVersion, status, latest: all || model !== undefined ? undefined : true };
}

export const relationshipListFlagsSchema = z.object({
  ...listFlagsSchema.shape,
  model: z.string().optional(),
  kind: z.array(z.enum(relationshipKinds)).optional(),
  between: z.string().optional(),
  foundBy: z.array(z.enum(relationshipOrigins)).optional(),
  status: statusFlag,
  all: z.boolean().default(false),
});

export function addRelationshipListFlags(command: Command): Command {
  command
    .option('--model <model>', 'only of this model: its name, name@version or id')
    .option('--kind <kind>', `only of these kinds: ${relationshipKinds.join(', ')}; may be repeated`, collect)
    .option('--between <kind>', 'only those that name this kind of component on a side, such as Service')
    .option(
      '--found-by <how>',
      `only those that were found so: ${relationshipOrigins.join(', ')}; may be repeated`,
      collect,
    );
  addStatusFlag(command).option('--all', 'of every version of the models, not only the latest');
  return addListFlags(command);
}

export function relationshipQueryOf(flags: z.infer<typeof relationshipListFlagsSchema>): Query {
  const { model, kind, between, foundBy, status, all } = flags;
  return { model, kind, between, foundBy, status, latest: all || model !== undefined ? undefined : true };
}

export const exportFormats = ['package', 'image', 'csv', 'json'] as const;
export const exportSheets = ['models', 'components', 'relationships'] as const;
export const exportFlagsSchema = z.object({
  format: z.enum(exportFormats).default('package'),
  sheet: z.enum(exportSheets).optional(),
  file: z.string().optional(),
});

export function addExportFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'a package, an image file, a sheet or JSON (default: package)').choices(
        exportFormats,
      ),
    )
    .addOption(new Option('--sheet <sheet>', 'with --format csv: which one (default: models)').choices(exportSheets))
    .option('-f, --file <path>', 'the file to write, or - for stdout (default: named by the model)');
}

function addStatusFlag(command: Command): Command {
  return command.option(
    '--status <status>',
    `only in these states: ${definitionStatuses.join(', ')}; may be repeated (default: all)`,
    collect,
  );
}
