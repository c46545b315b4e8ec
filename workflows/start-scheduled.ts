import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { executeChild, isCancellation, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import type { ScheduledRun } from '../domain/registry/schedule.ts';
import { generationBooks, vigil } from './activities.ts';

/**
 * One run of a schedule: accepts the operation, lets it run under its own workflow id, where it can be followed and
 * cancelled, and waits for its end, so that the schedule's overlap policy sees the whole run.
 */
export async function startScheduled({ scheduleId }: { readonly scheduleId: string }): Promise<void> {
  const { runId, startTime } = workflowInfo();
  const run: ScheduledRun = { scheduleId, runId, startedAt: startTime.toISOString() };
  const accepted = await generationBooks.acceptScheduled(run);
  if (accepted === null) return;
  const { operationId, workflowId, workflowType } = accepted;
  try {
    await executeChild(workflowType, {
      workflowId,
      args: [{ operationId }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await vigil.awaitOperations({ operationId, awaited: [operationId] }).catch(ignoreItsFailure);
  }
}

/** How the operation ended is told by the operation. */
function ignoreItsFailure(error: unknown): void {
  if (isCancellation(error)) throw error;
}
