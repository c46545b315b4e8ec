import { and, asc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import {
  type Installation,
  type MemberType,
  memberTypes,
  type ModelMember,
  modelMemberSchema,
} from '../../../domain/registry/model-member.ts';
import { isOneOf } from '../bulk.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database, Queries } from '../database.ts';
import { unpackBody } from './definition-body.ts';
import { definitions, modelMembers } from './tables.ts';

export const memberSummarySchema = z.object({ type: z.enum(memberTypes), key: z.string(), digest: z.string() });

/** A member without its definition. */
export type MemberSummary = z.infer<typeof memberSummarySchema>;
/** A member with its definition, as it was stored. */
export type ReadMember = ModelMember & Pick<MemberSummary, 'key' | 'digest'>;

/** Definitions unpacked at a time: bounds the memory of a reader of thousands. */
const readBatchSize = 200;

/** What a model holds, by type and key; never all of it at once. */
export async function* membersOf(
  database: Database,
  { modelId, type }: { readonly modelId: string; readonly type?: MemberType | undefined },
): AsyncGenerator<ReadMember, void> {
  for (let after: Place = ['', '']; ;) {
    const rows = await readMembers(database, { modelId, type, after, count: readBatchSize });
    for (const row of rows) yield toMember(row);
    const last = rows.at(-1);
    if (rows.length < readBatchSize || last === undefined) return;
    after = placeOf(last);
  }
}

/** A page of what a model holds, by type and key. */
export async function listMembers(
  database: Database,
  { modelId, type, ...request }: PageRequest & { readonly modelId: string; readonly type?: MemberType | undefined },
): Promise<Page<ReadMember>> {
  const after = decodeCursor(request, z.tuple([z.string(), z.string()])) ?? ['', ''];
  const size = pageSize(request);
  const rows = await readMembers(database, { modelId, type, after, count: size + 1 });
  return toPage(rows, size, { item: toMember, key: placeOf });
}

/** Type and key: the order in which members are read. */
type Place = readonly [string, string];

type MemberRequest = {
  readonly modelId: string;
  readonly type: MemberType | undefined;
  readonly after: Place;
  readonly count: number;
};

async function readMembers(
  database: Database,
  { modelId, type, after: [afterType, afterKey], count }: MemberRequest,
): Promise<readonly MemberRow[]> {
  return database.read((queries) =>
    selectMembers(queries)
      .where(
        and(
          eq(modelMembers.modelId, modelId),
          type === undefined ? undefined : eq(modelMembers.type, type),
          sql`(${modelMembers.type}, ${modelMembers.key}) > (${afterType}, ${afterKey})`,
        ),
      )
      .orderBy(asc(modelMembers.type), asc(modelMembers.key))
      .limit(count),
  );
}

/** One member of a model with its definition, or undefined. */
export async function findMember(
  database: Database,
  { modelId, type, key }: { readonly modelId: string; readonly type: MemberType; readonly key: string },
): Promise<ReadMember | undefined> {
  const rows = await database.read((queries) =>
    selectMembers(queries).where(
      and(eq(modelMembers.modelId, modelId), eq(modelMembers.type, type), eq(modelMembers.key, key)),
    ),
  );
  return rows.map(toMember)[0];
}

/** What the model puts into a cluster so that its kinds are served. Empty when it brings nothing. */
export async function readInstallations(database: Database, modelId: string): Promise<readonly Installation[]> {
  const members = await Array.fromAsync(membersOf(database, { modelId, type: 'installation' }));
  return members.flatMap((member) => (member.type === 'installation' ? [member.definition] : []));
}

/** The definition of that digest, as it was stored. Throws SlipwayError `notFound`. */
export async function readDefinition<T>(database: Database, digest: string): Promise<T> {
  const found = await readDefinitions<T>(database, [digest]);
  const definition = found.get(digest);
  if (definition !== undefined) return definition;
  throw new SlipwayError('notFound', `there is no definition ${digest}`);
}

/** Definitions by their digests; those that are not there are left out. */
export async function readDefinitions<T>(
  database: Database,
  digests: readonly string[],
): Promise<ReadonlyMap<string, T>> {
  const rows = await database.read((queries) =>
    queries.select().from(definitions).where(isOneOf(definitions.digest, digests)),
  );
  return new Map(rows.map(({ digest, body }) => [digest, unpackBody<T>(body)]));
}

function selectMembers(queries: Queries) {
  return queries
    .select({ type: modelMembers.type, key: modelMembers.key, digest: modelMembers.digest, body: definitions.body })
    .from(modelMembers)
    .innerJoin(definitions, eq(definitions.digest, modelMembers.digest))
    .$dynamic();
}

type MemberRow = { readonly type: string; readonly key: string; readonly digest: string; readonly body: Buffer };

function placeOf({ type, key }: MemberRow): Place {
  return [type, key];
}

function toMember({ type, key, digest, body }: MemberRow): ReadMember {
  return { ...modelMemberSchema.parse({ type, definition: unpackBody(body) }), key, digest };
}
