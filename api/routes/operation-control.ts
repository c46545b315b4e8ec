import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { isFinal } from '../../domain/operation.ts';
import { finishOperation, readOperationOptions, type StoredOperation } from '../../infra/database/operations.ts';
import { type OperationSignal, signalOperation } from '../../infra/temporal/start-operation.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { accept, requireOperation, start, toOperationBody, waitsForAnother } from '../operations.ts';
import { acceptedAnswer, idSchema, jsonAnswer, operationBody } from '../schemas.ts';

const tags = ['operations'];
const params = z.object({ operation: idSchema });

const reasonBody = z.strictObject({ reason: z.string().min(1).max(1_000).optional() }).openapi('OperationRequest');

function signalRoute<Signal extends OperationSignal>(signal: Signal, summary: string) {
  return createRoute({
    method: 'post',
    path: `/v1/operations/{operation}/${signal}`,
    operationId: `${signal}Operation`,
    summary,
    tags,
    request: { params, body: { content: { 'application/json': { schema: reasonBody } } } },
    responses: { 202: jsonAnswer('It was asked to', operationBody) },
  });
}

const retry = createRoute({
  method: 'post',
  path: '/v1/operations/{operation}/retry',
  operationId: 'retryOperation',
  summary: 'A new operation that does what a failed or cancelled one was to do',
  tags,
  request: { params },
  responses: { 202: acceptedAnswer },
});

/** What people ask of an operation while it runs, and after it failed. */
export function operationControlRoutes(deps: RouteDeps) {
  return createRouter()
    .openapi(signalRoute('pause', 'Stops before the next object, until it is resumed'), async (c) => {
      const operation = await requireOperation(deps.database, c.req.valid('param').operation);
      await sendSignal(deps, operation, { ...c.req.valid('json'), signal: 'pause', actor: c.var.actor });
      return c.json(toOperationBody(operation), 202);
    })
    .openapi(signalRoute('resume', 'Goes on after a pause'), async (c) => {
      const operation = await requireOperation(deps.database, c.req.valid('param').operation);
      await sendSignal(deps, operation, { ...c.req.valid('json'), signal: 'resume', actor: c.var.actor });
      return c.json(toOperationBody(operation), 202);
    })
    .openapi(signalRoute('cancel', 'Stops and undoes, as its onFailure says'), async (c) => {
      const operation = await requireOperation(deps.database, c.req.valid('param').operation);
      const current = await cancel(deps, operation, { ...c.req.valid('json'), signal: 'cancel', actor: c.var.actor });
      return c.json(toOperationBody(current), 202);
    })
    .openapi(retry, async (c) => {
      const operation = await requireOperation(deps.database, c.req.valid('param').operation);
      if (operation.state !== 'failed' && operation.state !== 'cancelled') {
        throw new SlipwayError(
          'conflict',
          `the operation is ${operation.state}: only a failed or cancelled one is retried`,
        );
      }
      return c.json(await accept(deps, c, await repetitionOf(deps, operation)), 202);
    });
}

type Request = { readonly signal: OperationSignal; readonly actor: string; readonly reason?: string | undefined };

async function sendSignal(deps: RouteDeps, operation: StoredOperation, { reason, ...request }: Request): Promise<void> {
  if (isFinal(operation.state)) {
    throw new SlipwayError('conflict', `the operation is ${operation.state}: it cannot ${request.signal}`, {
      details: { state: operation.state },
    });
  }
  await signalOperation(deps.temporal, operation, { ...request, ...(reason === undefined ? {} : { reason }) });
}

/** A queued operation that no workflow carries out yet ends at once; its workflow, should it start, finds it ended. */
async function cancel(deps: RouteDeps, operation: StoredOperation, request: Request): Promise<StoredOperation> {
  if (await waitsForAnother(deps.database, operation)) return endQueued(deps, operation);
  try {
    await sendSignal(deps, operation, request);
    return operation;
  } catch (error) {
    const neverStarted = operation.state === 'queued' && error instanceof SlipwayError && error.code === 'conflict';
    if (!neverStarted) throw error;
    return endQueued(deps, operation);
  }
}

async function endQueued(deps: RouteDeps, { id }: StoredOperation): Promise<StoredOperation> {
  const { operation, nextOperationId } = await finishOperation(deps.database, { id, state: 'cancelled' });
  if (nextOperationId !== null) await start(deps, await requireOperation(deps.database, nextOperationId));
  return operation;
}

/** What an operation was accepted with. A plan that it applied cannot be applied again, and is refused as such. */
async function repetitionOf({ database }: RouteDeps, operation: StoredOperation) {
  const { id, kind, deploymentId, designId, revision, connectionId, planId } = operation;
  return {
    kind,
    deploymentId: deploymentId ?? undefined,
    designId: designId ?? undefined,
    revision: revision ?? undefined,
    connectionId: connectionId ?? undefined,
    planId: kind === 'plan' ? undefined : (planId ?? undefined),
    options: await readOperationOptions(database, id),
  };
}
