import type { Command } from 'commander';
import { z } from 'zod';
import { operationSchema } from '../../domain/operation.ts';
import { describeReport, type SourceReport, sourceReportSchema } from '../../domain/registry/generation.ts';
import type { ModelSource } from '../../domain/registry/model-source.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { addWaitFlags, waitFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { renderFinding } from '../output/errors.ts';
import { count, printable } from '../output/text.ts';
import {
  addModelFlags,
  addReadingFlags,
  addSourceFlags,
  checkSource,
  modelFlagsSchema,
  modelOf,
  readingFlagsSchema,
  sourceFlagsSchema,
  sourcesOf,
} from '../source-flags.ts';
import { uploadPlace } from '../upload.ts';

const dryRun = { dryRun: z.boolean().default(false) };
const importSchema = z.object({
  ...modelFlagsSchema.shape,
  ...readingFlagsSchema.shape,
  ...waitFlagsSchema.shape,
  ...dryRun,
  credential: z.string().optional(),
});
const generateSchema = z.object({ ...sourceFlagsSchema.shape, ...waitFlagsSchema.shape, ...dryRun });
const pushSchema = z.object({ ...waitFlagsSchema.shape, credential: z.string().optional() });

type GenerationFlags = z.infer<typeof readingFlagsSchema> &
  z.infer<typeof waitFlagsSchema> & { readonly dryRun: boolean };

/** `slipway model import`, `generate` and `push`: what comes into the registry, and what goes out to others. */
export function addModelGenerationCommands(model: Command, runner: Runner): void {
  addImport(model, runner);
  addGenerate(model, runner);
  addCommand(model, {
    name: 'push',
    description: 'Send a model to an OCI registry as a package. What is there already is not sent again.',
    arguments: {
      '<model>': 'name (the latest version), name@version, name@version#revision, or id',
      '<reference>': 'oci://REGISTRY/NAME[:TAG]; without a tag, that of the version',
    },
    flags: [addCredentialFlag, addWaitFlags],
    examples: [
      ['slipway model push cert-manager@v1.17.1 oci://ghcr.io/acme/models/cert-manager', 'tagged v1.17.1'],
      ['slipway model push cert-manager oci://ghcr.io/acme/cm:latest --credential ghcr', 'as the user of a connection'],
    ],
    action: runner.remote(pushSchema, push),
  });
}

function addImport(model: Command, runner: Runner): void {
  addCommand(model, {
    name: 'import',
    description: 'Store models from a file, a folder, a web address or an OCI registry.',
    arguments: {
      '<places...>':
        'files, folders, - for stdin, oci://…, https://…: packages, charts, definitions, manifests, CSV, images',
    },
    flags: [addCredentialFlag, addReadingFlags, addDryRunFlag, addModelFlags, addWaitFlags],
    examples: [
      ['slipway model import cert-manager.tar.gz', 'a package that was exported from Slipway or Meshery'],
      ['slipway model import crds/ --name widgets --model-version v2.1.0', 'a folder of definitions'],
      ['kubectl get crd -o yaml | slipway model import - --name our-kinds --model-version v1', 'from another program'],
      ['slipway model import oci://ghcr.io/acme/models/cert-manager:v1.17.1', 'from a registry'],
      ['slipway model import bundle.zip --dry-run', 'what would be stored, and what is wrong'],
    ],
    action: runner.remote(importSchema, importModels),
  });
}

function addGenerate(model: Command, runner: Runner): void {
  addCommand(model, {
    name: 'generate',
    description:
      'Make models of charts, repositories, artifacts, sheets and clusters; many at once. A bad one does not hold up the others.',
    flags: [addReadingFlags, addDryRunFlag, addSourceFlags, addModelFlags, addWaitFlags],
    examples: [
      ['slipway model generate --chart https://charts.jetstack.io/cert-manager:v1.17.1', 'a chart'],
      ['slipway model generate --git https://github.com/acme/operator#v2.0.0 --path config/crd', 'a repository'],
      ['slipway model generate -c prod --group cert-manager.io', 'what a cluster serves'],
      ['slipway model generate --from-file sources.yaml --no-wait', 'as many as 500'],
    ],
    action: runner.remote(generateSchema, async (call) => generate(call, await sourcesOf(call.shell, call.flags))),
  });
}

function addDryRunFlag(command: Command): Command {
  return command.option('--dry-run', 'read and check everything, and store nothing');
}

function addCredentialFlag(command: Command): Command {
  return command.option('--credential <connection>', 'open it with the credential of this connection');
}

async function importModels(call: RemoteInvocation<z.infer<typeof importSchema>>): Promise<ExitCode> {
  const sources: ModelSource[] = [];
  for (const place of call.args) sources.push(await sourceAt(call, place));
  return generate(call, sources, call.args.length === 1 ? call.args[0] : undefined);
}

async function sourceAt(call: RemoteInvocation<z.infer<typeof importSchema>>, place: string): Promise<ModelSource> {
  const model = modelOf(call.flags);
  const { credential } = call.flags;
  const shared = model === undefined ? {} : { model };
  const opened = { ...shared, ...(credential === undefined ? {} : { connection: credential }) };
  if (place.startsWith('oci://')) return checkSource({ kind: 'oci', reference: place, ...opened });
  if (/^https?:\/\//.test(place)) return checkSource({ kind: 'url', url: place, ...opened });
  return checkSource({ kind: 'upload', uploadId: await uploadPlace(call, place), ...shared });
}

async function generate(
  call: RemoteInvocation<GenerationFlags>,
  sources: readonly ModelSource[],
  title = count(sources.length, 'source'),
): Promise<ExitCode> {
  const { partial, force, dryRun: isDryRun, wait } = call.flags;
  const operation = await call.client.post({
    schema: operationSchema,
    path: apiPath('model-generations'),
    json: { sources, partial, force, dryRun: isDryRun },
  });
  const code = await awaitOperation(call, operation, title);
  if (wait && code !== exitCodes.interrupted && call.printer.isForPeople) await printReports(call, operation.id);
  return code;
}

/** What became of each source: models on stdout, what is wrong on stderr. */
async function printReports(call: RemoteInvocation<unknown>, operationId: string): Promise<void> {
  const { items } = await call.client.get({
    schema: z.object({ items: z.array(sourceReportSchema) }),
    path: apiPath('operations', operationId, 'sources'),
  });
  for (const report of items) {
    call.printer.lines(reportLines(report));
    for (const finding of report.findings) for (const line of renderFinding(finding, call.paint)) call.say(line);
  }
}

function reportLines(report: SourceReport): readonly string[] {
  const { models, modelCount, source, outcome } = report;
  if (outcome === 'failed') return [];
  if (models.length === 0) return [`${printable(source)}  ${describeReport(report)}`];
  const note = outcome === 'checked' ? '  (not stored)' : '';
  const lines = models.map(({ name, version, change, componentCount, relationshipCount }) => {
    const counts = `${count(componentCount, 'component')}, ${count(relationshipCount, 'relationship')}`;
    return `${name}@${version}  ${change}  ${counts}${note}`;
  });
  return modelCount > models.length ? [...lines, `… ${count(modelCount - models.length, 'more model')}`] : lines;
}

async function push(call: RemoteInvocation<z.infer<typeof pushSchema>>): Promise<ExitCode> {
  const [model = '', reference = ''] = call.args;
  const { credential } = call.flags;
  const operation = await call.client.post({
    schema: operationSchema,
    path: apiPath('models', model, 'push'),
    json: { reference, ...(credential === undefined ? {} : { connection: credential }) },
  });
  return awaitOperation(call, operation, `${model} → ${reference}`);
}
