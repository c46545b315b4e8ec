import type { Schedule, ScheduleRuns } from '../domain/registry/schedule.ts';
import { lastRunsOf } from '../infra/database/registry/schedules.ts';
import { SlipwayError } from '../domain/errors.ts';
import { putSchedule, readScheduleTimes, removeSchedule } from '../infra/temporal/schedules.ts';
import type { ApiDeps } from './context.ts';

/** How long a request waits for Temporal. */
const patienceMs = 3_000;
const shownRuns = 5;

type Deps = Pick<ApiDeps, 'database' | 'temporal' | 'log'>;

/**
 * Tells Temporal what the stored schedule says. Where it does not answer now the schedule is stored all the same, and a worker
 * tells it later. Throws SlipwayError `invalid` for a timing that Temporal refuses.
 */
export function carryOver(deps: Deps, schedule: Schedule): Promise<void> {
  return tell(deps, schedule, {
    request: () => putSchedule(deps.temporal, schedule),
    later: 'the schedule reaches Temporal later: it does not answer',
  });
}

/** Takes a deleted schedule out of Temporal. Where that does not answer now, the schedule's next run finds that it is gone. */
export function forget(deps: Deps, schedule: Schedule): Promise<void> {
  return tell(deps, schedule, {
    request: () => removeSchedule(deps.temporal, schedule.id),
    later: 'the schedule leaves Temporal later: it does not answer',
  });
}

async function tell(
  { temporal, log }: Deps,
  { id }: Schedule,
  { request, later }: { readonly request: () => Promise<void>; readonly later: string },
): Promise<void> {
  try {
    await withPatience(temporal, request);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'unavailable') throw error;
    log.warn({ scheduleId: id }, later);
  }
}

/** Asks for runs of a schedule, of which Temporal is told first: a process may have died before it told. */
export function askForRuns(
  { temporal }: Deps,
  schedule: Schedule,
  request: (temporal: Deps['temporal']) => Promise<void>,
): Promise<void> {
  return withPatience(temporal, async () => {
    await putSchedule(temporal, schedule);
    await request(temporal);
  });
}

/** A request to Temporal that does not keep the caller waiting. */
function withPatience<T>(temporal: ApiDeps['temporal'], request: () => Promise<T>): Promise<T> {
  return temporal.withDeadline(Date.now() + patienceMs, request);
}

/** A schedule as the API shows it. */
export function toScheduleBody(schedule: Schedule) {
  const self = `/v1/schedules/${schedule.id}`;
  return { ...schedule, links: { self, trigger: `${self}/trigger`, pause: `${self}/pause`, resume: `${self}/resume` } };
}

/**
 * What is behind and ahead of a schedule. One that Temporal does not know, because a process died before it told, is told now.
 * Where Temporal does not answer nothing is said of what is ahead.
 */
export async function readRuns(deps: Deps, schedule: Schedule): Promise<ScheduleRuns> {
  const lastRuns = await lastRunsOf(deps.database, schedule.id, shownRuns);
  const times = await readTimes(deps, schedule);
  return { lastRuns, nextRuns: [...(times?.nextRuns ?? [])], skippedRuns: times?.skippedRuns ?? 0 };
}

async function readTimes(deps: Deps, schedule: Schedule) {
  try {
    const times = await withPatience(deps.temporal, () => readScheduleTimes(deps.temporal, schedule.id));
    if (times !== undefined) return times;
    await carryOver(deps, schedule);
    return await withPatience(deps.temporal, () => readScheduleTimes(deps.temporal, schedule.id));
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'unavailable') throw error;
    return undefined;
  }
}
