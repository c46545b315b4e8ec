import { desc, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database, Queries } from '../database.ts';
import type { ListOrder } from './list-order.ts';
import { isNarrow } from './model-filter.ts';
import { matchOf } from './search-text.ts';

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

export type SearchIndex = {
  readonly name: 'component_search' | 'model_search';
  /** What a hit in each column counts. */
  readonly weights: SQL;
  /** The column that holds the row of the index. */
  readonly row: SQL;
};

export type Search = {
  readonly match: string;
  /** Only so many hits, the best after a place in the order. */
  readonly best?: { readonly count: number; readonly after: SQL | undefined };
};

/** What words that a person typed search for: undefined when nothing is asked for, null when nothing can be found. */
export function searchOf(q: string | undefined): Search | null | undefined {
  const match = matchOf(q);
  return typeof match === 'string' ? { match } : match;
}

/** The condition of the last join of a list, and behind it, where words are searched for, the join with what was found. */
export function andFound({ name, weights, row }: SearchIndex, search: Search | undefined, condition: SQL): SQL {
  if (search === undefined) return condition;
  const index = sql.identifier(name);
  const found = sql`(
    select rowid as row, bm25(${index}, ${weights}) as score from ${index} where ${index} match ${search.match}) hits`;
  return sql`${condition} join ${search.best === undefined ? found : bestOf(found, search.best)}
    on hits.row = ${row}`;
}

function bestOf(found: SQL, { count, after }: NonNullable<Search['best']>): SQL {
  return sql`(
    select row, score from ${found} where ${after ?? sql`true`} order by score, row desc limit ${count}) hits`;
}

/** The first look at a search takes so many times the hits of a page, more where filters will leave few of them. */
const firstLook = { wide: 4, narrow: 40 };
/** Each next look takes so many times the hits of the one before. */
const nextLook = 10;

/** The orders of a list that can be searched. */
export const searchSorts = ['relevance', 'name', 'updated'] as const;
type SearchSort = (typeof searchSorts)[number];

/** What a list is asked for beside its own conditions. */
export type SearchRequest = PageRequest & {
  readonly q?: string | undefined;
  readonly sort?: SearchSort | undefined;
};

export type SearchedList<Row, Item> = {
  readonly index: SearchIndex;
  /** Its orders other than that of relevance. */
  readonly orders: Readonly<Record<Exclude<SearchSort, 'relevance'>, (request: PageRequest) => ListOrder<Row>>>;
  /** Where a row is in the index. */
  readonly rowOf: (row: Row) => number;
  readonly read: (queries: Queries, request: ReadRequest<Row>) => PromiseLike<readonly Row[]>;
  readonly item: (row: Row) => Item;
};

/** Rows to read: those of the search, in the order, so many. */
export type ReadRequest<Row> = {
  readonly search: Search | undefined;
  readonly order: ListOrder<Row>;
  readonly count: number;
};

/** A page of a list: by relevance when words are searched for, and by name when not, unless another order is asked for. */
export async function listSearched<Row extends { readonly score: number }, Item>(
  database: Database,
  { sort, ...filter }: SearchRequest,
  list: SearchedList<Row, Item>,
): Promise<Page<Item>> {
  const words = searchOf(filter.q);
  if (words === null) return { items: [], nextCursor: null };
  const by = words === undefined && sort !== 'updated' ? 'name' : (sort ?? 'relevance');
  const order = by === 'relevance' ? byRelevance(filter, list) : list.orders[by](filter);
  const size = pageSize(filter);
  const read = (search: Search | undefined) =>
    database.read((queries) => list.read(queries, { search, order, count: size + 1 }));
  const page = { index: list.index, size, after: order.after, narrow: isNarrow(filter) };
  const rows =
    words === undefined || by !== 'relevance'
      ? await read(words)
      : await readBest(database, { ...page, match: words.match }, read);
  return toPage(rows, size, { item: list.item, key: order.key });
}

function byRelevance<Row extends { readonly score: number }>(
  request: PageRequest,
  { index, rowOf }: Pick<SearchedList<Row, unknown>, 'index' | 'rowOf'>,
): ListOrder<Row> {
  const after = decodeCursor(request, z.tuple([z.number(), z.number()]));
  return {
    by: [sql`hits.score`, desc(index.row)],
    after: after && sql`(hits.score, -hits.row) > (${after[0]}, ${-after[1]})`,
    key: (row) => [row.score, rowOf(row)],
  };
}

type RankedPage = {
  readonly index: SearchIndex;
  readonly match: string;
  readonly size: number;
  readonly after: SQL | undefined;
  /** Whether there are filters that most hits may not pass. */
  readonly narrow: boolean;
};

/**
 * A page of a list in the order of relevance. Ranking is fast, and reading every hit's row to filter it is not: only the best hits
 * are looked at first, and more where the filters leave less than a page of those.
 */
async function readBest<Row>(
  database: Database,
  { index, match, size, after, narrow }: RankedPage,
  read: (search: Search) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  let hitCount: number | undefined;
  for (let count = firstLook[narrow ? 'narrow' : 'wide'] * (size + 1); ; count *= nextLook) {
    const rows = await read({ match, best: { count, after } });
    if (rows.length > size) return rows;
    hitCount ??= await countHits(database, index, match);
    if (hitCount <= count) return rows;
  }
}

async function countHits(database: Database, { name }: SearchIndex, match: string): Promise<number> {
  const index = sql.identifier(name);
  const [hits] = await database.read((queries) =>
    queries.all<{ count: number }>(sql`select count(*) as count from ${index} where ${index} match ${match}`),
  );
  return hits?.count ?? 0;
}
