import { type SQL, sql } from 'drizzle-orm';
import type { Queries } from '../database.ts';

/** Puts models, and their components, into the search indexes; `ids` is a subquery or a list. For batches that publish. */
export function addToSearch(queries: Queries, ids: SQL) {
  return [
    queries.run(sql`
      insert into component_search (rowid, kind, words, api_version, display_name, model, description)
      select components.id, kind, words, api_version, components.display_name, models.name, components.description
      from models join components on components.model_id = models.id where models.id in ${ids}`),
    queries.run(sql`
      insert into model_search (rowid, name, display_name, category, description)
      select sequence, name, display_name, category || ' ' || sub_category, description from models where id in ${ids}`),
  ] as const;
}

/** Takes models out of the search indexes; for batches that delete them, before they do. */
export function removeFromSearch(queries: Queries, ids: SQL) {
  return [
    queries.run(sql`
      delete from component_search where rowid in (select id from components where model_id in ${ids})`),
    queries.run(sql`delete from model_search where rowid in (select sequence from models where id in ${ids})`),
  ] as const;
}

type SearchIndex = {
  readonly name: 'component_search' | 'model_search';
  /** What a hit in each column counts. */
  readonly weights: SQL;
  /** The column that holds the row of the index. */
  readonly row: SQL;
};

/** The condition of the last join of a list, and behind it, where words are searched for, the join with what was found. */
export function andFound({ name, weights, row }: SearchIndex, match: string | undefined, condition: SQL): SQL {
  if (match === undefined) return condition;
  const index = sql.identifier(name);
  return sql`${condition} join (
    select rowid as row, bm25(${index}, ${weights}) as score from ${index} where ${index} match ${match}) hits
    on hits.row = ${row}`;
}
