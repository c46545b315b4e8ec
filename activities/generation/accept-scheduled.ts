import { jsonObjectSchema } from '../../domain/json.ts';
import { workflowIdOf, workflowTypeOf } from '../../domain/operation-workflow.ts';
import type { ScheduledOperation, ScheduledRun } from '../../domain/registry/schedule.ts';
import { acceptOperation } from '../../infra/database/accept-operation.ts';
import { findSchedule } from '../../infra/database/registry/schedules.ts';
import { derivedId } from '../../infra/ids.ts';
import { removeSchedule } from '../../infra/temporal/schedules.ts';
import type { BookDependencies } from './dependencies.ts';

const kind = 'modelGeneration';

/**
 * Accepts the operation of one run of a schedule; its id comes of the run, so that a repetition accepts no second. A schedule
 * that was deleted while Temporal did not answer is taken out of Temporal here.
 */
export async function acceptScheduled(
  { database, temporal }: BookDependencies,
  { scheduleId, runId, startedAt }: ScheduledRun,
): Promise<ScheduledOperation | null> {
  const schedule = await findSchedule(database, scheduleId);
  if (schedule === undefined) {
    await removeSchedule(temporal, scheduleId);
    return null;
  }
  const id = derivedId('op', { timeMs: Date.parse(startedAt), seed: runId });
  await acceptOperation(database, {
    id,
    kind,
    actor: schedule.actor,
    options: jsonObjectSchema.parse({ ...schedule.options, scheduleId }),
  });
  return {
    operationId: id,
    workflowId: workflowIdOf({ id, kind, deploymentId: null }),
    workflowType: workflowTypeOf(kind),
  };
}
