import { readFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import { modelCategories } from '../domain/registry/model.ts';
import { type ModelSource, modelSourceSchema } from '../domain/registry/model-source.ts';
import { readAll } from './shell.ts';
import type { Shell } from './shell.ts';

/** Flags that say which models a generation makes of what. */

const texts = z.array(z.string()).default([]);

export const modelFlagsSchema = z.object({
  name: z.string().optional(),
  modelVersion: z.string().optional(),
  displayName: z.string().optional(),
  category: z.enum(modelCategories).optional(),
});

export const readingFlagsSchema = z.object({
  partial: z.boolean().default(false),
  force: z.boolean().default(false),
});

export const sourceFlagsSchema = z.object({
  ...modelFlagsSchema.shape,
  ...readingFlagsSchema.shape,
  chart: texts,
  git: texts,
  path: z.string().optional(),
  oci: texts,
  url: texts,
  csv: z.string().optional(),
  csvComponents: z.string().optional(),
  csvRelationships: z.string().optional(),
  connection: texts,
  group: z.array(z.string()).optional(),
  credential: z.string().optional(),
  fromFile: z.string().optional(),
});

/** For a flag that may be given again and again. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

type ModelFlags = z.infer<typeof modelFlagsSchema>;
type SourceFlags = z.infer<typeof sourceFlagsSchema>;

/** What a source does not say of its model, or says wrongly. */
export function addModelFlags(command: Command): Command {
  return command
    .optionsGroup('The model, where the source does not say it or says it wrongly:')
    .option('--name <name>', 'its name')
    .option('--model-version <version>', 'the version of the software')
    .option('--display-name <name>', 'its name for people')
    .addOption(new Option('--category <category>', 'such as "Observability and Analysis"').choices(modelCategories));
}

/** How sources are read. */
export function addReadingFlags(command: Command): Command {
  return command
    .option('--partial', 'store what is right although something in the same source is wrong')
    .option('--force', 'read the source again although it says that it has not changed');
}

export function addSourceFlags(command: Command): Command {
  return command
    .optionsGroup('Sources, each as often as wanted:')
    .option('--chart <address>', 'a chart as REPOSITORY/CHART[:VERSION]', collect)
    .option('--git <url>', 'a Git repository, with #BRANCH, #TAG or #COMMIT', collect)
    .option('--path <path>', 'with --git: only this folder or file of it')
    .option('--oci <reference>', 'a package or a chart as oci://REGISTRY/NAME:TAG', collect)
    .option('--url <address>', 'a file: JSON, YAML, CSV, a package or a chart', collect)
    .option('--csv <address>', 'a sheet of models')
    .option('--csv-components <address>', 'with --csv: the sheet of their components')
    .option('--csv-relationships <address>', 'with --csv: the sheet of their relationships')
    .option('-c, --connection <name>', 'the kinds of a connected cluster', collect)
    .option('--group <group...>', 'with -c: only these API groups; core is the one without a name')
    .option('--credential <connection>', 'open the sources with the credential of this connection')
    .option('--from-file <file>', 'a list of sources as JSON or YAML, or - for stdin: as many as 500');
}

/** The sources that flags name. Throws `invalid` where there are none, or one is wrong. */
export async function sourcesOf(shell: Shell, flags: SourceFlags): Promise<readonly ModelSource[]> {
  const named = [...chartSources(flags), ...gitSources(flags), ...plainSources(flags), ...clusterSources(flags)];
  const sources = [
    ...named.map((source) => withFlags(source, flags)),
    ...(flags.fromFile === undefined ? [] : await readSources(shell, flags.fromFile)),
  ];
  if (sources.length > 0) return z.array(modelSourceSchema).parse(sources);
  throw new SlipwayError('invalid', 'no source is named', {
    fix: 'give --chart, --git, --oci, --url, --csv, -c or --from-file; files of yours: slipway model import FILE',
  });
}

/** The flags about the model, as a source has them; undefined where none is given. */
export function modelOf(flags: ModelFlags): object | undefined {
  const { name, modelVersion: version, displayName, category } = flags;
  const given = Object.entries({ name, version, displayName, category }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Checks a source as the server does, so that what is wrong is told by its flag. Throws `invalid`. */
export function checkSource(source: object): ModelSource {
  const result = modelSourceSchema.safeParse(source);
  if (result.success) return result.data;
  throw new SlipwayError('invalid', z.prettifyError(result.error), { fix: 'see --help of the command' });
}

function withFlags(source: object, flags: SourceFlags): ModelSource {
  const model = modelOf(flags);
  const { credential } = flags;
  const isCluster = 'kind' in source && source.kind === 'cluster';
  return checkSource({
    ...source,
    ...(model === undefined ? {} : { model }),
    ...(credential === undefined || isCluster ? {} : { connection: credential }),
  });
}

function chartSources({ chart }: SourceFlags): readonly object[] {
  return chart.map((address) => {
    const [, repository, name, version] = /^(https?:\/\/.+)\/([^/:]+)(?::([^/]+))?$/.exec(address) ?? [];
    if (repository === undefined) {
      throw new SlipwayError('invalid', `--chart ${address} is not REPOSITORY/CHART[:VERSION]`, {
        fix: 'such as --chart https://charts.jetstack.io/cert-manager:v1.17.1; oci://… is taken by --oci',
      });
    }
    return { kind: 'helm', repository, chart: name, ...(version === undefined ? {} : { version }) };
  });
}

function gitSources({ git, path }: SourceFlags): readonly object[] {
  return git.map((address) => {
    const [url, ref] = address.split('#', 2);
    return { kind: 'git', url, ...(ref ? { ref } : {}), ...(path === undefined ? {} : { path }) };
  });
}

function plainSources({ oci, url, csv, csvComponents, csvRelationships }: SourceFlags): readonly object[] {
  const sheets = {
    ...(csvComponents === undefined ? {} : { components: csvComponents }),
    ...(csvRelationships === undefined ? {} : { relationships: csvRelationships }),
  };
  return [
    ...oci.map((reference) => ({ kind: 'oci', reference })),
    ...url.map((address) => ({ kind: 'url', url: address })),
    ...(csv === undefined ? [] : [{ kind: 'csv', models: csv, ...sheets }]),
  ];
}

function clusterSources({ connection, group }: SourceFlags): readonly object[] {
  return connection.map((name) => ({
    kind: 'cluster',
    connection: name,
    ...(group === undefined ? {} : { groups: group }),
  }));
}

const sourceListSchema = z.union([z.array(z.unknown()), z.object({ sources: z.array(z.unknown()) })]);

async function readSources(shell: Shell, file: string): Promise<readonly ModelSource[]> {
  const text = file === '-' ? (await readAll(shell.stdin)).toString('utf8') : await readText(file);
  const { parse } = await import('yaml');
  const list = sourceListSchema.safeParse(parse(text));
  const result = z
    .array(modelSourceSchema)
    .safeParse(list.success && 'sources' in list.data ? list.data.sources : list.data);
  if (result.success) return result.data;
  throw new SlipwayError('invalid', `${file} is no list of sources: ${z.prettifyError(result.error)}`, {
    fix: 'such as: [{kind: helm, repository: https://charts.jetstack.io, chart: cert-manager}]',
  });
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${file}`, { cause: error, fix: '--from-file FILE' });
  });
}
