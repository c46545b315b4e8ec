import { and, eq, getTableName, type SQL, type SQLWrapper, sql } from 'drizzle-orm';
import type { DefinitionStatus, ModelCategory, RegistrantKind } from '../../../domain/registry/model.ts';
import { type components, models, registrants, type relationships } from './tables.ts';

/** One value, or any of several. */
export type OneOrMore<T> = T | readonly T[];

/** Whether a column or expression has one of the wanted values; no condition where none is given. */
export function isAny(column: SQLWrapper, wanted: OneOrMore<string> | undefined): SQL | undefined {
  if (wanted === undefined) return undefined;
  return sql`${column} in (select value from json_each(${JSON.stringify([wanted].flat())}))`;
}

/** Which models, for lists and counts of models and of what they hold. What is absent does not matter. */
export type ModelConditions = {
  readonly modelId?: string | undefined;
  /** The name of the model. */
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly category?: OneOrMore<ModelCategory> | undefined;
  readonly registrantKind?: OneOrMore<RegistrantKind> | undefined;
  readonly registrantAddress?: string | undefined;
  readonly registrantId?: string | undefined;
  /** Only the version that the model's name alone means. */
  readonly latest?: boolean | undefined;
  /** The run that brought it. */
  readonly operationId?: string | undefined;
};

/**
 * The condition on published models and their registrants. A revision that a newer one has replaced is only found by its
 * model's id or the run that brought it.
 */
export function matchesModel(conditions: ModelConditions): SQL | undefined {
  const { modelId, operationId, latest } = conditions;
  const isAnyRevision = modelId !== undefined || operationId !== undefined;
  return and(
    eq(models.state, 'published'),
    isAnyRevision ? undefined : eq(models.current, true),
    latest === true ? eq(models.latest, true) : undefined,
    modelId === undefined ? undefined : eq(models.id, modelId),
    operationId === undefined ? undefined : eq(models.operationId, operationId),
    conditions.model === undefined ? undefined : eq(models.name, conditions.model),
    conditions.version === undefined ? undefined : eq(models.version, conditions.version),
    isAny(models.category, conditions.category),
    matchesRegistrant(conditions),
  );
}

function matchesRegistrant({ registrantKind, registrantAddress, registrantId }: ModelConditions): SQL | undefined {
  return and(
    isAny(registrants.kind, registrantKind),
    registrantAddress === undefined ? undefined : eq(registrants.address, registrantAddress),
    registrantId === undefined ? undefined : eq(registrants.id, registrantId),
  );
}

/** Whether a list is asked for with more than words, a page and the newest versions: most of what has the words may not pass. */
export function isNarrow(filter: object): boolean {
  return Object.entries(filter).some(([name, value]) => value !== undefined && !wideFilters.includes(name));
}

const wideFilters: readonly string[] = ['q', 'latest', 'limit', 'cursor'];

/** From the one that hides most: what holds for a component is the stricter of its own status and its model's. */
const strictness: readonly DefinitionStatus[] = ['ignored', 'disabled', 'deprecated', 'enabled'];

/** The status that holds for something in a model. */
export function effectiveStatus(own: SQL): SQL<DefinitionStatus> {
  const cases = strictness.map((status) => sql`when ${status} in (${own}, ${models.status}) then ${status}`);
  return sql`case ${sql.join(cases, sql` `)} end`;
}

type HeldTable = typeof components | typeof relationships;

/** The condition that one of the wanted statuses holds for what is in the table. */
export function hasStatus(table: HeldTable, wanted: OneOrMore<DefinitionStatus> | undefined): SQL | undefined {
  if (wanted === undefined) return undefined;
  const holds = isAny(effectiveStatus(sql`${table.status}`), wanted);
  return [wanted].flat().includes('enabled') ? holds : and(isNotEnabled(table), holds);
}

/** Few are: to begin with them is faster than to look at all. */
function isNotEnabled(table: HeldTable): SQL {
  const name = sql.identifier(getTableName(table));
  return sql`${table.id} in (
    select id from ${name} where status <> 'enabled'
    union all
    select held.id from models cross join ${name} held on held.model_id = models.id where models.status <> 'enabled')`;
}
