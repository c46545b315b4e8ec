import { and, eq, exists, inArray, lt } from 'drizzle-orm';
import { finalOperationStates } from '../../domain/operation.ts';
import type { Database } from './database.ts';
import { purgeRequests } from './idempotency.ts';
import { purgeRegistry, type PurgedFromRegistry } from './registry/purge-registry.ts';
import { operations, progress } from './schema.ts';

export type Purged = PurgedFromRegistry & { readonly progressEntries: number; readonly requests: number };

/**
 * Removes the live streams of operations that ended before `finishedBefore` (ISO 8601), idempotency keys older than a day, and
 * what generations of models left behind.
 */
export async function purge(
  database: Database,
  { finishedBefore }: { readonly finishedBefore: string },
): Promise<Purged> {
  const [result] = await database.write((queries) => [
    queries.delete(progress).where(
      exists(
        queries
          .select({ id: operations.id })
          .from(operations)
          .where(
            and(
              eq(operations.id, progress.operationId),
              inArray(operations.state, [...finalOperationStates]),
              lt(operations.finishedAt, finishedBefore),
            ),
          ),
      ),
    ),
  ]);
  return {
    progressEntries: result.rowsAffected,
    requests: await purgeRequests(database),
    ...(await purgeRegistry(database)),
  };
}
