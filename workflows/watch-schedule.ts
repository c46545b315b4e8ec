import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ClusterChange, ScheduleWatch } from '../domain/registry/schedule.ts';
import { discovery } from './activities.ts';
import { scheduleChangedSignal } from './messages.ts';
import { runScheduled } from './run-scheduled.ts';

/** So many changes are seen before the history begins anew. */
const roundsOfOneRun = 100;
/** How long a cluster that cannot be watched is left alone. */
const pauseAfterFailure = '1 minute';

/**
 * Runs a schedule whenever the kinds of its clusters change, one run after another, until the schedule is paused or deleted.
 * What changes during a run is seen after it: each watch begins with what the last run has seen.
 */
export async function watchSchedule({ scheduleId, after }: ScheduleWatch): Promise<void> {
  const { runId } = workflowInfo();
  const watch = new ChangeWatch(scheduleId, after);
  for (let round = 0; round < roundsOfOneRun; round += 1) {
    const next = await watch.next();
    if (next === 'ended') return;
    if (next === 'again') continue;
    await runScheduled({ scheduleId, runId: `${runId}/${round}`, startedAt: new Date().toISOString() });
  }
  await continueAsNew<typeof watchSchedule>({ scheduleId, after: watch.seen });
}

class ChangeWatch {
  readonly #scheduleId: string;
  #seen: string | undefined;
  #isStale = false;
  #scope: CancellationScope | undefined;

  constructor(scheduleId: string, seen: string | undefined) {
    this.#scheduleId = scheduleId;
    this.#seen = seen;
    setHandler(scheduleChangedSignal, () => {
      this.#isStale = true;
      this.#scope?.cancel();
    });
  }

  get seen(): string | undefined {
    return this.#seen;
  }

  async next(): Promise<'changed' | 'again' | 'ended'> {
    this.#isStale = false;
    const change = await this.#watch();
    if (this.#isStale) {
      // Another schedule than the one that was watched: what it gives is not known yet.
      this.#seen = undefined;
      return 'again';
    }
    if (change === null) return 'ended';
    if (change === undefined) return 'again';
    this.#seen = change.digest;
    return 'changed';
  }

  /** Undefined when the watch was interrupted or could not be kept. */
  async #watch(): Promise<ClusterChange | null | undefined> {
    const after = this.#seen;
    try {
      this.#scope = new CancellationScope();
      const watch = { scheduleId: this.#scheduleId, ...(after === undefined ? {} : { after }) };
      return await this.#scope.run(() => discovery.awaitKindChange(watch));
    } catch (error) {
      if (!isCancellation(error)) await sleep(pauseAfterFailure);
      else if (!this.#isStale) throw error;
      return undefined;
    } finally {
      this.#scope = undefined;
    }
  }
}
