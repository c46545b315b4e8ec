import {
  and,
  count,
  desc,
  eq,
  exists,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  notInArray,
  or,
  type SQL,
  sql,
} from 'drizzle-orm';
import { z } from 'zod';
import { type Deployment, deploymentSchema, type DeploymentState } from '../../domain/deployment.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { newId } from '../ids.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database, Queries } from './database.ts';
import { isStillReferenced } from './failures.ts';
import { connections, deployments, designs, inventory, operations, operationSteps } from './schema.ts';

/** States in which nothing of a deployment is in a cluster. */
const idleStates: readonly DeploymentState[] = ['new', 'undeployed'];

/** The deployment of that design on that connection, made (`new`) when there is none. Throws SlipwayError `notFound`. */
export async function ensureDeployment(
  database: Database,
  { designId, connectionId }: { readonly designId: string; readonly connectionId: string },
): Promise<Deployment> {
  const now = new Date().toISOString();
  const row = { id: newId('dep'), designId, connectionId, state: 'new', createdAt: now, updatedAt: now };
  try {
    const [, [found]] = await database.write((queries) => [
      queries.insert(deployments).values(row).onConflictDoNothing(),
      selectDeployments(queries).where(
        and(eq(deployments.designId, designId), eq(deployments.connectionId, connectionId)),
      ),
    ]);
    return deploymentSchema.parse(found);
  } catch (error) {
    if (!isStillReferenced(error)) throw error;
    throw new SlipwayError('notFound', 'the design or the connection is not there any more', { cause: error });
  }
}

/** The deployment, or undefined. */
export async function findDeployment(database: Database, id: string): Promise<Deployment | undefined> {
  const rows = await database.read((queries) => selectDeployments(queries).where(eq(deployments.id, id)));
  return rows.map((row) => deploymentSchema.parse(row))[0];
}

/** Whether something of it is or was in a cluster, or is about to be. */
const isOrWillBe = or(ne(deployments.state, 'new'), isNotNull(deployments.operationId));

export type DeploymentFilter = PageRequest & {
  readonly designId?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly state?: DeploymentState | undefined;
};

/** Deployments, newest first. Those that never held anything, and are not held, come only where that state is asked for. */
export async function listDeployments(database: Database, filter: DeploymentFilter = {}): Promise<Page<Deployment>> {
  const before = decodeCursor(filter, z.string());
  const size = pageSize(filter);
  const conditions: readonly (SQL | undefined)[] = [
    filter.designId === undefined ? undefined : eq(deployments.designId, filter.designId),
    filter.connectionId === undefined ? undefined : eq(deployments.connectionId, filter.connectionId),
    filter.state === undefined ? isOrWillBe : eq(deployments.state, filter.state),
    before === undefined ? undefined : lt(deployments.id, before),
  ];
  const rows = await database.read((queries) =>
    selectDeployments(queries)
      .where(and(...conditions))
      .orderBy(desc(deployments.id))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => deploymentSchema.parse(row), key: (row) => row.id });
}

export type DeploymentMove = {
  readonly id: string;
  /** Only from one of these; `to` itself always passes, so that a repeated call changes nothing. */
  readonly from?: readonly DeploymentState[];
  readonly to: DeploymentState;
  /** The revision that is live now, or null for none; left as it is when absent. */
  readonly revision?: number | null;
};

/** Throws SlipwayError `conflict` when the deployment is in none of the states in `from`, `notFound`. */
export async function setDeploymentState(
  database: Database,
  { id, from, to, revision }: DeploymentMove,
): Promise<void> {
  const [moved] = await database.write((queries) => [
    queries
      .update(deployments)
      .set({ state: to, updatedAt: new Date().toISOString(), ...(revision === undefined ? {} : { revision }) })
      .where(and(eq(deployments.id, id), from === undefined ? undefined : inArray(deployments.state, [...from, to])))
      .returning({ id: deployments.id }),
  ]);
  if (moved.length > 0) return;
  const { state } = await requireDeployment(database, id);
  throw new SlipwayError('conflict', `deployment ${id} is ${state} and cannot become ${to}`, { details: { state } });
}

/** Whether an operation has ever begun to apply an object of the deployment. */
export async function hasHeldObjects(database: Database, id: string): Promise<boolean> {
  const rows = await database.read((queries) =>
    queries
      .select({ id: operations.id })
      .from(operations)
      .where(and(eq(operations.deploymentId, id), exists(begunSteps(queries))))
      .limit(1),
  );
  return rows.length > 0;
}

function begunSteps(queries: Queries) {
  return queries
    .select({ position: operationSteps.position })
    .from(operationSteps)
    .where(
      and(
        eq(operationSteps.operationId, operations.id),
        eq(operationSteps.phase, 'apply'),
        ne(operationSteps.state, 'waiting'),
      ),
    );
}

/** Deletes the record of a deployment of which nothing is in a cluster. Throws SlipwayError `conflict`, `notFound`. */
export async function deleteDeployment(database: Database, id: string): Promise<void> {
  const [deleted] = await database.write((queries) => [
    queries
      .delete(deployments)
      .where(and(eq(deployments.id, id), inArray(deployments.state, [...idleStates]), isNull(deployments.operationId)))
      .returning({ id: deployments.id }),
  ]);
  if (deleted.length > 0) return;
  const { state, operationId } = await requireDeployment(database, id);
  throw new SlipwayError('conflict', `deployment ${id} is ${operationId === null ? state : 'in use'}`, {
    fix: operationId === null ? 'Undeploy it first.' : 'Wait for its operation to end, or cancel it.',
    details: { state, ...(operationId === null ? {} : { operationId }) },
  });
}

/** Gives the deployment that this operation holds to the operation that waits for it longest, or frees it. */
export async function releaseDeployment(database: Database, operationId: string): Promise<void> {
  await database.write((queries) => [handOver(queries, operationId)]);
}

/** The statement behind `releaseDeployment`, for batches that do more. */
export function handOver(queries: Queries, operationId: string) {
  const next = queries
    .select({ id: sql<string | null>`min(${operations.id})` })
    .from(operations)
    .where(
      and(
        eq(operations.deploymentId, deployments.id),
        eq(operations.workflowId, sql`'deployment/' || ${deployments.id}`),
        eq(operations.state, 'queued'),
        sql`${operations.id} <> ${operationId}`,
      ),
    );
  return queries
    .update(deployments)
    .set({ operationId: sql`(${next})` })
    .where(eq(deployments.operationId, operationId))
    .returning({ operationId: deployments.operationId });
}

/** A subquery for the deployments among these that are in a cluster, or that an operation holds. */
export function activeDeployments(queries: Queries, among: SQL) {
  return queries
    .select({ id: deployments.id })
    .from(deployments)
    .where(and(among, or(notInArray(deployments.state, [...idleStates]), isNotNull(deployments.operationId))));
}

/** The deployment. Throws SlipwayError `notFound`. */
export async function requireDeployment(database: Database, id: string): Promise<Deployment> {
  const deployment = await findDeployment(database, id);
  if (deployment === undefined) throw new SlipwayError('notFound', `there is no deployment ${id}`);
  return deployment;
}

function selectDeployments(queries: Queries) {
  const { id, designId, connectionId, state, revision, operationId, createdAt, updatedAt } = deployments;
  const objectCount = queries
    .select({ count: count() })
    .from(inventory)
    .where(eq(inventory.deploymentId, deployments.id));
  return queries
    .select({
      id,
      designId,
      connectionId,
      state,
      revision,
      operationId,
      createdAt,
      updatedAt,
      designName: designs.name,
      connectionName: connections.name,
      objectCount: sql<number>`(${objectCount})`,
    })
    .from(deployments)
    .innerJoin(designs, eq(designs.id, deployments.designId))
    .innerJoin(connections, eq(connections.id, deployments.connectionId))
    .$dynamic();
}
