import { and, asc, desc, eq, exists, inArray, isNull, like, lt, notInArray, not, or, type SQL, sql } from 'drizzle-orm';
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
} from '../../domain/operation.ts';
import { workflowIdOf } from '../../domain/operation-workflow.ts';
import { newId } from '../ids.ts';
import { asSelects } from './bulk.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database, Queries } from './database.ts';
import { handOver, requireDeployment } from './deployments.ts';
import { planApplied, requirePlan } from './plans.ts';
import { deployments, operations, plans, progress } from './schema.ts';

const storedOperationSchema = operationSchema.extend({ workflowId: z.string() });

/** An operation with the id of the workflow that carries it out. */
export type StoredOperation = z.infer<typeof storedOperationSchema>;

export type NewOperation = {
  /** To accept the same operation twice is the same as once; made when absent. */
  readonly id?: string;
  readonly kind: OperationKind;
  readonly actor: string;
  readonly deploymentId?: string | undefined;
  readonly designId?: string | undefined;
  readonly revision?: number | undefined;
  readonly connectionId?: string | undefined;
  /** The plan to apply. An operation other than `plan` takes it, so that no second one can. */
  readonly planId?: string | undefined;
  readonly options: JsonObject;
  /** Wait for the deployment instead of being refused while another operation holds it. */
  readonly queue?: boolean | undefined;
};

const noProgress: OperationProgress = { phase: null, total: 0, done: 0, failed: 0, blocked: 0 };
/** The holder may end between a refusal and the question who it was. */
const maximumAttempts = 3;
const finalStates = [...finalOperationStates];

/** Operations that change a deployment hold it, and run under its workflow id. */
const holdsDeployment = like(operations.workflowId, 'deployment/%');

/**
 * The operation, queued; one that changes a deployment holds it from now on, or waits for it. Throws SlipwayError
 * `conflict` with the id of the holder when the deployment is taken, or when its plan was applied; `notFound`.
 */
export async function acceptOperation(database: Database, input: NewOperation): Promise<StoredOperation> {
  const row = newRow(input);
  for (let attempt = 1; attempt <= maximumAttempts; attempt += 1) {
    const accepted = await tryToAccept(database, row, input.queue === true);
    if (accepted !== undefined) return accepted;
    await refuseIfTaken(database, row);
  }
  throw new SlipwayError('unavailable', 'other operations came first again and again', { fix: 'Ask again.' });
}

/** The operation, or undefined. */
export async function findOperation(database: Database, id: string): Promise<StoredOperation | undefined> {
  const rows = await database.read((queries) => queries.select().from(operations).where(eq(operations.id, id)));
  return rows.map((row) => storedOperationSchema.parse(row))[0];
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
      .set({ state, error: error ?? null, result: result ?? null, finishedAt })
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

type Row = typeof operations.$inferInsert;

function newRow(input: NewOperation): Row {
  const { kind, actor, options } = input;
  const id = input.id ?? newId('op');
  const deploymentId = input.deploymentId ?? null;
  return {
    id,
    kind,
    actor,
    deploymentId,
    options,
    state: 'queued',
    workflowId: workflowIdOf({ id, kind, deploymentId }),
    designId: input.designId ?? null,
    revision: input.revision ?? null,
    connectionId: input.connectionId ?? null,
    planId: input.planId ?? null,
    progress: noProgress,
    findings: [],
    createdAt: new Date().toISOString(),
  };
}

function selectRow(row: Row): SQL {
  return sql.join([...asSelects(operations, [row])]);
}

/** True when the deployment is there and free, or waited for, and the plan was not applied. */
function acceptable(queries: Queries, row: Row, queue: boolean): SQL | undefined {
  const { id, deploymentId, planId } = row;
  const deployment = queries
    .select({ id: deployments.id })
    .from(deployments)
    .where(and(eq(deployments.id, deploymentId ?? ''), queue ? undefined : freeFor(deployments.operationId, id)));
  const plan = queries
    .select({ id: plans.id })
    .from(plans)
    .where(and(eq(plans.id, planId ?? ''), freeFor(plans.appliedOperationId, id)));
  return and(
    sql`true`,
    needsDeployment(row) ? exists(deployment) : undefined,
    appliesPlan(row) ? exists(plan) : undefined,
  );
}

function takeDeployment(queries: Queries, row: Row) {
  return queries
    .update(deployments)
    .set({ operationId: row.id })
    .where(
      and(
        eq(deployments.id, needsDeployment(row) ? (row.deploymentId ?? '') : ''),
        isNull(deployments.operationId),
        exists(queuedOperation(queries, row.id)),
      ),
    );
}

function takePlan(queries: Queries, row: Row) {
  return queries
    .update(plans)
    .set({ appliedOperationId: row.id, appliedAt: row.createdAt })
    .where(
      and(
        eq(plans.id, appliesPlan(row) ? (row.planId ?? '') : ''),
        isNull(plans.appliedOperationId),
        exists(queuedOperation(queries, row.id)),
      ),
    );
}

function queuedOperation(queries: Queries, id: string) {
  return queries
    .select({ id: operations.id })
    .from(operations)
    .where(and(eq(operations.id, id), eq(operations.state, 'queued')));
}

function freeFor(holder: typeof deployments.operationId | typeof plans.appliedOperationId, id: string) {
  return or(isNull(holder), eq(holder, id));
}

function needsDeployment({ workflowId }: Row): boolean {
  return workflowId.startsWith('deployment/');
}

function appliesPlan({ kind, planId }: Row): boolean {
  return kind !== 'plan' && typeof planId === 'string';
}

/** One batch, so that of two callers one wins. */
async function tryToAccept(database: Database, row: Row, queue: boolean): Promise<StoredOperation | undefined> {
  const [, , , [accepted]] = await database.write((queries) => [
    queries
      .insert(operations)
      .select(sql`${selectRow(row)} and ${acceptable(queries, row, queue)}`)
      .onConflictDoNothing(),
    takeDeployment(queries, row),
    takePlan(queries, row),
    queries.select().from(operations).where(eq(operations.id, row.id)),
  ]);
  return accepted === undefined ? undefined : storedOperationSchema.parse(accepted);
}

async function refuseIfTaken(database: Database, row: Row): Promise<void> {
  if (needsDeployment(row)) {
    const { id, operationId } = await requireDeployment(database, row.deploymentId ?? '');
    if (operationId !== null) throw deploymentTaken(id, operationId);
  }
  if (appliesPlan(row)) {
    const { id, appliedOperationId } = await requirePlan(database, row.planId ?? '');
    if (appliedOperationId !== null) throw planApplied(id, appliedOperationId);
  }
}

function deploymentTaken(deploymentId: string, operationId: string): SlipwayError {
  return new SlipwayError('conflict', `operation ${operationId} works on deployment ${deploymentId} already`, {
    fix: 'Wait for it, cancel it, or ask again with `queue`.',
    details: { operationId, deploymentId },
  });
}

function heldBy(queries: Queries, operationId: typeof operations.id) {
  return queries.select({ id: deployments.id }).from(deployments).where(eq(deployments.operationId, operationId));
}

function appendStateIfChanged(
  queries: Queries,
  { id, state, message, time }: { id: string; state: OperationState; message: string | undefined; time: string },
) {
  const change = { type: 'operation', state, ...(message === undefined ? {} : { message }) };
  const entry = sql.join([...asSelects(progress, [{ operationId: id, time, change }])]);
  // The statement before in the batch is the change of state.
  return queries.insert(progress).select(sql`${entry} and changes() = 1`);
}

function missing(id: string): SlipwayError {
  return new SlipwayError('notFound', `there is no operation ${id}`);
}
