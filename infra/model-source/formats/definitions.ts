import { kindOfDocument } from '../../../domain/registry/document-kind.ts';
import { installationOf } from '../../../domain/registry/installation-of.ts';
import { resolveModel, type ModelHints } from '../../../domain/registry/model-hints.ts';
import type { ExtractedMember, ExtractedModel } from '../extracted.ts';
import type { DefinitionDocument } from '../definition-documents.ts';
import { fallbackName, overrideHints, sourceHints, type ExtractionContext } from '../extraction-context.ts';
import { withDerivedRelationships } from './derived-members.ts';
import { documentMembers } from './document-members.ts';
import type { SurveyedModel } from './survey.ts';
import { uniqueMembers } from './unique-members.ts';

/** A model of definitions that stand alone in files: of kinds, of Meshery's components and relationships. */
export function extractDefinitions(context: ExtractionContext, found: SurveyedModel): ExtractedModel {
  const { head, findings } = resolveModel(hintsInOrder(context, found), fallbackName(context));
  context.note(...findings);
  return { head, members: uniqueMembers(withDerivedRelationships(definitionMembers(context, found)), context) };
}

/** What a package says of itself goes before the name of its repository or tag; the labels of a kind go after it. */
function hintsInOrder(context: ExtractionContext, { documents, hints }: SurveyedModel): readonly ModelHints[] {
  const isPackaged = documents.some(({ kind }) => kind.startsWith('meshery'));
  const source = sourceHints(context);
  return [overrideHints(context), ...(isPackaged ? [...hints, source] : [source, ...hints])];
}

async function* definitionMembers(
  { reader, note }: ExtractionContext,
  { documents }: SurveyedModel,
): AsyncGenerator<ExtractedMember> {
  const places = new Set(documents.map(({ place }) => place));
  for (const path of new Set(documents.map((document) => document.path))) {
    const file = await reader.read(path);
    // What stands in one file with definitions of kinds is the operator that serves them.
    const isBundle = file.documents.some(({ value }) => kindOfDocument(value) === 'crd');
    for (const document of file.documents) {
      const kind = kindOfDocument(document.value);
      const isOurs = places.has(document.place);
      if (isBundle && (kind === 'object' || (kind === 'crd' && isOurs))) yield* installationMembers(document);
      if (!isOurs || kind === 'mesheryModel') continue;
      const { members, notes } = documentMembers(document);
      note(...notes);
      yield* members;
    }
  }
}

function* installationMembers({ value, place }: DefinitionDocument): Generator<ExtractedMember> {
  const definition = installationOf(value);
  if (definition !== undefined) yield { type: 'installation', definition, place };
}
