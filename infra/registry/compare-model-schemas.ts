import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import { compareSchemas } from '../../domain/registry/compare-schemas.ts';
import type { SchemaChange } from '../../domain/registry/schema-change.ts';
import type { Database } from '../database/database.ts';
import { compareModels, type MemberChange } from '../database/registry/compare-models.ts';
import { readDefinitions } from '../database/registry/members.ts';

/** What became of one component from one version of a model to another. */
export type ComponentChange = {
  /** `kind@apiVersion`. */
  readonly component: string;
  readonly action: 'added' | 'removed' | 'changed';
  /** Whether a declaration that the old definition accepts may be refused by the new one. */
  readonly breaking: boolean;
  /** How many fields of the schema differ; `changes` holds the first of them, breaking ones before others. */
  readonly changeCount: number;
  readonly changes: readonly SchemaChange[];
};

export type ModelDifference = {
  readonly components: readonly ComponentChange[];
  /** Other members that differ. */
  readonly members: readonly MemberChange[];
  readonly breaking: boolean;
};

/** Changes told of one component; a schema has thousands of fields. */
const maximumChanges = 200;
/** Pairs of definitions held at a time. */
const batchSize = 50;

/** What turns one version of a model into another, both by id, with each change of a schema. */
export async function compareModelSchemas(
  database: Database,
  versions: { readonly before: string; readonly after: string },
): Promise<ModelDifference> {
  const changed = await compareModels(database, versions);
  const rows = changed.filter(({ type }) => type === 'component');
  const components: ComponentChange[] = [];
  for (let start = 0; start < rows.length; start += batchSize) {
    components.push(...(await describeBatch(database, rows.slice(start, start + batchSize))));
  }
  return {
    components,
    members: changed.filter(({ type }) => type !== 'component'),
    breaking: components.some(({ breaking }) => breaking),
  };
}

async function describeBatch(database: Database, rows: readonly MemberChange[]): Promise<readonly ComponentChange[]> {
  const digests = rows.flatMap(({ before, after }) => (before === null || after === null ? [] : [before, after]));
  const definitions = await readDefinitions<ComponentDefinition>(database, digests);
  return rows.map((row) => describe(row, definitions));
}

function describe(
  { key: component, change: action, before, after }: MemberChange,
  definitions: ReadonlyMap<string, ComponentDefinition>,
): ComponentChange {
  const old = definitions.get(before ?? '');
  const now = definitions.get(after ?? '');
  if (old === undefined || now === undefined) {
    return { component, action, breaking: action === 'removed', changeCount: 0, changes: [] };
  }
  const changes = compareSchemas(old.schema, now.schema);
  const shown = [...changes.filter(({ breaking }) => breaking), ...changes.filter(({ breaking }) => !breaking)];
  return {
    component,
    action,
    breaking: old.scope !== now.scope || changes.some(({ breaking }) => breaking),
    changeCount: changes.length,
    changes: shown.slice(0, maximumChanges),
  };
}
