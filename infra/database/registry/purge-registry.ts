import { and, eq, lt, notInArray, sql } from 'drizzle-orm';
import { finalOperationStates } from '../../../domain/operation.ts';
import type { Database } from '../database.ts';
import { operations } from '../schema.ts';
import { purgeAttachments } from './attachments.ts';
import { discardStaged } from './staged.ts';
import { models, uploads } from './tables.ts';

export type PurgedFromRegistry = {
  readonly uploads: number;
  readonly attachments: number;
  /** Runs that ended and left something staged. */
  readonly stages: number;
};

/** How long a file is kept that nothing refers to: what is about to refer to it takes minutes. */
const keptMs = 86_400_000;

/** Removes uploads and attachments that nothing refers to for a day, and what was staged by runs that have ended. */
export async function purgeRegistry(database: Database): Promise<PurgedFromRegistry> {
  const dayAgo = new Date(Date.now() - keptMs).toISOString();
  return {
    stages: await purgeStages(database, dayAgo),
    uploads: await purgeUploads(database, dayAgo),
    attachments: await purgeAttachments(database, dayAgo),
  };
}

/** Those that a run which has not ended will read are kept, however old. */
async function purgeUploads(database: Database, createdBefore: string): Promise<number> {
  const isWanted = sql`exists (
    select 1 from operations, json_each(operations.options, '$.sources') source
    where operations.state not in (select value from json_each(${JSON.stringify(finalOperationStates)}))
      and source.value ->> 'uploadId' = ${uploads.id})`;
  const [result] = await database.write((queries) => [
    queries.delete(uploads).where(and(lt(uploads.createdAt, createdBefore), sql`not ${isWanted}`)),
  ]);
  return result.rowsAffected;
}

/** A run discards what it staged when it ends; one whose workflow was terminated cannot. */
async function purgeStages(database: Database, createdBefore: string): Promise<number> {
  const rows = await database.read((queries) =>
    queries
      .selectDistinct({ operationId: models.operationId })
      .from(models)
      .leftJoin(
        operations,
        and(eq(operations.id, models.operationId), notInArray(operations.state, [...finalOperationStates])),
      )
      .where(and(eq(models.state, 'staged'), lt(models.createdAt, createdBefore), sql`${operations.id} is null`)),
  );
  for (const { operationId } of rows) await discardStaged(database, { operationId });
  return rows.length;
}
