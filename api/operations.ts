import { SlipwayError } from '../domain/errors.ts';
import { jsonObjectSchema } from '../domain/json.ts';
import { acceptOperation, type NewOperation } from '../infra/database/accept-operation.ts';
import { findOperation, type StoredOperation } from '../infra/database/operations.ts';
import type { Database } from '../infra/database/database.ts';
import { findDeployment } from '../infra/database/deployments.ts';
import { startOperation } from '../infra/temporal/start-operation.ts';
import type { ApiContext, ApiDeps } from './context.ts';

/** How long a request waits for Temporal to take an operation that the database holds already. */
const startPatienceMs = 3_000;

/** An operation as the API shows it. */
export function toOperationBody({ workflowId: _workflowId, acceptedFor: _acceptedFor, ...operation }: StoredOperation) {
  const self = `/v1/operations/${operation.id}`;
  return { ...operation, links: { self, stream: `${self}/stream`, cancel: `${self}/cancel` } };
}

/**
 * Accepts an operation and starts its workflow. Once it is accepted it will run: where Temporal does not answer now it stays
 * queued, and a worker starts it later.
 */
export async function accept(
  deps: ApiDeps,
  c: ApiContext,
  {
    options,
    ...operation
  }: Omit<NewOperation, 'id' | 'actor' | 'acceptedFor' | 'options'> & { readonly options: object },
) {
  const stored = await acceptOperation(deps.database, {
    ...operation,
    ...(c.var.operationId === undefined ? {} : { id: c.var.operationId }),
    actor: c.var.actor,
    options: jsonObjectSchema.parse(options),
  });
  if (operation.queue !== true || !(await waitsForAnother(deps.database, stored))) await start(deps, stored);
  return acceptedBody(c, stored);
}

/** The answer to a request that started an operation. */
export function acceptedBody(c: ApiContext, operation: StoredOperation) {
  const body = toOperationBody(operation);
  c.header('Location', body.links.self);
  return body;
}

/** Starts the workflow of an accepted operation, or leaves it to a worker. */
export async function start(
  { temporal, log }: Pick<ApiDeps, 'temporal' | 'log'>,
  operation: StoredOperation,
): Promise<void> {
  try {
    await temporal.withDeadline(Date.now() + startPatienceMs, () => startOperation(temporal, operation));
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'unavailable') throw error;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    log.warn({ operationId: operation.id, reason }, 'the operation stays queued: Temporal does not answer');
  }
}

/** Whether an operation is queued behind the one that holds its deployment. The worker starts it when its turn comes. */
export async function waitsForAnother(database: Database, operation: StoredOperation): Promise<boolean> {
  const { id, state, workflowId, deploymentId } = operation;
  if (state !== 'queued' || deploymentId === null || workflowId !== `deployment/${deploymentId}`) return false;
  const holder = (await findDeployment(database, deploymentId))?.operationId;
  return holder !== undefined && holder !== null && holder !== id;
}

/** Throws SlipwayError `notFound`. */
export async function requireOperation(database: Database, id: string): Promise<StoredOperation> {
  const operation = await findOperation(database, id);
  if (operation !== undefined) return operation;
  throw new SlipwayError('notFound', `there is no operation ${id}`, { fix: 'List them with GET /v1/operations.' });
}
