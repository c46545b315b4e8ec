import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowCancellationType, ParentClosePolicy, startChild } from '@temporalio/workflow';
import type { PrerequisiteSummary } from '../activities/adapters/adapter.ts';
import type { OperationInput } from '../domain/operation.ts';
import { kubernetes, vigil } from './activities.ts';

/**
 * Lets what this operation needs in the cluster come first, or lets go what only it needed: each an operation of its own on a
 * deployment of its own, which goes on to its end whatever becomes of this one.
 */
export async function settlePrerequisites(input: OperationInput): Promise<void> {
  const { operations } = await kubernetes.prerequisites(input);
  await Promise.all(operations.map(startUnlessRunning));
  await vigil.awaitOperations({ ...input, awaited: operations.map(({ operationId }) => operationId) });
}

/** An operation that waits for another one on the same deployment is carried out after it, in the same workflow. */
async function startUnlessRunning({
  operationId,
  workflowId,
  workflowType,
}: PrerequisiteSummary['operations'][number]): Promise<void> {
  try {
    await startChild<(input: OperationInput) => Promise<void>>(workflowType, {
      workflowId,
      args: [{ operationId }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
