import { canonicalJson, isJsonObject, type JsonObject } from '../json.ts';
import type { ComponentDefinition } from './component-definition.ts';
import { inferredAdapter, isOutsideOfKubernetes } from './from-meshery-component.ts';
import { ownRegistrant } from './from-meshery-model.ts';
import { mesherySchemas, modelReference, slipwayField, splitMetadata } from './meshery-document.ts';
import type { ModelHead } from './model-member.ts';
import type { RelationshipDefinition, RelationshipSelector, SelectorSet } from './relationship-definition.ts';

/** A definition, the model that it belongs to, and the UUID that Meshery knows it by. */
export type MesheryDefinition<Definition> = {
  readonly head: ModelHead;
  readonly definition: Definition;
  readonly id: string;
};

/** The content of `model.json`. */
export function toMesheryModel({ head, id }: { readonly head: ModelHead; readonly id: string }): JsonObject {
  const { model, definitionVersion } = head;
  const { metadata, fields } = splitMetadata(model.metadata);
  return {
    id,
    schemaVersion: mesherySchemas.model,
    version: definitionVersion,
    name: model.name,
    displayName: model.displayName,
    description: model.description,
    status: 'enabled',
    registrant: { ...ownRegistrant },
    category: { name: model.category },
    subCategory: model.subCategory,
    metadata,
    model: { version: model.version },
    ...fields,
  };
}

/** The content of a file in `components/`. */
export function toMesheryComponent({ head, definition, id }: MesheryDefinition<ComponentDefinition>): JsonObject {
  const { metadata, fields } = splitMetadata(definition.metadata);
  return {
    id,
    schemaVersion: mesherySchemas.component,
    version: head.definitionVersion,
    displayName: definition.displayName,
    description: definition.description,
    format: 'JSON',
    model: modelReference(head.model, head.definitionVersion),
    status: 'enabled',
    ...fields,
    metadata: { ...metadata, ...scopeFields(definition), ...ownFields(definition) },
    component: {
      version: definition.apiVersion,
      kind: definition.kind,
      schema: canonicalJson(definition.schema),
    },
  };
}

function scopeFields({ scope }: ComponentDefinition): JsonObject {
  return scope === null ? {} : { isNamespaced: scope === 'namespaced' };
}

/** What a reader of Meshery's format would not infer. */
function ownFields(definition: ComponentDefinition): JsonObject {
  const { adapter, scope } = definition;
  const isOutside = isOutsideOfKubernetes(definition, adapter);
  const own = {
    ...(adapter === inferredAdapter(definition) && (scope === null || !isOutside) ? {} : { adapter }),
    ...(scope === null && !isOutside ? { scope } : {}),
  };
  return Object.keys(own).length === 0 ? {} : { [slipwayField]: own };
}

/** The content of a file in `relationships/`. */
export function toMesheryRelationship({ head, definition, id }: MesheryDefinition<RelationshipDefinition>): JsonObject {
  const { metadata, fields } = splitMetadata(onlyJson(definition.metadata));
  const { name, foundBy, order } = definition;
  return {
    id,
    schemaVersion: mesherySchemas.relationship,
    version: head.definitionVersion,
    kind: definition.kind,
    type: definition.type,
    subType: definition.subType,
    status: 'enabled',
    evaluationQuery: definition.evaluationQuery ?? '',
    ...(definition.capabilities === undefined ? {} : { capabilities: definition.capabilities }),
    model: modelReference(head.model, head.definitionVersion),
    ...fields,
    metadata: {
      ...metadata,
      description: definition.description,
      [slipwayField]: onlyJson({ name, foundBy, order }),
    },
    selectors: definition.selectors.map(selectorSet),
  };
}

function selectorSet({ allow, deny }: SelectorSet): JsonObject {
  return { allow: pairs(allow), ...(deny === undefined ? {} : { deny: pairs(deny) }) };
}

function pairs({ from, to }: SelectorSet['allow']): JsonObject {
  return { from: from.map(selector), to: to.map(selector) };
}

function selector({ kind, apiVersion, model, match, matchStrategyMatrix, patch }: RelationshipSelector): JsonObject {
  return {
    id: null,
    kind,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    model: model === undefined ? { name: '' } : { name: model.name, model: { version: model.version ?? '' } },
    match: match === undefined ? {} : onlyJson(match),
    match_strategy_matrix: matchStrategyMatrix ?? null,
    patch: patch === undefined ? null : patchOf(patch),
  };
}

function patchOf({ strategy, ...references }: NonNullable<RelationshipSelector['patch']>): JsonObject {
  return { patchStrategy: strategy, ...onlyJson(references) };
}

/** The fields that are there. */
function onlyJson(fields: object): JsonObject {
  const value: unknown = JSON.parse(JSON.stringify(fields));
  return isJsonObject(value) ? value : {};
}
