import { and, eq, type SQL, sql } from 'drizzle-orm';
import { isOneOf } from '../bulk.ts';
import type { Database, Queries } from '../database.ts';
import { definitions, modelMembers, models } from './tables.ts';

/** Digests of the definitions that these models hold, and may be the last to hold. */
export async function heldDigests(database: Database, ofModels: SQL | undefined): Promise<readonly string[]> {
  const rows = await database.read((queries) =>
    queries
      .selectDistinct({ digest: modelMembers.digest })
      .from(modelMembers)
      .innerJoin(models, eq(models.id, modelMembers.modelId))
      .where(ofModels),
  );
  return rows.map(({ digest }) => digest);
}

/**
 * Deletes those of the definitions that nothing holds, in the batch that deletes models. Safe beside a run that stores the
 * same definitions at that moment: staged members hold them as published ones do; a run that has only seen that they are
 * stored, and has no member yet, is refused by the reference when it writes the member, and sends the body again.
 */
export function deleteUnused(queries: Queries, digests: readonly string[]) {
  return queries
    .delete(definitions)
    .where(
      and(
        isOneOf(definitions.digest, digests),
        sql`not exists (select 1 from ${modelMembers} where ${modelMembers.digest} = ${definitions.digest})`,
      ),
    );
}
