import { isKubernetesGroup } from '../../domain/design/known-kinds.ts';
import { componentKey } from '../../domain/registry/component-definition.ts';
import { formatModelReference } from '../../domain/registry/model.ts';
import type { RegisteredRelationship } from '../../domain/relationship/rules.ts';
import type { KnownDefinition } from '../../domain/relationship/selection.ts';
import type { RelatedComponent } from '../../domain/relationship/subject.ts';
import type { Database } from '../database/database.ts';
import { componentsOfKind } from '../database/registry/components.ts';
import { findModel } from '../database/registry/models.ts';
import { listRelationships, relationshipsFor } from '../database/registry/relationships.ts';
import { loadBuiltInModel } from './built-in/load.ts';

/** What the registry knows for an evaluation of components. */
export type RelationshipContext = {
  readonly relationships: readonly RegisteredRelationship[];
  readonly definitions: readonly KnownDefinition[];
};

/** The enabled relationships that may hold between components, and the models that bring their kinds. */
export async function relationshipsOf(
  database: Database,
  components: readonly RelatedComponent[],
): Promise<RelationshipContext> {
  const kinds = [...new Set(components.map(({ object }) => object.kind))];
  const partners = await partnersOf(database, components);
  const found = await relationshipsFor(database, {
    kinds: [...new Set([...kinds, ...partners])],
    modelIds: await namedModels(database, components),
  });
  const relationships = found.map(({ definition, model: { name, version } }) => ({
    definition,
    model: { name, version },
  }));
  return { relationships, definitions: namesModels(relationships) ? await definitionsOf(database, components) : [] };
}

/**
 * Kinds that relationships put beside those of the components: what is named may be missing as a whole kind, and a third kind
 * may stand between two.
 */
async function partnersOf(database: Database, components: readonly RelatedComponent[]): Promise<readonly string[]> {
  const custom = components.filter(({ object }) => !isKubernetesGroup(object.apiVersion));
  const kinds = [...new Set(custom.map(({ object }) => object.kind))];
  const pages = await Promise.all(
    kinds.map((between) =>
      listRelationships(database, { between, status: 'enabled', latest: true, limit: partnerLimit }),
    ),
  );
  const named = pages.flatMap(({ items }) => items.flatMap(({ fromKinds, toKinds }) => [...fromKinds, ...toKinds]));
  const { relationships } = await loadBuiltInModel();
  const allowed = relationships.flatMap(({ selectors }) =>
    selectors.flatMap(({ allow }) => [...allow.from, ...allow.to]),
  );
  return [...named, ...allowed.map(({ kind }) => kind)];
}

/** Relationships of one kind that are looked at for their other sides. */
const partnerLimit = 200;

/** Components may say which version of a model they declare: its relationships hold, not those of the newest. */
async function namedModels(database: Database, components: readonly RelatedComponent[]): Promise<readonly string[]> {
  const references = components.flatMap(({ model }) =>
    model?.version === undefined ? [] : [formatModelReference({ name: model.name, version: model.version })],
  );
  const models = await Promise.all([...new Set(references)].map((reference) => findModel(database, reference)));
  return models.flatMap((model) => (model === undefined ? [] : [model.id]));
}

function namesModels(relationships: readonly RegisteredRelationship[]): boolean {
  return relationships.some(({ definition }) =>
    definition.selectors.some(({ allow, deny }) =>
      [...allow.from, ...allow.to, ...(deny?.from ?? []), ...(deny?.to ?? [])].some(({ model }) => model !== undefined),
    ),
  );
}

async function definitionsOf(
  database: Database,
  components: readonly RelatedComponent[],
): Promise<readonly KnownDefinition[]> {
  const unsaid = components.filter(({ model }) => model === undefined);
  const kinds = new Map(
    unsaid.map(({ object: { kind, apiVersion } }) => [componentKey({ kind, apiVersion }), { kind, apiVersion }]),
  );
  const found = await Promise.all([...kinds.values()].map((kind) => componentsOfKind(database, kind)));
  return found.flat().map(({ kind, apiVersion, model: { name, version } }) => ({
    kind,
    apiVersion,
    model: { name, version },
  }));
}
