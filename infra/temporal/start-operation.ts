import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { SlipwayError } from '../../domain/errors.ts';
import type { OperationKind } from '../../domain/operation.ts';
import { workflowTypeOf } from '../../domain/operation-workflow.ts';
import { mainTaskQueue } from '../../domain/task-queue.ts';

export type StartableOperation = {
  readonly id: string;
  readonly kind: OperationKind;
  readonly workflowId: string;
};

export type OperationSignal = 'pause' | 'resume' | 'cancel';

/** A workflow that has finished its operation needs some milliseconds to close and free its id. */
const closingPausesMs = [25, 50, 100, 200, 400] as const;

/**
 * Starts the workflow of an accepted operation. Starting it twice is the same as once: a workflow that runs already under
 * the id is left alone, and an operation that has ended is not carried out again. One that cannot start yet stays queued,
 * and the worker starts it. Throws SlipwayError `unavailable` where Temporal cannot be reached.
 */
export async function startOperation(client: Client, operation: StartableOperation): Promise<void> {
  for (const pauseMs of closingPausesMs) {
    if (await tryToStart(client, operation)) return;
    await sleep(pauseMs);
  }
}

async function tryToStart(client: Client, operation: StartableOperation): Promise<boolean> {
  try {
    await client.workflow.start(workflowTypeOf(operation.kind), {
      workflowId: operation.workflowId,
      taskQueue: mainTaskQueue,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      args: [{ operationId: operation.id }],
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw new SlipwayError('unavailable', 'the workflow engine did not take the operation; it stays queued', {
      cause: error,
      fix: 'check the Temporal server with `slipway doctor`; the operation starts by itself when it is back',
    });
  }
}

/** Asks a running operation to pause, to go on or to stop. Throws `conflict` when it has ended. */
export async function signalOperation(
  client: Client,
  operation: Pick<StartableOperation, 'id' | 'workflowId'>,
  { signal, ...request }: { signal: OperationSignal; actor: string; reason?: string },
): Promise<void> {
  try {
    await client.workflow.getHandle(operation.workflowId).signal(signal, { ...request, operationId: operation.id });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new SlipwayError('conflict', `the operation has ended: it cannot ${signal}`, { cause: error });
    }
    throw new SlipwayError('unavailable', 'the workflow engine did not take the request', { cause: error });
  }
}
