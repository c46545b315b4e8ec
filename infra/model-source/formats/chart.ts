import { posix } from 'node:path';
import { hasErrors } from '../../../domain/finding.ts';
import { isJsonObject, type JsonObject } from '../../../domain/json.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { componentKey } from '../../../domain/registry/component-definition.ts';
import {
  chartApiVersion,
  chartComponent,
  chartHints,
  chartKind,
  chartProfile,
  chartRelationships,
  profileOfFile,
  valuesWithCrds,
  type ChartDescription,
} from '../../../domain/registry/from-chart.ts';
import { installationOf } from '../../../domain/registry/installation-of.ts';
import { isCrd } from '../../../domain/registry/from-crd.ts';
import { resolveModel } from '../../../domain/registry/model-hints.ts';
import { readYaml } from '../../design-source/yaml-documents.ts';
import { readDefinitions, type DefinitionDocument } from '../definition-documents.ts';
import type { ExtractedMember, ExtractedModel } from '../extracted.ts';
import { fallbackName, overrideHints, sourceHints, type ExtractionContext } from '../extraction-context.ts';
import { readChart, type Chart, type ChartFile } from '../helm/chart.ts';
import { readYamlFile } from '../helm/chart-metadata.ts';
import { folderOf } from '../plan-extraction.ts';
import { packChart } from './chart-file.ts';
import { withDerivedRelationships } from './derived-members.ts';
import { documentMembers } from './document-members.ts';
import { renderChart } from './render-chart.ts';
import { uniqueMembers } from './unique-members.ts';

/** The model of a Helm chart: its kinds, itself as a component, its values as profiles, what it installs, and its file. */
export async function extractChart(context: ExtractionContext, folder: string): Promise<ExtractedModel | undefined> {
  const { chart, findings } = await readChart(context.tree, folder);
  context.note(...findings);
  if (chart === undefined || hasErrors(findings)) return undefined;
  const description = describe(chart);
  const { head, findings: notes } = resolveModel(
    [overrideHints(context), chartHints(description), sourceHints(context)],
    fallbackName(context),
  );
  context.note(...notes);
  const members = withDerivedRelationships(chartMembers(context, chart, description));
  return { head, members: uniqueMembers(members, context) };
}

function describe({ metadata, values, valuesSchema, dependencies }: Chart): ChartDescription {
  const { name, version, appVersion, description, home, icon, keywords, deprecated, annotations } = metadata;
  return {
    name,
    version,
    appVersion: appVersion ?? undefined,
    description: description ?? undefined,
    home: home ?? undefined,
    icon: icon ?? undefined,
    keywords: keywords ?? undefined,
    deprecated: deprecated ?? undefined,
    annotations: annotations ?? undefined,
    dependencies: dependencies.map(({ name: dependency, version: range, repository, condition }) => ({
      name: dependency,
      version: range ?? undefined,
      repository: repository ?? undefined,
      condition: condition ?? undefined,
    })),
    values: valuesOf(values),
    valuesSchema,
  };
}

function valuesOf(text: string | undefined): JsonObject {
  const value = readYaml({ text: text ?? '' }).documents[0]?.value;
  return isJsonObject(value) ? value : {};
}

async function* chartMembers(
  context: ExtractionContext,
  chart: Chart,
  description: ChartDescription,
): AsyncGenerator<ExtractedMember> {
  const place = posix.join(chart.folder, 'Chart.yaml');
  yield { type: 'component', definition: chartComponent(description), place };
  yield* profiles(context, chart, description);
  for (const definition of chartRelationships(description)) yield { type: 'relationship', definition, place };
  const file = await packChart(context.tree, { ...description, folder: chart.folder }, context.options.scratch);
  const known = new Set<string>();
  yield* crdFileMembers(context, chart, known);
  const isLibrary = chart.metadata.type === 'library';
  const rendered = isLibrary ? undefined : await renderChart(context, description, file.path);
  if (rendered !== undefined && 'findings' in rendered) yield { type: 'rejected', place, findings: rendered.findings };
  else if (rendered !== undefined) {
    yield* renderedKinds(context, { objects: rendered.objects, known, place });
    const isPlain = rendered.objects.every((object) => installationOf(object) !== undefined);
    const isSteady = isPlain && !(await isRandom(context, chart));
    const objects = isSteady ? rendered.objects : standIn(description, rendered.objects);
    yield {
      type: 'installation',
      definition: { name: 'chart', namespace: description.name, objects: [...objects] },
      place,
    };
  }
  yield file.attachment;
}

async function* profiles(
  { tree, note }: ExtractionContext,
  chart: Chart,
  description: ChartDescription,
): AsyncGenerator<ExtractedMember> {
  const place = posix.join(chart.folder, 'values.yaml');
  yield { type: 'profile', definition: chartProfile(description, 'default', description.values), place };
  const prefix = chart.folder === '' ? '' : `${chart.folder}/`;
  for (const { path } of tree.files) {
    const name = path.startsWith(prefix) ? profileOfFile(path.slice(prefix.length)) : undefined;
    if (name === undefined) continue;
    const { value, findings } = await readYamlFile(tree, path);
    note(...findings);
    if (isJsonObject(value)) yield { type: 'profile', definition: chartProfile(description, name, value), place: path };
  }
}

/** The definitions in `crds/`, those of charts in the chart included. */
function* crdFileMembers(context: ExtractionContext, chart: Chart, known: Set<string>): Generator<ExtractedMember> {
  for (const file of crdFiles(chart)) {
    const { documents, findings } = readDefinitions(Buffer.from(file.text), file.path);
    if (findings.length > 0) yield { type: 'rejected', place: file.path, findings };
    yield* kindsIn(context, documents, known);
  }
}

function crdFiles(chart: Chart): readonly ChartFile[] {
  return [...chart.crds, ...chart.subcharts.flatMap(crdFiles)];
}

type RenderedKinds = {
  readonly objects: readonly KubernetesObject[];
  readonly known: Set<string>;
  readonly place: string;
};

/** The definitions among the templates: only those that were in no file of `crds/`. */
function* renderedKinds(
  context: ExtractionContext,
  { objects, known, place }: RenderedKinds,
): Generator<ExtractedMember> {
  const documents = objects.map((value) => ({ value, file: place, place, locate: () => undefined }));
  yield* kindsIn(context, documents, known);
}

function* kindsIn(
  { note }: ExtractionContext,
  documents: readonly DefinitionDocument[],
  known: Set<string>,
): Generator<ExtractedMember> {
  for (const document of documents.filter(({ value }) => isCrd(value))) {
    const { members, notes } = documentMembers(document);
    note(...notes);
    for (const member of members) {
      const key = member.type === 'component' ? componentKey(member.definition) : member.place;
      if (!known.has(key)) yield member;
      known.add(key);
    }
  }
}

/** Functions of templates that give something else each time: https://helm.sh/docs/chart_template_guide/function_list/ */
const randomFunctions =
  /\b(?:rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(?:PrivateKey|CAWithKey|CA|SelfSignedCert|SignedCert)\w*|uuidv4|shuffle|now|htpasswd|bcrypt)\b/;

async function isRandom({ tree }: ExtractionContext, { folder }: Chart): Promise<boolean> {
  const templates = tree.files.filter(
    ({ path }) => path.startsWith(folder === '' ? '' : `${folder}/`) && folderOf(path).includes('templates'),
  );
  for (const { path } of templates) {
    const actions =
      Buffer.from(await tree.read(path))
        .toString('utf8')
        .match(/\{\{[^}]*\}\}/g) ?? [];
    if (actions.some((action) => randomFunctions.test(action))) return true;
  }
  return false;
}

/**
 * A chart that makes up or holds passwords or certificates is rendered when it is installed, so that each installation has its own, no
 * model shows them, and the same chart stays the same model. The definitions of its kinds stand for themselves.
 */
function standIn(description: ChartDescription, objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const values = valuesWithCrds(description.values) ?? {};
  const chart: KubernetesObject = {
    apiVersion: chartApiVersion,
    kind: chartKind(description.name),
    metadata: { name: description.name, namespace: description.name },
    spec: values,
  };
  return [...objects.filter(isCrd), chart];
}
