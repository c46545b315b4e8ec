import { fieldOf, mapOf, textOf } from '../design/meshery-fields.ts';
import type { SourceDocument } from '../design/source-document.ts';
import { isJsonObject, type JsonObject, type JsonValue, objectAt } from '../json.ts';
import { checkDefinition, type ReadDefinition } from './check-definition.ts';
import { isNothing, keptMetadata, slipwayField } from './meshery-document.ts';
import { relationshipDefinitionSchema, type RelationshipDefinition } from './relationship-definition.ts';

/** A relationship of Meshery, v1alpha3, in both spellings of its keys. `name` is for the many that say none, such as their file's name. */
export function fromMesheryRelationship(
  document: SourceDocument,
  name: string,
): ReadDefinition<RelationshipDefinition> {
  const value = isJsonObject(document.value) ? document.value : {};
  const own = objectAt(value, 'metadata', slipwayField);
  const capabilities = listOf(fieldOf(value, 'capabilities')).filter(isJsonObject);
  return checkDefinition(
    relationshipDefinitionSchema,
    present({
      name: own['name'] ?? name,
      kind: textOf(value, 'kind')?.toLowerCase(),
      type: textOf(value, 'type') ?? '',
      subType: textOf(value, 'subType') ?? '',
      description: textOf(objectAt(value, 'metadata'), 'description')?.slice(0, 5_000) ?? '',
      selectors: listOf(fieldOf(value, 'selectors')).map(selectorSet),
      evaluationQuery: textOf(value, 'evaluationQuery'),
      order: own['order'],
      foundBy: own['foundBy'] ?? { how: 'written' },
      metadata: metadataOf(value),
      capabilities: capabilities.length === 0 ? undefined : capabilities,
    }),
    document,
  );
}

function metadataOf(value: JsonObject): JsonObject {
  const unsaid = textOf(value, 'status') === 'enabled' ? ['status'] : [];
  return keptMetadata(value, {
    fields: ['kind', 'type', 'subType', 'selectors', 'evaluationQuery', 'capabilities', 'model', ...unsaid],
    metadata: ['description'],
  });
}

type Fields = Readonly<Record<string, unknown>>;

function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function selectorSet(set: JsonValue): Fields {
  const deny = mapOf(set, 'deny');
  return present({ allow: pairs(mapOf(set, 'allow')), deny: isNothing(deny) ? undefined : pairs(deny) });
}

function pairs(value: JsonObject): Fields {
  return { from: listOf(fieldOf(value, 'from')).map(selector), to: listOf(fieldOf(value, 'to')).map(selector) };
}

function selector(value: JsonValue): Fields {
  const matrix = fieldOf(value, 'matchStrategyMatrix');
  return present({
    kind: textOf(value, 'kind') ?? '*',
    apiVersion: textOf(value, 'apiVersion'),
    model: selectedModel(mapOf(value, 'model')),
    match: match(mapOf(value, 'match')),
    matchStrategyMatrix: matrix === undefined || isNothing(matrix) ? undefined : matrix,
    patch: patch(mapOf(value, 'patch')),
  });
}

function selectedModel(model: JsonObject): Fields | undefined {
  const name = textOf(model, 'name');
  if (name === undefined) return undefined;
  // Meshery keeps the version of the definition beside that of the product; Slipway's own selectors have only the latter.
  const product = fieldOf(model, 'model') === undefined ? model : mapOf(model, 'model');
  return present({ name, version: textOf(product, 'version') });
}

function match(value: JsonObject): Fields | undefined {
  const sides = (name: string): readonly Fields[] | undefined => {
    const side = listOf(fieldOf(value, name));
    return side.length === 0 ? undefined : side.map(matchSide);
  };
  return unlessEmpty({ refs: paths(fieldOf(value, 'refs')), from: sides('from'), to: sides('to') });
}

function matchSide(value: JsonValue): Fields {
  return present({
    kind: textOf(value, 'kind') ?? 'self',
    mutatorRef: paths(fieldOf(value, 'mutatorRef')),
    mutatedRef: paths(fieldOf(value, 'mutatedRef')),
  });
}

function patch(value: JsonObject): Fields | undefined {
  return unlessEmpty({
    strategy: (textOf(value, 'patchStrategy') ?? textOf(value, 'strategy'))?.toLowerCase(),
    mutatorRef: paths(fieldOf(value, 'mutatorRef')),
    mutatedRef: paths(fieldOf(value, 'mutatedRef')),
  });
}

function unlessEmpty(fields: Fields): Fields | undefined {
  const said = present(fields);
  return Object.keys(said).length === 0 ? undefined : said;
}

/** Lists of field paths; an index may be written as a number. */
function paths(value: JsonValue | undefined): unknown {
  if (value === undefined || isNothing(value)) return undefined;
  return listOf(value).map((path) => listOf(path).map((step) => (typeof step === 'number' ? String(step) : step)));
}
