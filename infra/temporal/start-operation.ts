import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { SlipwayError } from '../../domain/errors.ts';
import type { OperationKind } from '../../domain/operation.ts';
import { mainTaskQueue } from '../../domain/task-queue.ts';

/** The workflow type that carries out each kind of operation. */
const workflowTypes = {
  deploy: 'deploy',
  rollback: 'deploy',
  undeploy: 'undeploy',
  plan: 'plan',
  orphanCheck: 'checkOrphans',
  connectionTest: 'testConnection',
} as const satisfies Record<OperationKind, string>;

export type StartableOperation = {
  readonly id: string;
  readonly kind: OperationKind;
  readonly workflowId: string;
};

export type OperationSignal = 'pause' | 'resume' | 'cancel';

/** The workflow id of an operation: one for all that change a deployment, so that no two of them run together. */
export function workflowIdOf(operation: { id: string; kind: OperationKind; deploymentId: string | null }): string {
  const changesDeployment = operation.kind === 'deploy' || operation.kind === 'rollback' || operation.kind === 'undeploy';
  return changesDeployment && operation.deploymentId !== null
    ? `deployment/${operation.deploymentId}`
    : `operation/${operation.id}`;
}

/**
 * Starts the workflow of an accepted operation. Starting it twice is the same as once: a workflow that runs already under
 * the id is left alone, and one that carried the same operation out is not started again by activities that find it final.
 * Throws SlipwayError `unavailable` where Temporal cannot be reached.
 */
export async function startOperation(client: Client, operation: StartableOperation): Promise<void> {
  try {
    await client.workflow.start(workflowTypes[operation.kind], {
      workflowId: operation.workflowId,
      taskQueue: mainTaskQueue,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      args: [{ operationId: operation.id }],
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
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
