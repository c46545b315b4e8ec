import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../database.ts';
import { deleteUnused, heldDigests } from './unused-definitions.ts';
import { generatedModels, models } from './tables.ts';

/** Forgets what was staged for a source of a run, or for all of them. What was published stays. */
export async function discardStaged(
  database: Database,
  { operationId, position }: { readonly operationId: string; readonly position?: number | undefined },
): Promise<void> {
  const staged = and(
    eq(models.operationId, operationId),
    position === undefined ? undefined : eq(models.position, position),
    eq(models.state, 'staged'),
  );
  const digests = await heldDigests(database, staged);
  await database.write((queries) => [
    queries.delete(models).where(staged),
    queries
      .delete(generatedModels)
      .where(
        and(
          eq(generatedModels.operationId, operationId),
          position === undefined ? undefined : eq(generatedModels.position, position),
          sql`${generatedModels.change} is null`,
        ),
      ),
    deleteUnused(queries, digests),
  ]);
}
