import { and, asc, desc, eq, exists, inArray, like, lt, notInArray, not, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { type Finding } from '../../domain/finding.ts';
import { type JsonObject, jsonObjectSchema } from '../../domain/json.ts';
import {
  finalOperationStates,
  type OperationError,
  type OperationKind,
  type OperationProgress,
  operationSchema,
  type OperationState,
  type ProgressChange,
} from '../../domain/operation.ts';
import { asSelects } from './bulk.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database, Queries } from './database.ts';
import { handOver } from './deployments.ts';
import { deployments, operations, progress } from './schema.ts';

export const storedOperationSchema = operationSchema.extend({
  workflowId: z.string(),
  /** The operation that needs this one to go first, or after; null for one that was asked for. */
  acceptedFor: z.string().nullable(),
});

/** An operation with the id of the workflow that carries it out. */
export type StoredOperation = z.infer<typeof storedOperationSchema>;

const finalStates = [...finalOperationStates];

/** Operations that change a deployment hold it, and run under its workflow id. */
const holdsDeployment = like(operations.workflowId, 'deployment/%');

/** The operation, or undefined. */
export async function findOperation(database: Database, id: string): Promise<StoredOperation | undefined> {
  const rows = await database.read((queries) => queries.select().from(operations).where(eq(operations.id, id)));
  return rows.map((row) => storedOperationSchema.parse(row))[0];
}

/** Throws SlipwayError `notFound`. */
export async function requireOperation(database: Database, id: string): Promise<StoredOperation> {
  const operation = await findOperation(database, id);
  if (operation === undefined) throw new SlipwayError('notFound', `there is no operation ${id}`);
  return operation;
}

/** The operation, the one that it was accepted for, and so on up to the one that somebody asked for. Throws SlipwayError `notFound`. */
export async function operationChain(database: Database, id: string): Promise<readonly StoredOperation[]> {
  const operation = await requireOperation(database, id);
  return operation.acceptedFor === null
    ? [operation]
    : [operation, ...(await operationChain(database, operation.acceptedFor))];
}

/** The options with which the operation was accepted, for the schema of its kind. Throws SlipwayError `notFound`. */
export async function readOperationOptions(database: Database, id: string): Promise<JsonObject> {
  const [row] = await database.read((queries) =>
    queries.select({ options: operations.options }).from(operations).where(eq(operations.id, id)),
  );
  if (row === undefined) throw missing(id);
  return jsonObjectSchema.parse(row.options);
}

export type OperationFilter = PageRequest & {
  readonly states?: readonly OperationState[] | undefined;
  readonly kinds?: readonly OperationKind[] | undefined;
  readonly deploymentId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly designId?: string | undefined;
};

/** Operations, newest first. */
export async function listOperations(database: Database, filter: OperationFilter = {}): Promise<Page<StoredOperation>> {
  const before = decodeCursor(filter, z.string());
  const size = pageSize(filter);
  const conditions: readonly (SQL | undefined)[] = [
    filter.states === undefined ? undefined : inArray(operations.state, [...filter.states]),
    filter.kinds === undefined ? undefined : inArray(operations.kind, [...filter.kinds]),
    filter.deploymentId === undefined ? undefined : eq(operations.deploymentId, filter.deploymentId),
    filter.connectionId === undefined ? undefined : eq(operations.connectionId, filter.connectionId),
    filter.designId === undefined ? undefined : eq(operations.designId, filter.designId),
    before === undefined ? undefined : lt(operations.id, before),
  ];
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(operations)
      .where(and(...conditions))
      .orderBy(desc(operations.id))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => storedOperationSchema.parse(row), key: (row) => row.id });
}

/**
 * The operation in state `to`, with an entry in its live stream when that is new. Throws SlipwayError `conflict` when it
 * is neither in `from` nor in `to`, `notFound`.
 */
export async function transitionOperation(
  database: Database,
  {
    id,
    from,
    to,
    message,
  }: {
    readonly id: string;
    readonly from: readonly OperationState[];
    readonly to: OperationState;
    readonly message?: string | undefined;
  },
): Promise<StoredOperation> {
  const now = new Date().toISOString();
  const [, , [operation]] = await database.write((queries) => [
    queries
      .update(operations)
      .set({ state: to, startedAt: sql`coalesce(${operations.startedAt}, ${now})` })
      .where(and(eq(operations.id, id), inArray(operations.state, [...from]), not(eq(operations.state, to)))),
    appendStateIfChanged(queries, { id, state: to, message, time: now }),
    queries.select().from(operations).where(eq(operations.id, id)),
  ]);
  if (operation === undefined) throw missing(id);
  const current = storedOperationSchema.parse(operation);
  if (current.state === to) return current;
  throw new SlipwayError('conflict', `operation ${id} is ${current.state} and cannot become ${to}`, {
    details: { state: current.state },
  });
}

/** Replaces the counts that are shown while the operation runs. */
export async function setProgress(
  database: Database,
  { id, progress: counts }: { readonly id: string; readonly progress: OperationProgress },
): Promise<void> {
  await database.write((queries) => [
    queries.update(operations).set({ progress: counts }).where(eq(operations.id, id)),
  ]);
}

/** Replaces what was found while the design was read and validated. */
export async function setFindings(
  database: Database,
  { id, findings }: { readonly id: string; readonly findings: readonly Finding[] },
): Promise<void> {
  await database.write((queries) => [queries.update(operations).set({ findings }).where(eq(operations.id, id))]);
}

/** Records what came out so far, such as the plan that a `plan` operation made. */
export async function setPlan(
  database: Database,
  { id, planId }: { readonly id: string; readonly planId: string },
): Promise<void> {
  await database.write((queries) => [queries.update(operations).set({ planId }).where(eq(operations.id, id))]);
}

/** Records what came out of the operation so far; `finishOperation` replaces it. */
export async function setResult(
  database: Database,
  { id, result }: { readonly id: string; readonly result: JsonObject },
): Promise<void> {
  await database.write((queries) => [queries.update(operations).set({ result }).where(eq(operations.id, id))]);
}

/**
 * Says what keeps the operation from going on, or null for nothing, with an entry in its live stream. True when that is new,
 * and the operation has not ended.
 */
export async function setTrouble(
  database: Database,
  { id, message }: { readonly id: string; readonly message: string | null },
): Promise<boolean> {
  const time = new Date().toISOString();
  const { trouble, state } = operations;
  const since = sql`coalesce(json_extract(${trouble}, '$.since'), ${time})`;
  const [result] = await database.write((queries) => [
    queries
      .update(operations)
      .set({ trouble: message === null ? null : sql`json_object('message', ${message}, 'since', ${since})` })
      .where(
        and(
          eq(operations.id, id),
          notInArray(state, finalStates),
          sql`json_extract(${trouble}, '$.message') is not ${message}`,
        ),
      ),
    appendIfChanged(queries, { operationId: id, time, change: { type: 'trouble', message } }),
  ]);
  return result.rowsAffected > 0;
}

export type OperationEnd = {
  readonly id: string;
  readonly state: (typeof finalOperationStates)[number];
  readonly error?: OperationError | undefined;
  readonly result?: JsonObject | undefined;
};

export type FinishedOperation = {
  readonly operation: StoredOperation;
  /** The queued operation that holds the deployment now and can start, or null. */
  readonly nextOperationId: string | null;
};

/**
 * Ends the operation, appends that to its live stream and passes its deployment on, all at once. An operation that has
 * ended already stays as it ended. Throws SlipwayError `notFound`.
 */
export async function finishOperation(
  database: Database,
  { id, state, error, result }: OperationEnd,
): Promise<FinishedOperation> {
  const finishedAt = new Date().toISOString();
  const [, , [next], [operation]] = await database.write((queries) => [
    queries
      .update(operations)
      .set({ state, trouble: null, error: error ?? null, result: result ?? null, finishedAt })
      .where(and(eq(operations.id, id), notInArray(operations.state, finalStates))),
    appendStateIfChanged(queries, { id, state, message: error?.message, time: finishedAt }),
    handOver(queries, id),
    queries.select().from(operations).where(eq(operations.id, id)),
  ]);
  if (operation === undefined) throw missing(id);
  return { operation: storedOperationSchema.parse(operation), nextOperationId: next?.operationId ?? null };
}

/**
 * Queued operations that were accepted before `olderThan` (ISO 8601) and hold what they need, oldest first: their
 * workflows were never started, or they waited for a deployment that is theirs now.
 */
export async function listStartable(database: Database, olderThan: string): Promise<readonly StoredOperation[]> {
  const limit = 100;
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(operations)
      .where(
        and(
          eq(operations.state, 'queued'),
          lt(operations.createdAt, olderThan),
          or(not(holdsDeployment), exists(heldBy(queries, operations.id))),
        ),
      )
      .orderBy(asc(operations.id))
      .limit(limit),
  );
  return rows.map((row) => storedOperationSchema.parse(row));
}

function heldBy(queries: Queries, operationId: typeof operations.id) {
  return queries.select({ id: deployments.id }).from(deployments).where(eq(deployments.operationId, operationId));
}

function appendStateIfChanged(
  queries: Queries,
  { id, state, message, time }: { id: string; state: OperationState; message: string | undefined; time: string },
) {
  const change = { type: 'operation', state, ...(message === undefined ? {} : { message }) } as const;
  return appendIfChanged(queries, { operationId: id, time, change });
}

function appendIfChanged(queries: Queries, row: { operationId: string; time: string; change: ProgressChange }) {
  const entry = sql.join([...asSelects(progress, [row])]);
  // The statement before in the batch is the change.
  return queries.insert(progress).select(sql`${entry} and changes() = 1`);
}

function missing(id: string): SlipwayError {
  return new SlipwayError('notFound', `there is no operation ${id}`);
}
