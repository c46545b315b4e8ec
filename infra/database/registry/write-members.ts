import type { BatchItem } from 'drizzle-orm/batch';
import { asSelects, isOneOf } from '../bulk.ts';
import type { Database, Queries } from '../database.ts';
import { packBody } from './definition-body.ts';
import { type KeyedMember, toRows } from './member-rows.ts';
import { components, definitions, installedKinds, modelMembers, relationships } from './tables.ts';

export type Statement = BatchItem<'sqlite'>;

/** The digests among those of the members whose bodies are stored now. */
export async function storedDigests(database: Database, members: readonly KeyedMember[]): Promise<ReadonlySet<string>> {
  if (members.length === 0) return new Set();
  const digests = members.map(({ body }) => body.digest);
  const rows = await database.read((queries) =>
    queries.select({ digest: definitions.digest }).from(definitions).where(isOneOf(definitions.digest, digests)),
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** The statements that store members of a model, with the bodies that are not `known` to be stored. */
export function insertMembers(
  queries: Queries,
  modelId: string,
  { members, known }: { readonly members: readonly KeyedMember[]; readonly known: ReadonlySet<string> },
): readonly Statement[] {
  const unknown = new Map(members.flatMap(({ body }) => (known.has(body.digest) ? [] : [[body.digest, body]])));
  const bodies = [...unknown.values()].map((body) => ({ digest: body.digest, body: packBody(body) }));
  const rows = toRows(modelId, members);
  return [
    ...asSelects(definitions, bodies).map((source) => queries.insert(definitions).select(source).onConflictDoNothing()),
    ...asSelects(modelMembers, rows.members).map((source) => queries.insert(modelMembers).select(source)),
    ...asSelects(components, rows.components).map((source) => queries.insert(components).select(source)),
    ...asSelects(relationships, rows.relationships).map((source) => queries.insert(relationships).select(source)),
    ...asSelects(installedKinds, rows.installedKinds).map((source) => queries.insert(installedKinds).select(source)),
  ];
}
