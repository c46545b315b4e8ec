import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  type ScheduleOptionsStartWorkflowAction,
  ScheduleOverlapPolicy,
  type Workflow,
} from '@temporalio/client';
import { durationSeconds } from '../../domain/duration.ts';
import { SlipwayError } from '../../domain/errors.ts';
import type { OverlapChoice, Schedule, ScheduleTiming } from '../../domain/registry/schedule.ts';
import { mainTaskQueue } from '../../domain/task-queue.ts';
import { startRun, tellWatch, tellWatchIfRunning } from './schedule-watch.ts';

/** What Temporal tells of a schedule. */
export type ScheduleTimes = {
  /** ISO 8601. */
  readonly nextRuns: readonly string[];
  readonly skippedRuns: number;
};

export type Backfill = {
  /** ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly overlap: OverlapChoice;
};

const overlapPolicies: Readonly<Record<OverlapChoice, ScheduleOverlapPolicy>> = {
  skip: ScheduleOverlapPolicy.SKIP,
  bufferOne: ScheduleOverlapPolicy.BUFFER_ONE,
  bufferAll: ScheduleOverlapPolicy.BUFFER_ALL,
  cancelOther: ScheduleOverlapPolicy.CANCEL_OTHER,
  allowAll: ScheduleOverlapPolicy.ALLOW_ALL,
};
const shownRuns = 5;
const prefix = 'schedule/';

/** The id in Temporal of a schedule. */
export function temporalScheduleId(id: string): string {
  return `${prefix}${id}`;
}

/**
 * Makes Temporal's schedule what the stored one says, whether it is there or not; doing it again changes nothing. One that
 * runs when kinds change is none of Temporal's: a workflow of its own watches the clusters. Throws
 * SlipwayError `invalid` for a timing that Temporal refuses, `unavailable` where it does not answer.
 */
export async function putSchedule(client: Client, schedule: Schedule): Promise<void> {
  if (schedule.timing.onChange === true) {
    await forgetTimes(client, schedule.id);
    return translatingErrors(() => tellWatch(client, schedule.id));
  }
  const options = optionsOf(schedule);
  await translatingErrors(async () => {
    try {
      await client.schedule.create(options);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const { scheduleId, memo: _memo, ...update } = options;
      await client.schedule.getHandle(scheduleId).update(() => ({ ...update, state: update.state ?? {} }));
    }
  });
}

/** What is ahead of the schedule, or undefined where Temporal does not know it. Throws SlipwayError `unavailable`. */
export async function readScheduleTimes(client: Client, id: string): Promise<ScheduleTimes | undefined> {
  const description = await describe(client, id);
  if (description === undefined) return undefined;
  const { nextActionTimes, numActionsSkippedOverlap, numActionsMissedCatchupWindow } = description.info;
  return {
    nextRuns: nextActionTimes.slice(0, shownRuns).map((time) => time.toISOString()),
    skippedRuns: numActionsSkippedOverlap + numActionsMissedCatchupWindow,
  };
}

/** Forgets the schedule; runs that go on go on. One that is not there is forgotten already. */
export async function removeSchedule(client: Client, id: string): Promise<void> {
  await forgetTimes(client, id);
  await translatingErrors(() => tellWatchIfRunning(client, id));
}

async function forgetTimes(client: Client, id: string): Promise<void> {
  await translatingErrors(async () => {
    try {
      await client.schedule.getHandle(temporalScheduleId(id)).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  });
}

/** Runs the schedule now, whether it is paused or not; what its overlap policy says of a run that goes on holds. */
export async function triggerSchedule(client: Client, { id, timing }: Schedule): Promise<void> {
  if (timing.onChange === true) return translatingErrors(() => startRun(client, id));
  await translatingErrors(() =>
    client.schedule.getHandle(temporalScheduleId(id)).trigger(overlapPolicies[timing.overlap]),
  );
}

/** Makes up for the runs that were due in a time that is over. */
export async function backfillSchedule(client: Client, id: string, { from, to, overlap }: Backfill): Promise<void> {
  await translatingErrors(() =>
    client.schedule
      .getHandle(temporalScheduleId(id))
      .backfill({ start: new Date(from), end: new Date(to), overlap: overlapPolicies[overlap] }),
  );
}

/** The version of each stored schedule that Temporal has, by id: what `putSchedule` last made it. A little behind. */
export async function listScheduleVersions(client: Client): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  await translatingErrors(async () => {
    for await (const { scheduleId, state } of client.schedule.list()) {
      if (scheduleId.startsWith(prefix)) versions.set(scheduleId.slice(prefix.length), state.note ?? '');
    }
  });
  return versions;
}

/** What `listScheduleVersions` gives for a schedule that is as it is stored. */
export function versionOf({ updatedAt }: Schedule): string {
  return `as changed at ${updatedAt}`;
}

function optionsOf(schedule: Schedule): ScheduleOptions<ScheduleOptionsStartWorkflowAction<Workflow>> {
  const { id, timing, paused } = schedule;
  return {
    scheduleId: temporalScheduleId(id),
    spec: specOf(timing),
    action: {
      type: 'startWorkflow',
      workflowType: 'startScheduled',
      workflowId: `scheduled/${id}`,
      taskQueue: mainTaskQueue,
      args: [{ scheduleId: id }],
    },
    policies: {
      overlap: overlapPolicies[timing.overlap],
      catchupWindow: milliseconds(timing.catchupWindow),
      pauseOnFailure: false,
    },
    state: { paused, note: versionOf(schedule) },
  };
}

function specOf({ cron, every, timeZone, jitter, startAt, endAt }: ScheduleTiming) {
  return {
    ...(cron === undefined ? {} : { cronExpressions: [...cron] }),
    ...(every === undefined ? {} : { intervals: [{ every: milliseconds(every) }] }),
    timezone: timeZone,
    ...(jitter === undefined ? {} : { jitter: milliseconds(jitter) }),
    ...(startAt === undefined ? {} : { startAt: new Date(startAt) }),
    ...(endAt === undefined ? {} : { endAt: new Date(endAt) }),
  };
}

function milliseconds(duration: string): number {
  return (durationSeconds(duration) ?? 0) * 1_000;
}

async function describe(client: Client, id: string): Promise<ScheduleDescription | undefined> {
  return translatingErrors(async () => {
    try {
      return await client.schedule.getHandle(temporalScheduleId(id)).describe();
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  });
}

async function translatingErrors<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) {
      throw new SlipwayError('notFound', 'the workflow engine does not know the schedule', { cause: error });
    }
    const message = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    if (/INVALID_ARGUMENT/.test(message)) {
      throw new SlipwayError('invalid', `the workflow engine refuses the schedule: ${message}`, { cause: error });
    }
    throw new SlipwayError('unavailable', 'the workflow engine did not take the schedule', {
      cause: error,
      fix: 'check the Temporal server with `slipway doctor`; what is stored of the schedule reaches it when it is back',
    });
  }
}
