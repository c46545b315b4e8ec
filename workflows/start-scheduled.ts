import { workflowInfo } from '@temporalio/workflow';
import { runScheduled } from './run-scheduled.ts';

/** One run of a schedule, as Temporal starts it when its time has come. */
export async function startScheduled({ scheduleId }: { readonly scheduleId: string }): Promise<void> {
  const { runId, startTime } = workflowInfo();
  await runScheduled({ scheduleId, runId, startedAt: startTime.toISOString() });
}
