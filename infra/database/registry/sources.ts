import { and, asc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type SourceReport, sourceReportSchema } from '../../../domain/registry/generation.ts';
import {
  type ModelSource,
  modelSourceSchema,
  type SourceState,
  sourceStateSchema,
} from '../../../domain/registry/model-source.ts';
import type { Database, Queries } from '../database.ts';
import { modelSources, sourceReports } from './tables.ts';

/** What was read, and what tells at the next run whether it has changed. */
export type ReadSource = {
  /** SHA-256 of the source as it was asked for. */
  readonly key: string;
  readonly source: ModelSource;
  /** The source in a few words. */
  readonly label: string;
  readonly state: SourceState;
};

export const knownSourceSchema = z.object({
  key: z.string(),
  source: modelSourceSchema,
  label: z.string(),
  state: sourceStateSchema,
  /** The run that read it last, and as which of its sources. */
  operationId: z.string(),
  position: z.number().int(),
  checkedAt: z.iso.datetime(),
  /** When it last brought something new. */
  changedAt: z.iso.datetime(),
});

export type KnownSource = z.infer<typeof knownSourceSchema>;

/** What the last run knew of a source, or undefined when it was never read or a model that came of it was deleted since. */
export async function readSourceState(database: Database, key: string): Promise<SourceState | undefined> {
  return (await findSource(database, key))?.state;
}

/** All that is known of a source, or undefined. */
export async function findSource(database: Database, key: string): Promise<KnownSource | undefined> {
  const rows = await database.read((queries) => queries.select().from(modelSources).where(eq(modelSources.key, key)));
  return rows.map((row) => knownSourceSchema.parse(row))[0];
}

/** Records that a source said it has not changed, with what it says of itself now. Nothing is recorded of an unknown one. */
export async function recordSourceChecked(
  database: Database,
  { key, state }: { readonly key: string; readonly state?: SourceState | undefined },
): Promise<void> {
  await database.write((queries) => [
    queries
      .update(modelSources)
      .set({ checkedAt: new Date().toISOString(), ...(state === undefined ? {} : { state }) })
      .where(eq(modelSources.key, key)),
  ]);
}

export type SourceReading = ReadSource & {
  readonly operationId: string;
  readonly position: number;
  readonly now: string;
};

/** The statement that records what was read, when all that came of it is decided; for the batch that publishes it. */
export function recordRead(queries: Queries, { key, source, label, state, operationId, position, now }: SourceReading) {
  const outcomes = sql`select 1 from generated_models where operation_id = ${operationId} and position = ${position}`;
  return queries
    .insert(modelSources)
    .select(
      sql`select ${key}, ${JSON.stringify(source)}, ${label}, ${JSON.stringify(state)}, ${operationId}, ${position}, ${now}, ${now}
        where not exists (${outcomes} and change is null)`,
    )
    .onConflictDoUpdate({
      target: modelSources.key,
      set: {
        label,
        state,
        operationId,
        position,
        checkedAt: now,
        changedAt: sql`iif(exists (${outcomes} and change in ('added', 'changed')), ${now}, ${modelSources.changedAt})`,
      },
    });
}

/** Records the end of one source of a run, in place of what was recorded before. */
export async function putReport(
  database: Database,
  { operationId, report }: { readonly operationId: string; readonly report: SourceReport },
): Promise<void> {
  const row = { operationId, position: report.position, report };
  await database.write((queries) => [
    queries
      .insert(sourceReports)
      .values(row)
      .onConflictDoUpdate({ target: [sourceReports.operationId, sourceReports.position], set: { report } }),
  ]);
}

/** How a source of a run ended, or undefined while it has not. */
export async function findReport(
  database: Database,
  { operationId, position }: { readonly operationId: string; readonly position: number },
): Promise<SourceReport | undefined> {
  const rows = await database.read((queries) =>
    queries
      .select({ report: sourceReports.report })
      .from(sourceReports)
      .where(and(eq(sourceReports.operationId, operationId), eq(sourceReports.position, position))),
  );
  return rows.map(({ report }) => sourceReportSchema.parse(report))[0];
}

/** The reports of a run that are there, in the order of its sources: those after `after` where it is given. */
export async function readReports(
  database: Database,
  { operationId, after = -1 }: { readonly operationId: string; readonly after?: number | undefined },
): Promise<readonly SourceReport[]> {
  const rows = await database.read((queries) =>
    queries
      .select({ report: sourceReports.report })
      .from(sourceReports)
      .where(and(eq(sourceReports.operationId, operationId), sql`${sourceReports.position} > ${after}`))
      .orderBy(asc(sourceReports.position)),
  );
  return rows.map(({ report }) => sourceReportSchema.parse(report));
}
