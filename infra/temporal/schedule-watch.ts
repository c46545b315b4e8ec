import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { mainTaskQueue } from '../../domain/task-queue.ts';
import { randomUUID } from 'node:crypto';

const workflowType = 'watchSchedule';
const changedSignal = 'scheduleChanged';

/** Tells the watch of a schedule that the schedule is another now, and begins to watch where nobody does. */
export async function tellWatch(client: Client, scheduleId: string): Promise<void> {
  await client.workflow.signalWithStart(workflowType, { ...startOptions(scheduleId), signal: changedSignal });
}

/** Begins to watch where nobody does. */
export async function ensureWatch(client: Client, scheduleId: string): Promise<void> {
  await client.workflow.start(workflowType, { ...startOptions(scheduleId), workflowIdConflictPolicy: 'USE_EXISTING' });
}

/** Tells a watch that its schedule is gone, or runs at other times now. */
export async function tellWatchIfRunning(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.workflow.getHandle(watchId(scheduleId)).signal(changedSignal);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** Runs a schedule once, now. */
export async function startRun(client: Client, scheduleId: string): Promise<void> {
  await client.workflow.start('startScheduled', {
    workflowId: `scheduled/${scheduleId}-${randomUUID()}`,
    taskQueue: mainTaskQueue,
    args: [{ scheduleId }],
  });
}

function startOptions(scheduleId: string) {
  return { workflowId: watchId(scheduleId), taskQueue: mainTaskQueue, args: [{ scheduleId }] };
}

function watchId(scheduleId: string): string {
  return `schedule-watch/${scheduleId}`;
}
