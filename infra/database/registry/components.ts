import { and, desc, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import {
  componentDefinitionSchema,
  type ComponentKind,
  parseComponentKey,
} from '../../../domain/registry/component-definition.ts';
import {
  definitionStatuses,
  type DefinitionStatus,
  modelSchema,
  registrantSchema,
} from '../../../domain/registry/model.ts';
import { decodeCursor, type Page, type PageRequest } from '../cursor.ts';
import type { Database, Queries } from '../database.ts';
import type { ListOrder } from './list-order.ts';
import { effectiveStatus, hasStatus, matchesModel, type ModelConditions, type OneOrMore } from './model-filter.ts';
import { isReferredTo } from './models.ts';
import { usableStatuses } from './newest.ts';
import { andFound, listSearched, type Search, searchOf, type SearchRequest } from './search-index.ts';
import { components, models, registrants } from './tables.ts';

const definitionShape = componentDefinitionSchema.shape;

/** A component as it is listed: without its schema, which `readDefinition` gives by the digest. */
export const storedComponentSchema = z.object({
  id: z.number().int(),
  /** `model@version/kind@apiVersion`. */
  address: z.string(),
  kind: definitionShape.kind,
  apiVersion: definitionShape.apiVersion,
  displayName: z.string(),
  description: z.string(),
  scope: definitionShape.scope,
  adapter: z.string(),
  digest: z.string(),
  /** Its own; what holds is the stricter of this and its model's. */
  status: z.enum(definitionStatuses),
  model: z.object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    revision: z.number().int(),
    displayName: z.string(),
    category: modelSchema.shape.category,
    status: z.enum(definitionStatuses),
    latest: z.boolean(),
  }),
  registrant: registrantSchema,
});

export type StoredComponent = z.infer<typeof storedComponentSchema>;

export type ComponentFilter = ModelConditions & {
  /** Words, each the beginning of a word in the kind, its parts, API version, display name, model or description. */
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  readonly apiVersion?: string | undefined;
  /** What holds for the component: the stricter of its own status and its model's. */
  readonly status?: OneOrMore<DefinitionStatus> | undefined;
};

/**
 * Components of models, without those of replaced revisions. By relevance when words are searched for; by kind and API version
 * when not; `updated`: what was stored last first.
 */
export function listComponents(
  database: Database,
  filter: ComponentFilter & SearchRequest = {},
): Promise<Page<StoredComponent>> {
  return listSearched<ComponentRow, StoredComponent>(database, filter, {
    index,
    orders: { name: byKind, updated: byAge },
    rowOf: ({ id }) => id,
    read: (queries, { search, order, count }) =>
      selectComponents(queries, search)
        .where(and(matchesFilter(filter), order.after))
        .orderBy(...order.by)
        .limit(count),
    item: toComponent,
  });
}

/** How many components pass the filter. */
export async function countComponents(database: Database, filter: ComponentFilter = {}): Promise<number> {
  const search = searchOf(filter.q);
  if (search === null) return 0;
  const [row] = await database.read((queries) =>
    queries
      .select({ count: sql<number>`count(*)` })
      .from(components)
      .innerJoin(models, eq(models.id, components.modelId))
      .innerJoin(registrants, andFound(index, search, eq(registrants.id, models.registrantId)))
      .where(matchesFilter(filter)),
  );
  return row?.count ?? 0;
}

/** The component of that id or address `model@version/kind@apiVersion`, or undefined. */
export async function findComponent(database: Database, reference: string): Promise<StoredComponent | undefined> {
  const rows = await database.read((queries) =>
    selectComponents(queries, undefined)
      .where(and(eq(models.state, 'published'), hasAddress(reference)))
      .orderBy(desc(models.revision), desc(components.apiVersion))
      .limit(1),
  );
  return rows.map(toComponent)[0];
}

/** The component that `findComponent` finds. Throws SlipwayError `notFound`. */
export async function requireComponent(database: Database, reference: string): Promise<StoredComponent> {
  const component = await findComponent(database, reference);
  if (component !== undefined) return component;
  throw new SlipwayError('notFound', `there is no component ${reference}`, {
    fix: 'Name it as MODEL@VERSION/KIND@APIVERSION or by its id; list them with GET /v1/components.',
  });
}

/** Models of a kind are few; this is a bound, not a page. */
const maximumOfKind = 200;

/** Usable components of that kind: of each model's newest version first, enabled before deprecated. */
export async function componentsOfKind(
  database: Database,
  { kind, apiVersion }: { readonly kind: string; readonly apiVersion?: string | undefined },
): Promise<readonly StoredComponent[]> {
  const rows = await database.read((queries) =>
    selectComponents(queries, undefined)
      .where(
        and(
          eq(components.kind, kind),
          apiVersion === undefined ? undefined : eq(components.apiVersion, apiVersion),
          matchesModel({}),
          isUsable(),
        ),
      )
      .orderBy(
        desc(models.latest),
        sql`${effectiveStatus(sql`${components.status}`)} desc`,
        models.name,
        desc(models.versionOrder),
      )
      .limit(maximumOfKind),
  );
  return rows.map(toComponent);
}

export type BringingModel = {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Whether what it installs makes a cluster serve the kind; it only describes it otherwise. */
  readonly installs: boolean;
};

/** Usable models that bring the kind: first those that install it; of each the newest version first. */
export async function modelsBringing(
  database: Database,
  { kind, apiVersion }: ComponentKind,
): Promise<readonly BringingModel[]> {
  const isKind = sql`kind = ${kind} and api_version = ${apiVersion}`;
  const installs = sql`${models.id} in (select model_id from installed_kinds where ${isKind})`;
  const describes = sql`${models.id} in (select model_id from components where ${isKind})`;
  const rows = await database.read((queries) =>
    queries
      .select({ id: models.id, name: models.name, version: models.version, installs: sql<number>`${installs}` })
      .from(models)
      .where(and(matchesModel({}), inArray(models.status, [...usableStatuses]), or(installs, describes)))
      .orderBy(desc(installs), desc(models.latest), desc(models.status), models.name, desc(models.versionOrder))
      .limit(maximumOfKind),
  );
  return rows.map((row) => ({ ...row, installs: row.installs === 1 }));
}

/** Whether neither the component nor its model is disabled or ignored. */
export function isUsable(): SQL | undefined {
  return and(inArray(components.status, [...usableStatuses]), inArray(models.status, [...usableStatuses]));
}

function hasAddress(reference: string): SQL | undefined {
  if (/^\d+$/.test(reference)) return eq(components.id, Number(reference));
  const slash = reference.indexOf('/');
  const { kind, apiVersion }: Partial<ComponentKind> & { kind: string } = parseComponentKey(reference.slice(slash + 1));
  return and(
    isReferredTo(slash < 0 ? '' : reference.slice(0, slash)),
    eq(components.kind, kind),
    apiVersion === undefined ? undefined : eq(components.apiVersion, apiVersion),
  );
}

function selectComponents(queries: Queries, search: Search | undefined) {
  return queries
    .select({ ...componentColumns, score: search === undefined ? sql<number>`0` : sql<number>`hits.score` })
    .from(components)
    .innerJoin(models, eq(models.id, components.modelId))
    .innerJoin(registrants, andFound(index, search, eq(registrants.id, models.registrantId)))
    .$dynamic();
}

const index = {
  name: 'component_search',
  // The kind, the words in it, API version, display name, model and description.
  weights: sql`10, 8, 2, 6, 5, 1`,
  row: sql`${components.id}`,
} as const;

const componentColumns = {
  id: components.id,
  kind: components.kind,
  apiVersion: components.apiVersion,
  displayName: components.displayName,
  description: components.description,
  scope: components.scope,
  adapter: components.adapter,
  digest: components.digest,
  status: components.status,
  model: {
    id: models.id,
    name: models.name,
    version: models.version,
    revision: models.revision,
    displayName: models.displayName,
    category: models.category,
    status: models.status,
    latest: models.latest,
  },
  registrant: { kind: registrants.kind, address: registrants.address },
};

type AddressParts = {
  readonly kind: string;
  readonly apiVersion: string;
  readonly model: { readonly name: string; readonly version: string };
};

function toComponent(row: AddressParts): StoredComponent {
  const { kind, apiVersion, model } = row;
  return storedComponentSchema.parse({ ...row, address: `${model.name}@${model.version}/${kind}@${apiVersion}` });
}

function matchesFilter(filter: ComponentFilter): SQL | undefined {
  const { kind, apiVersion, status } = filter;
  return and(
    matchesModel(filter),
    kind === undefined ? undefined : eq(components.kind, kind),
    apiVersion === undefined ? undefined : eq(components.apiVersion, apiVersion),
    hasStatus(components, status),
  );
}

type ComponentRow = Awaited<ReturnType<typeof selectComponents>>[number];

function byKind(request: PageRequest): ListOrder<ComponentRow> {
  const after = decodeCursor(request, z.tuple([z.string(), z.string(), z.number()]));
  return {
    by: [sql`${components.kind}`, sql`${components.apiVersion}`, sql`${components.id}`],
    after:
      after &&
      sql`(${components.kind}, ${components.apiVersion}, ${components.id}) > (${after[0]}, ${after[1]}, ${after[2]})`,
    key: ({ kind, apiVersion, id }) => [kind, apiVersion, id],
  };
}

function byAge(request: PageRequest): ListOrder<ComponentRow> {
  const before = decodeCursor(request, z.tuple([z.number()]));
  return {
    by: [desc(components.id)],
    after: before && sql`${components.id} < ${before[0]}`,
    key: ({ id }) => [id],
  };
}
