import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild, isCancellation, ParentClosePolicy } from '@temporalio/workflow';
import type { ScheduledRun } from '../domain/registry/schedule.ts';
import { books, vigil } from './activities.ts';

/**
 * Accepts the operation of a run and lets it run under its own workflow id, where it can be followed and cancelled. Returns
 * when it has ended, however it ended, so that the schedule's overlap policy sees the whole run.
 */
export async function runScheduled(run: ScheduledRun): Promise<void> {
  const accepted = await books().acceptScheduled(run);
  if (accepted === null) return;
  const { operationId, workflowId, workflowType } = accepted;
  try {
    await executeChild(workflowType, {
      workflowId,
      args: [{ operationId }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
  } catch (error) {
    // A worker's sweep, which starts what nobody has started, came first.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await vigil.awaitOperations({ operationId, awaited: [operationId] }).catch(ignoreItsFailure);
  }
}

/** How the operation ended is told by the operation. */
function ignoreItsFailure(error: unknown): void {
  if (isCancellation(error)) throw error;
}
