import { and, asc, desc, eq, gt, notExists, type SQL, sql } from 'drizzle-orm';
import {
  type OperationPhase,
  type ProgressChange,
  type ProgressEntry,
  progressEntrySchema,
} from '../../domain/operation.ts';
import { asSelects } from './bulk.ts';
import { maximumPageSize } from './cursor.ts';
import type { Database, Queries } from './database.ts';
import { operations, progress } from './schema.ts';

export type NewProgress = { readonly operationId: string; readonly change: ProgressChange };

/** Appends to the live streams of operations, in this order. */
export async function appendProgress(database: Database, entries: readonly NewProgress[]): Promise<void> {
  for (const source of progressSources(entries)) {
    await database.write((queries) => [queries.insert(progress).select(source)]);
  }
}

/** Tells that a phase began; in the live stream once, however often a worker begins it anew. */
export async function tellPhase(database: Database, { operationId, phase }: OperationPlace): Promise<void> {
  const change = { type: 'phase', phase } as const;
  const source = sql.join([...progressSources([{ operationId, change }])]);
  await database.write((queries) => [
    queries.insert(progress).select(sql`${source} and ${notExists(entriesOfPhase(queries, { operationId, phase }))}`),
    // The counts of a phase with steps are shown with its name: they stay together.
    queries
      .update(operations)
      .set({ progress: sql`json_set(${operations.progress}, '$.phase', ${phase})` })
      .where(and(eq(operations.id, operationId), sql`json_extract(${operations.progress}, '$.total') = 0`)),
  ]);
}

type OperationPlace = { readonly operationId: string; readonly phase: OperationPhase };

/** Whether the phase of an operation has begun. Only for operations that go on: live streams are not kept for ever. */
export async function hasBegun(database: Database, place: OperationPlace): Promise<boolean> {
  return (await database.read((queries) => entriesOfPhase(queries, place))).length > 0;
}

function entriesOfPhase(queries: Queries, { operationId, phase }: OperationPlace) {
  return queries
    .select({ sequence: progress.sequence })
    .from(progress)
    .where(
      and(
        eq(progress.operationId, operationId),
        sql`json_extract(${progress.change}, '$.type') = 'phase'`,
        sql`json_extract(${progress.change}, '$.phase') = ${phase}`,
      ),
    );
}

/** Entries after sequence `after`, of one operation or of all, in their order. */
export async function readProgress(
  database: Database,
  {
    operationId,
    after,
    limit = maximumPageSize,
  }: { readonly operationId?: string | undefined; readonly after: number; readonly limit?: number },
): Promise<readonly ProgressEntry[]> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(progress)
      .where(
        and(
          gt(progress.sequence, after),
          operationId === undefined ? undefined : eq(progress.operationId, operationId),
        ),
      )
      .orderBy(asc(progress.sequence))
      .limit(Math.min(limit, maximumPageSize)),
  );
  return rows.map((row) => progressEntrySchema.parse(row));
}

/** What people chose for objects of an operation, with its time, after sequence `after`. */
export async function readChoices(
  database: Database,
  { operationId, after }: { readonly operationId: string; readonly after: number },
): Promise<readonly ProgressEntry[]> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(progress)
      .where(
        and(
          eq(progress.operationId, operationId),
          gt(progress.sequence, after),
          sql`json_extract(${progress.change}, '$.type') = 'choice'`,
        ),
      )
      .orderBy(asc(progress.sequence)),
  );
  return rows.map((row) => progressEntrySchema.parse(row));
}

/** The sequence of the newest entry of all operations, or 0. */
export async function latestSequence(database: Database): Promise<number> {
  const [row] = await database.read((queries) =>
    queries.select({ sequence: progress.sequence }).from(progress).orderBy(desc(progress.sequence)).limit(1),
  );
  return row?.sequence ?? 0;
}

/** The rows of the entries, as sources of an insert. */
export function progressSources(entries: readonly NewProgress[]): readonly SQL[] {
  const time = new Date().toISOString();
  return asSelects(
    progress,
    entries.map(({ operationId, change }) => ({ operationId, time, change })),
  );
}
