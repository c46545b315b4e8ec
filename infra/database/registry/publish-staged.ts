import { and, asc, eq, sql } from 'drizzle-orm';
import { SlipwayError } from '../../../domain/errors.ts';
import { type GeneratedModel, generatedModelSchema } from '../../../domain/registry/generation.ts';
import type { Database, Queries } from '../database.ts';
import { markNewest } from './newest.ts';
import { addToSearch } from './search-index.ts';
import { recordRead, type ReadSource } from './sources.ts';
import type { StagePlace } from './stage-model.ts';
import { generatedModels, models } from './tables.ts';

export type Publication = StagePlace & {
  /** How many models were sealed: with another number nothing is published. */
  readonly modelCount?: number | undefined;
  /** What the next run of the source compares with. */
  readonly sourceState?: ReadSource | undefined;
};

/**
 * Makes what was staged for a source visible, all of it in one batch, and gives what became of each model, by name and
 * version. Repeated, it gives the same again. Throws SlipwayError `unavailable`, with nothing published, when the registry
 * has changed since or not everything was sealed: stage it again.
 */
export async function publishStaged(database: Database, publication: Publication): Promise<readonly GeneratedModel[]> {
  const { sourceState, ...place } = publication;
  const now = new Date().toISOString();
  // The order matters: each statement builds on those before it.
  await database.write((queries) => [
    decide(queries, publication),
    ...keepStatuses(queries, place),
    ...addToSearch(queries, taken(place)),
    show(queries, place, now),
    dropUnchanged(queries, place),
    markNewest(
      queries,
      sql`(select name from generated_models where ${isOf(place)} and change in ('added', 'changed'))`,
    ),
    ...(sourceState === undefined ? [] : [recordRead(queries, { ...place, ...sourceState, now })]),
  ]);
  return readOutcomes(database, place);
}

function isOf({ operationId, position }: StagePlace) {
  return sql`generated_models.operation_id = ${operationId} and generated_models.position = ${position}`;
}

/** Of the newest revision of the model that a row of `generated_models` is about. */
function newest(column: string) {
  return sql`(select newest.${sql.identifier(column)} from models newest
    where newest.name = generated_models.name and newest.version = generated_models.version and newest.current)`;
}

/**
 * Says of each model whether it is new, changed or unchanged. Two runs at once decide one after the other, so the second sees
 * what the first published. Nothing is decided when something is not whole: a model that is not sealed, or one that was found
 * unchanged at the time and is not any more.
 */
function decide(queries: Queries, { modelCount, ...place }: Publication) {
  const isWhole = sql`not exists (
      select 1 from models staged where staged.operation_id = ${place.operationId} and staged.position = ${place.position}
      and staged.state = 'staged' and not exists (select 1 from generated_models sealed where sealed.model_id = staged.id))
    and not exists (
      select 1 from generated_models where ${isOf(place)} and change is null and model_id is null
      and content_digest is not ${newest('content_digest')})`;
  const isComplete =
    modelCount === undefined
      ? sql`true`
      : sql`${modelCount} = (select count(*) from generated_models where ${isOf(place)})`;
  const isUnchanged = sql`content_digest is ${newest('content_digest')}`;
  return queries.run(sql`
    update generated_models set
      change = case when ${isUnchanged} then 'unchanged' when ${newest('id')} is null then 'added' else 'changed' end,
      model_id = iif(${isUnchanged}, ${newest('id')}, model_id),
      revision = iif(${isUnchanged}, ${newest('revision')}, coalesce(${newest('revision')}, 0) + 1),
      definition_version = iif(${isUnchanged}, ${newest('definition_version')}, ${countedUp})
    where ${isOf(place)} and change is null and ${isWhole} and ${isComplete}`);
}

/** The definition version, or when an earlier revision has it: the same with the next free patch number. */
const countedUp = sql`(
  select iif(
    total(line.definition_version = generated_models.definition_version) = 0,
    generated_models.definition_version,
    rtrim(generated_models.definition_version, '0123456789')
      || (1 + max(cast(substr(line.definition_version, length(rtrim(line.definition_version, '0123456789')) + 1) as integer))))
  from models line
  where line.name = generated_models.name and line.version = generated_models.version and line.state = 'published'
    and rtrim(line.definition_version, '0123456789') = rtrim(generated_models.definition_version, '0123456789'))`;

/** The staged models that become visible, with the revision before each. */
function taken(place: StagePlace) {
  return sql`(select staged.id from generated_models join models staged on staged.id = generated_models.model_id
    where ${isOf(place)} and change in ('added', 'changed') and staged.state = 'staged')`;
}

/** What people said of a component or a relationship holds for it in the next revision too. */
function keepStatuses(queries: Queries, place: StagePlace) {
  const newestOf = sql`models staged
    join models newest on newest.name = staged.name and newest.version = staged.version and newest.current`;
  return [
    queries.run(sql`
      update components set status = said.status
      from (select staged.id as taken_id, old.kind, old.api_version, old.status from ${newestOf}
        join components old on old.model_id = newest.id and old.status <> 'enabled'
        where staged.id in ${taken(place)}) said
      where components.model_id = said.taken_id and components.kind = said.kind
        and components.api_version = said.api_version`),
    queries.run(sql`
      update relationships set status = said.status
      from (select staged.id as taken_id, old.name, old.status from ${newestOf}
        join relationships old on old.model_id = newest.id and old.status <> 'enabled'
        where staged.id in ${taken(place)}) said
      where relationships.model_id = said.taken_id and relationships.name = said.name`),
  ] as const;
}

/** What people said of a version of a model holds for its next revision too: an ignored one stays ignored. */
function show(queries: Queries, place: StagePlace, now: string) {
  return queries.run(sql`
    update models set
      state = 'published',
      revision = decided.revision,
      definition_version = decided.definition_version,
      published_at = ${now},
      status = coalesce(
        (select newest.status from models newest
          where newest.name = models.name and newest.version = models.version and newest.current),
        models.status)
    from (select * from generated_models where ${isOf(place)} and change in ('added', 'changed')) decided
    where models.id = decided.model_id and models.state = 'staged'`);
}

/**
 * What is still staged was found in the registry as it is, stored by somebody else meanwhile. Its bodies stay: the revision
 * that was found holds the same ones.
 */
function dropUnchanged(queries: Queries, place: StagePlace) {
  return queries
    .delete(models)
    .where(
      and(
        eq(models.operationId, place.operationId),
        eq(models.position, place.position),
        eq(models.state, 'staged'),
        sql`not exists (select 1 from generated_models where ${isOf(place)} and change is null)`,
      ),
    );
}

async function readOutcomes(database: Database, place: StagePlace): Promise<readonly GeneratedModel[]> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(generatedModels)
      .where(isOf(place))
      .orderBy(asc(generatedModels.name), asc(generatedModels.version)),
  );
  if (rows.some(({ change }) => change === null)) {
    throw new SlipwayError('unavailable', 'the registry changed while models were stored, or not all were sealed', {
      fix: 'Try again.',
    });
  }
  return rows.map((row) => generatedModelSchema.parse(row));
}
