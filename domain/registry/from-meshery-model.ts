import { fieldOf, mapOf, textOf } from '../design/meshery-fields.ts';
import { isJsonObject, type JsonObject, stringAt } from '../json.ts';
import { isNothing, keptMetadata } from './meshery-document.ts';
import { categoryOf, versionText, type ModelHints } from './model-hints.ts';
import type { Registrant } from './model.ts';

/** What Slipway itself writes for a registrant, as Meshery asks for one. */
export const ownRegistrant = { kind: 'slipway', name: 'Slipway', type: 'registry' } as const;

/** What a Meshery model says, whether it stands alone or in a component, in any of its generations. */
export function fromMesheryModel(model: JsonObject): ModelHints {
  const category = fieldOf(model, 'category');
  const categoryName = typeof category === 'string' ? category : textOf(category, 'name');
  const product = textOf(mapOf(model, 'model'), 'version');
  const isOld = textOf(model, 'schemaVersion') === undefined;
  const subCategory =
    textOf(model, 'subCategory') ?? (categoryOf(categoryName) === undefined ? categoryName : undefined);
  return {
    name: textOf(model, 'name'),
    version: versionText(product) ?? (isOld ? versionText(textOf(model, 'version')) : undefined),
    displayName: textOf(model, 'displayName'),
    description: textOf(model, 'description'),
    category: categoryOf(categoryName),
    subCategory,
    definitionVersion: textOf(model, 'version'),
    metadata: metadataOf(model),
  };
}

/** The registrant is kept for Meshery; what Slipway writes in its place means nothing. */
function metadataOf(model: JsonObject): JsonObject {
  const isOwn = stringAt(model, 'registrant', 'kind') === ownRegistrant.kind;
  const status = textOf(model, 'status') === 'enabled' ? ['status'] : [];
  const kept = keptMetadata(withPlainRegistrant(model), {
    fields: [
      'name',
      'displayName',
      'description',
      'category',
      'subCategory',
      'model',
      ...status,
      ...(isOwn ? ['registrant'] : []),
    ],
    metadata: [],
  });
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null));
}

/** The registrant's fields that say something. */
function withPlainRegistrant(model: JsonObject): JsonObject {
  const { registrant } = model;
  if (!isJsonObject(registrant)) return model;
  const said = Object.entries(registrant).filter(
    ([name, value]) => ['name', 'type', 'subType', 'kind'].includes(name) && !isNothing(value),
  );
  return { ...model, registrant: Object.fromEntries(said) };
}

/** Where a package says that it came from, in Slipway's words; undefined where it says nothing of use. */
export function registrantOf(model: JsonObject): Registrant | undefined {
  const address = stringAt(model, 'metadata', 'source_uri')?.slice(0, 2_000) ?? '';
  const kind = stringAt(model, 'registrant', 'kind')?.toLowerCase();
  if (kind === 'github' && address !== '') return { kind: 'git', address };
  if (kind === 'artifacthub') return { kind: 'helm', address };
  return undefined;
}
