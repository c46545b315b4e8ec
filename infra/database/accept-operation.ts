import { and, eq, exists, isNull, or, type SQL, sql } from 'drizzle-orm';
import { SlipwayError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { OperationKind, OperationProgress } from '../../domain/operation.ts';
import { newId } from '../ids.ts';
import { workflowIdOf } from '../../domain/operation-workflow.ts';
import { asSelects } from './bulk.ts';
import type { Database, Queries } from './database.ts';
import { requireDeployment } from './deployments.ts';
import { type StoredOperation, storedOperationSchema } from './operations.ts';
import { planApplied, requirePlan } from './plans.ts';
import { deployments, operations, plans } from './schema.ts';

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
  /** The operation that needs this one to go first, or after. */
  readonly acceptedFor?: string | undefined;
  readonly options: JsonObject;
  /** Wait for the deployment instead of being refused while another operation holds it. */
  readonly queue?: boolean | undefined;
};

const noProgress: OperationProgress = { phase: null, total: 0, done: 0, failed: 0, blocked: 0 };
/** The holder may end between a refusal and the question who it was. */
const maximumAttempts = 3;

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
    acceptedFor: input.acceptedFor ?? null,
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
