import { and, desc, eq, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import { definitionStatuses, type DefinitionStatus, registrantSchema } from '../../../domain/registry/model.ts';
import {
  type RelationshipDefinition,
  type RelationshipKind,
  relationshipKinds,
  type RelationshipOrigin,
  relationshipOrigins,
} from '../../../domain/registry/relationship-definition.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database, Queries } from '../database.ts';
import { unpackBody } from './definition-body.ts';
import type { ListOrder } from './list-order.ts';
import { hasStatus, isAny, matchesModel, type ModelConditions, type OneOrMore } from './model-filter.ts';
import { isReferredTo } from './models.ts';
import { definitions, models, registrants, relationships } from './tables.ts';

/** A relationship as it is listed: without its selectors, which `readDefinition` gives by the digest. */
export const storedRelationshipSchema = z.object({
  id: z.number().int(),
  /** `model@version/name`. */
  address: z.string(),
  name: z.string(),
  kind: z.enum(relationshipKinds),
  type: z.string(),
  subType: z.string(),
  description: z.string(),
  foundBy: z.enum(relationshipOrigins),
  /** Kinds that its allow selectors name; `*` for every kind. */
  fromKinds: z.array(z.string()),
  toKinds: z.array(z.string()),
  digest: z.string(),
  /** Its own; what holds is the stricter of this and its model's. */
  status: z.enum(definitionStatuses),
  model: z.object({
    id: z.string(),
    name: z.string(),
    version: z.string(),
    revision: z.number().int(),
    status: z.enum(definitionStatuses),
    latest: z.boolean(),
  }),
  registrant: registrantSchema,
});

export type StoredRelationship = z.infer<typeof storedRelationshipSchema>;

export type RelationshipFilter = ModelConditions & {
  /** A text in the name, type, subtype or description. */
  readonly q?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: OneOrMore<RelationshipKind> | undefined;
  readonly type?: string | undefined;
  readonly subType?: string | undefined;
  readonly foundBy?: OneOrMore<RelationshipOrigin> | undefined;
  /** A kind that it names on one of its sides. */
  readonly between?: string | undefined;
  /** What holds for the relationship: the stricter of its own status and its model's. */
  readonly status?: OneOrMore<DefinitionStatus> | undefined;
};

export const relationshipSorts = ['name', 'updated'] as const;
export type RelationshipSort = (typeof relationshipSorts)[number];

/** Relationships of models, without those of replaced revisions, by name; `updated`: what was stored last first. */
export async function listRelationships(
  database: Database,
  {
    sort = 'name',
    ...filter
  }: RelationshipFilter & PageRequest & { readonly sort?: RelationshipSort | undefined } = {},
): Promise<Page<StoredRelationship>> {
  const order = sort === 'name' ? byName(filter) : byAge(filter);
  const size = pageSize(filter);
  const rows = await database.read((queries) =>
    selectRelationships(queries)
      .where(and(matchesFilter(filter), order.after))
      .orderBy(...order.by)
      .limit(size + 1),
  );
  return toPage(rows, size, { item: toRelationship, key: order.key });
}

/** How many relationships pass the filter. */
export async function countRelationships(database: Database, filter: RelationshipFilter = {}): Promise<number> {
  const [row] = await database.read((queries) =>
    queries
      .select({ count: sql<number>`count(*)` })
      .from(relationships)
      .innerJoin(models, eq(models.id, relationships.modelId))
      .innerJoin(registrants, eq(registrants.id, models.registrantId))
      .where(matchesFilter(filter)),
  );
  return row?.count ?? 0;
}

/** The relationship of that id or address `model@version/name`, or undefined. */
export async function findRelationship(database: Database, reference: string): Promise<StoredRelationship | undefined> {
  const rows = await database.read((queries) =>
    selectRelationships(queries)
      .where(and(eq(models.state, 'published'), hasAddress(reference)))
      .orderBy(desc(models.revision))
      .limit(1),
  );
  return rows.map(toRelationship)[0];
}

/** The relationship that `findRelationship` finds. Throws SlipwayError `notFound`. */
export async function requireRelationship(database: Database, reference: string): Promise<StoredRelationship> {
  const relationship = await findRelationship(database, reference);
  if (relationship !== undefined) return relationship;
  throw new SlipwayError('notFound', `there is no relationship ${reference}`, {
    fix: 'Name it as MODEL@VERSION/NAME or by its id; list them with GET /v1/relationships.',
  });
}

/** A relationship with the rule that it is. */
export type FoundRelationship = StoredRelationship & { readonly definition: RelationshipDefinition };

/**
 * Enabled relationships between some of these kinds, by model and name: those of the newest version of each model, and those of
 * the models named by id in `modelIds`, which stand for all versions of theirs.
 */
export async function relationshipsFor(
  database: Database,
  { kinds, modelIds = [] }: { readonly kinds: readonly string[]; readonly modelIds?: readonly string[] | undefined },
): Promise<readonly FoundRelationship[]> {
  const wanted = JSON.stringify(['*', ...kinds]);
  const names = (column: SQL) =>
    sql`exists (select 1 from json_each(${column}) named
      where named.value in (select value from json_each(${wanted})))`;
  const pinned = sql`(select value from json_each(${JSON.stringify(modelIds)}))`;
  const isWantedVersion = or(
    sql`${models.id} in ${pinned}`,
    sql`${models.latest} and ${models.name} not in (select name from models where id in ${pinned})`,
  );
  const rows = await database.read((queries) =>
    queries
      .select({ ...relationshipColumns, body: definitions.body })
      .from(relationships)
      .innerJoin(models, eq(models.id, relationships.modelId))
      .innerJoin(registrants, eq(registrants.id, models.registrantId))
      .innerJoin(definitions, eq(definitions.digest, relationships.digest))
      .where(
        and(
          eq(models.state, 'published'),
          isWantedVersion,
          eq(models.status, 'enabled'),
          eq(relationships.status, 'enabled'),
          names(sql`${relationships.fromKinds}`),
          names(sql`${relationships.toKinds}`),
        ),
      )
      .orderBy(models.name, relationships.name),
  );
  return rows.map(({ body, ...row }) => ({
    ...toRelationship(row),
    definition: unpackBody<RelationshipDefinition>(body),
  }));
}

function hasAddress(reference: string): SQL | undefined {
  if (/^\d+$/.test(reference)) return eq(relationships.id, Number(reference));
  const slash = reference.indexOf('/');
  return and(
    isReferredTo(slash < 0 ? '' : reference.slice(0, slash)),
    eq(relationships.name, reference.slice(slash + 1)),
  );
}

function selectRelationships(queries: Queries) {
  return queries
    .select(relationshipColumns)
    .from(relationships)
    .innerJoin(models, eq(models.id, relationships.modelId))
    .innerJoin(registrants, eq(registrants.id, models.registrantId))
    .$dynamic();
}

const relationshipColumns = {
  id: relationships.id,
  name: relationships.name,
  kind: relationships.kind,
  type: relationships.type,
  subType: relationships.subType,
  description: relationships.description,
  foundBy: relationships.foundBy,
  fromKinds: relationships.fromKinds,
  toKinds: relationships.toKinds,
  digest: relationships.digest,
  status: relationships.status,
  model: {
    id: models.id,
    name: models.name,
    version: models.version,
    revision: models.revision,
    status: models.status,
    latest: models.latest,
  },
  registrant: { kind: registrants.kind, address: registrants.address },
};

type AddressParts = {
  readonly name: string;
  readonly model: { readonly name: string; readonly version: string };
};

function toRelationship(row: AddressParts): StoredRelationship {
  return storedRelationshipSchema.parse({ ...row, address: `${row.model.name}@${row.model.version}/${row.name}` });
}

function matchesFilter(filter: RelationshipFilter): SQL | undefined {
  const { name, kind, type, subType, foundBy, status } = filter;
  return and(
    matchesModel(filter),
    name === undefined ? undefined : eq(relationships.name, name),
    isAny(relationships.kind, kind),
    type === undefined ? undefined : eq(relationships.type, type),
    subType === undefined ? undefined : eq(relationships.subType, subType),
    isAny(relationships.foundBy, foundBy),
    hasStatus(relationships, status),
    matchesText(filter),
  );
}

function matchesText({ q, between }: RelationshipFilter): SQL | undefined {
  const { name, type, subType, description, fromKinds, toKinds } = relationships;
  const text = sql`lower(${name} || ' ' || ${type} || ' ' || ${subType} || ' ' || ${description})`;
  const names = (column: SQL) => sql`exists (select 1 from json_each(${column}) where value = ${between})`;
  return and(
    q === undefined || q.trim() === '' ? undefined : sql`instr(${text}, lower(${q.trim()})) > 0`,
    between === undefined ? undefined : or(names(sql`${fromKinds}`), names(sql`${toKinds}`)),
  );
}

type Named = { readonly id: number; readonly name: string };

function byName(request: PageRequest): ListOrder<Named> {
  const after = decodeCursor(request, z.tuple([z.string(), z.number()]));
  return {
    by: [sql`${relationships.name}`, sql`${relationships.id}`],
    after: after && sql`(${relationships.name}, ${relationships.id}) > (${after[0]}, ${after[1]})`,
    key: ({ name, id }) => [name, id],
  };
}

function byAge(request: PageRequest): ListOrder<Named> {
  const before = decodeCursor(request, z.tuple([z.number()]));
  return {
    by: [desc(relationships.id)],
    after: before && sql`${relationships.id} < ${before[0]}`,
    key: ({ id }) => [id],
  };
}
