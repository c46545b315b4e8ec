import { isJsonObject, type JsonObject, stringAt } from '../../../domain/json.ts';
import { kubernetesObjectSchema } from '../../../domain/kubernetes-object.ts';
import { kindOfDocument, type DocumentKind } from '../../../domain/registry/document-kind.ts';
import { fromMesheryModel } from '../../../domain/registry/from-meshery-model.ts';
import type { ModelHints } from '../../../domain/registry/model-hints.ts';
import { slugOf } from '../../../domain/registry/readable-name.ts';
import { originOfCrd } from '../cluster-origin.ts';
import type { DefinitionDocument } from '../definition-documents.ts';
import { overrideHints, sourceHints, type ExtractionContext } from '../extraction-context.ts';

/** What a first look at a document tells, without the document itself. */
export type SurveyedDocument = {
  readonly path: string;
  readonly place: string;
  readonly kind: DocumentKind;
  readonly hints: ModelHints;
};

/** The documents of a source's texts that are to make one model. */
export type SurveyedModel = { readonly hints: readonly ModelHints[]; readonly documents: readonly SurveyedDocument[] };

export type Survey = {
  readonly models: readonly SurveyedModel[];
  /** Texts that hold a design and no definition. */
  readonly designs: readonly string[];
};

/** A text without any of these words holds no definition, and needs no parsing. */
const words = [
  'CustomResourceDefinition',
  'meshery.io/',
  'slipway.dev/',
  'openapi',
  'swagger',
  '"schema"',
  'selectors',
  'services:',
];

/** Looks through texts for definitions, one text at a time, and sorts them into models. */
export async function surveyTexts(context: ExtractionContext, paths: readonly string[]): Promise<Survey> {
  const found: SurveyedDocument[] = [];
  const designs: string[] = [];
  for (const path of paths) {
    context.options.signal?.throwIfAborted();
    const surveyed = await surveyText(context, path, paths.length === 1);
    found.push(...surveyed.filter(({ kind }) => definitionKinds.has(kind)));
    if (surveyed.some(({ kind }) => kind === 'design')) designs.push(path);
  }
  return { models: groupByModel(context, found), designs };
}

const definitionKinds: ReadonlySet<DocumentKind> = new Set([
  'crd',
  'mesheryModel',
  'mesheryComponent',
  'mesheryRelationship',
  'openApi',
]);

async function surveyText(
  context: ExtractionContext,
  path: string,
  isAlone: boolean,
): Promise<readonly SurveyedDocument[]> {
  const bytes = Buffer.from(await context.tree.read(path));
  if (!isAlone && !words.some((word) => bytes.includes(word))) return [];
  const { documents, findings } = await context.reader.read(path);
  // A repository may hold templates and broken examples; what is broken is an error where definitions would stand.
  const isTemplate = bytes.includes('{{');
  context.note(
    ...findings.map((finding) => (isTemplate && !isAlone ? { ...finding, severity: 'note' as const } : finding)),
  );
  return documents.map((document) => surveyDocument(document));
}

function surveyDocument(document: DefinitionDocument): SurveyedDocument {
  const { file, place, value } = document;
  const kind = kindOfDocument(value);
  return { path: file, place, kind, hints: isJsonObject(value) ? hintsOf(value, kind) : {} };
}

function hintsOf(value: JsonObject, kind: DocumentKind): ModelHints {
  switch (kind) {
    case 'crd':
      return crdHints(value);
    case 'mesheryModel':
      return fromMesheryModel(value);
    case 'mesheryComponent':
    case 'mesheryRelationship':
      return isJsonObject(value['model']) ? fromMesheryModel(value['model']) : {};
    case 'openApi':
      return { name: stringAt(value, 'info', 'title'), version: stringAt(value, 'info', 'version') };
    default:
      return {};
  }
}

function crdHints(value: JsonObject): ModelHints {
  const crd = kubernetesObjectSchema.safeParse(value);
  if (!crd.success) return {};
  const { name, version, displayName } = originOfCrd(crd.data);
  return { name, version: version === '' ? undefined : version, displayName };
}

/**
 * Documents that name the same model belong together; a name given with the source holds for all of them. Versions of one model
 * are models of their own where the documents are Meshery's; definitions of kinds take the first version that any of them tells.
 */
function groupByModel(context: ExtractionContext, found: readonly SurveyedDocument[]): readonly SurveyedModel[] {
  const groups = Map.groupBy(found, (document) => modelKey(context, document));
  return [...groups.values()].map((documents) => ({
    documents,
    hints: documents
      .toSorted((one, other) => rank(one) - rank(other))
      .map(({ hints }) => hints)
      .filter((hints, index, all) => index < 20 || hints.version !== all[index - 1]?.version),
  }));
}

function modelKey(context: ExtractionContext, { kind, hints }: SurveyedDocument): string {
  const given = overrideHints(context).name;
  if (given !== undefined) return given;
  if (kind === 'crd' || kind === 'openApi') return sourceHints(context).name ?? slugOf(hints.name ?? '');
  return `${slugOf(hints.name ?? '')}@${hints.version ?? ''}`;
}

/** A model tells of itself better than its parts do. */
function rank({ kind }: SurveyedDocument): number {
  return kind === 'mesheryModel' ? 0 : 1;
}
