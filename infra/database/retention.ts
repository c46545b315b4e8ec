import { and, eq, exists, inArray, lt } from 'drizzle-orm';
import { finalOperationStates } from '../../domain/operation.ts';
import type { Database } from './database.ts';
import { purgeRequests } from './idempotency.ts';
import { operations, progress } from './schema.ts';

export type Purged = { readonly progressEntries: number; readonly requests: number };

/** Removes the live streams of operations that ended before `finishedBefore` (ISO 8601), and idempotency keys older than a day. */
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
  return { progressEntries: result.rowsAffected, requests: await purgeRequests(database) };
}
