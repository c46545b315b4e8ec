import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import {
  definitionStatuses,
  type DefinitionStatus,
  modelSchema,
  registrantSchema,
} from '../../../domain/registry/model.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database, Queries } from '../database.ts';
import type { ListOrder } from './list-order.ts';
import { isAny, matchesModel, type ModelConditions, type OneOrMore } from './model-filter.ts';
import { andFound, listSearched, type Search, searchOf, type SearchRequest } from './search-index.ts';
import { models, registrants } from './tables.ts';

const { metadata, ...listedShape } = modelSchema.shape;

/** A version of a model as it is listed. */
export const storedModelSchema = z.object({
  ...listedShape,
  id: z.string(),
  /** From 1: another content under the same name and version is the next one. */
  revision: z.number().int(),
  definitionVersion: z.string(),
  /** SHA-256 over the model and the digests of its members. */
  contentDigest: z.string(),
  status: z.enum(definitionStatuses),
  /** Whether it is the newest revision: the one that `name@version` means. */
  current: z.boolean(),
  /** Whether it is the one that the name alone means: the newest usable version. */
  latest: z.boolean(),
  componentCount: z.number().int(),
  relationshipCount: z.number().int(),
  registrant: registrantSchema.extend({ id: z.string() }),
  /** The run that brought it, and which of its sources. */
  operationId: z.string(),
  position: z.number().int(),
  source: z.string(),
  actor: z.string(),
  publishedAt: z.iso.datetime(),
});

/** One version of a model with all that it says of itself. */
export const modelDetailSchema = storedModelSchema.extend({ metadata });

export type StoredModel = z.infer<typeof storedModelSchema>;
export type ModelDetail = z.infer<typeof modelDetailSchema>;

export type ModelFilter = ModelConditions & {
  /** Words, each the beginning of a word in the name, display name, category or description. */
  readonly q?: string | undefined;
  readonly status?: OneOrMore<DefinitionStatus> | undefined;
  /** Only models with a component of that kind. */
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
};

/**
 * Versions of models, without replaced revisions. By relevance when words are searched for; by name, newest version first,
 * when not; `updated`: what was published last first.
 */
export function listModels(database: Database, filter: ModelFilter & SearchRequest = {}): Promise<Page<StoredModel>> {
  return listSearched<ModelRow, StoredModel>(database, filter, {
    index,
    orders: { name: byName, updated: byPublication },
    rowOf: ({ sequence }) => sequence,
    read: (queries, { search, order, count }) =>
      selectModels(queries, search)
        .where(and(matchesFilter(filter), order.after))
        .orderBy(...order.by)
        .limit(count),
    item: (row) => storedModelSchema.parse(row),
  });
}

/** How many versions of models pass the filter. */
export async function countModels(database: Database, filter: ModelFilter = {}): Promise<number> {
  const search = searchOf(filter.q);
  if (search === null) return 0;
  const [row] = await database.read((queries) =>
    queries
      .select({ count: sql<number>`count(*)` })
      .from(models)
      .innerJoin(registrants, andFound(index, search, eq(registrants.id, models.registrantId)))
      .where(matchesFilter(filter)),
  );
  return row?.count ?? 0;
}

/** All versions of a model, newest first, replaced revisions included. */
export async function listModelVersions(
  database: Database,
  { name, ...request }: PageRequest & { readonly name: string },
): Promise<Page<StoredModel>> {
  const order = byName(request);
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    selectModels(queries, undefined)
      .where(and(eq(models.state, 'published'), eq(models.name, name), order.after))
      .orderBy(...order.by)
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => storedModelSchema.parse(row), key: order.key });
}

/**
 * The model of that id, `name`, `name@version` or `name@version#revision`, or undefined. The name alone means the newest
 * version that is enabled or deprecated, or when there is none the newest; a version alone its newest revision.
 */
export async function findModel(database: Database, reference: string): Promise<ModelDetail | undefined> {
  const rows = await database.read((queries) =>
    selectModels(queries, undefined)
      .where(and(eq(models.state, 'published'), isReferredTo(reference)))
      .orderBy(desc(models.revision))
      .limit(1),
  );
  return rows.map((row) => modelDetailSchema.parse(row))[0];
}

/** The model that `findModel` finds. Throws SlipwayError `notFound`. */
export async function requireModel(database: Database, reference: string): Promise<ModelDetail> {
  const model = await findModel(database, reference);
  if (model !== undefined) return model;
  throw new SlipwayError('notFound', `there is no model ${reference}`, {
    fix: 'Name it as NAME, NAME@VERSION or NAME@VERSION#REVISION; list them with GET /v1/models.',
  });
}

/** The condition for the model that a reference names. */
export function isReferredTo(reference: string): SQL | undefined {
  if (reference.startsWith('mdl_')) return eq(models.id, reference);
  const {
    name = '',
    version,
    revision,
  } = /^(?<name>[^@]*)(?:@(?<version>[^#]*)(?:#(?<revision>\d+))?)?$/.exec(reference)?.groups ?? {};
  if (version === undefined) return and(eq(models.name, name), eq(models.latest, true));
  const isRevision = revision === undefined ? eq(models.current, true) : eq(models.revision, Number(revision));
  return and(eq(models.name, name), eq(models.version, version), isRevision);
}

function selectModels(queries: Queries, search: Search | undefined) {
  return queries
    .select({
      ...modelColumns,
      versionOrder: models.versionOrder,
      sequence: models.sequence,
      score: search === undefined ? sql<number>`0` : sql<number>`hits.score`,
    })
    .from(models)
    .innerJoin(registrants, andFound(index, search, eq(registrants.id, models.registrantId)))
    .$dynamic();
}

const index = {
  name: 'model_search',
  // The name, display name, category and description.
  weights: sql`10, 8, 2, 1`,
  row: sql`${models.sequence}`,
} as const;

const modelColumns = {
  id: models.id,
  name: models.name,
  version: models.version,
  revision: models.revision,
  definitionVersion: models.definitionVersion,
  displayName: models.displayName,
  description: models.description,
  category: models.category,
  subCategory: models.subCategory,
  metadata: models.metadata,
  contentDigest: models.contentDigest,
  status: models.status,
  current: models.current,
  latest: models.latest,
  componentCount: models.componentCount,
  relationshipCount: models.relationshipCount,
  registrant: { id: registrants.id, kind: registrants.kind, address: registrants.address },
  operationId: models.operationId,
  position: models.position,
  source: models.source,
  actor: models.actor,
  publishedAt: models.publishedAt,
};

function matchesFilter(filter: ModelFilter): SQL | undefined {
  const { kind, apiVersion, status } = filter;
  const kinds = and(
    kind === undefined ? undefined : sql`kind = ${kind}`,
    apiVersion === undefined ? undefined : sql`api_version = ${apiVersion}`,
  );
  return and(
    matchesModel(filter),
    isAny(models.status, status),
    kinds === undefined ? undefined : sql`${models.id} in (select model_id from components where ${kinds})`,
  );
}

type ModelRow = Awaited<ReturnType<typeof selectModels>>[number];

function byName(request: PageRequest): ListOrder<ModelRow> {
  const after = decodeCursor(request, z.tuple([z.string(), z.string(), z.number()]));
  return {
    by: [sql`${models.name}`, desc(models.versionOrder), desc(models.revision)],
    after:
      after &&
      sql`${models.name} >= ${after[0]} and (${models.name} > ${after[0]}
        or (${models.versionOrder}, ${models.revision}) < (${after[1]}, ${after[2]}))`,
    key: ({ name, versionOrder, revision }) => [name, versionOrder, revision ?? 0],
  };
}

function byPublication(request: PageRequest): ListOrder<ModelRow> {
  const after = decodeCursor(request, z.tuple([z.string(), z.number()]));
  return {
    by: [desc(models.publishedAt), desc(models.sequence)],
    after: after && sql`(${models.publishedAt}, ${models.sequence}) < (${after[0]}, ${after[1]})`,
    key: ({ publishedAt, sequence }) => [publishedAt ?? '', sequence],
  };
}
