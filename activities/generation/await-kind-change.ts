import { setTimeout as sleep } from 'node:timers/promises';
import { definitionType } from '../../domain/custom-resource-definition.ts';
import type { ModelSource } from '../../domain/registry/model-source.ts';
import type { ClusterChange, Schedule, ScheduleWatch } from '../../domain/registry/schedule.ts';
import type { Clusters } from '../../infra/clusters.ts';
import { findSchedule } from '../../infra/database/registry/schedules.ts';
import { digestOf } from '../../infra/digest.ts';
import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { readClusterState } from '../../infra/model-source/read-cluster.ts';
import type { DiscoveryDependencies } from './dependencies.ts';

type ClusterSource = Extract<ModelSource, { kind: 'cluster' }>;
type Watched = { readonly client: ClusterClient; readonly source: ClusterSource };

/** Definitions come in numbers: so long after the last of them the kinds are read. */
const quietMs = 3_000;
/** Kinds change without a definition too, by an upgrade or an aggregated API server. */
const lookEveryMs = 300_000;
/** How long a schedule that was paused or deleted may go on being watched, where nobody said so. */
const askEveryMs = 10_000;

/** Waits until the clusters of a schedule serve other kinds than before; see DiscoveryActivities. */
export async function awaitKindChange(
  { database, clusters }: DiscoveryDependencies,
  { scheduleId, after }: ScheduleWatch,
  signal: AbortSignal,
): Promise<ClusterChange | null> {
  for (;;) {
    const schedule = await findSchedule(database, scheduleId);
    if (schedule === undefined || !isWatched(schedule)) return null;
    const isCurrent = async (): Promise<boolean> =>
      (await findSchedule(database, scheduleId))?.updatedAt === schedule.updatedAt;
    const change = await watchClusters({ clusters, schedule, after, isCurrent, signal });
    if (change !== undefined) return change;
  }
}

type Watching = {
  readonly clusters: Clusters;
  readonly schedule: Schedule;
  readonly after: string | undefined;
  readonly isCurrent: () => Promise<boolean>;
  readonly signal: AbortSignal;
};

/** The change, or undefined when the schedule is no longer what it was. */
async function watchClusters(watching: Watching): Promise<ClusterChange | undefined> {
  const { clusters, schedule, after, isCurrent, signal } = watching;
  const watched = await Promise.all(
    schedule.options.sources
      .filter((source) => source.kind === 'cluster')
      .map(async (source) => ({ source, client: await clusters.open(source.connection) })),
  );
  const leaving = new AbortController();
  const bell = new QuietBell(AbortSignal.any([signal, leaving.signal]));
  const watches = watched.map(({ client }) => follow(client, bell));
  try {
    return await Promise.race([untilChanged({ watched, after, bell, isCurrent }), ...watches]);
  } finally {
    leaving.abort();
    await Promise.allSettled(watches);
  }
}

type Vigil = {
  readonly watched: readonly Watched[];
  readonly after: string | undefined;
  readonly bell: QuietBell;
  readonly isCurrent: () => Promise<boolean>;
};

async function untilChanged({ watched, after, bell, isCurrent }: Vigil): Promise<ClusterChange | undefined> {
  for (;;) {
    const digest = await digestOfKinds(watched, bell.signal);
    if (digest !== after) return { digest };
    while (!(await bell.rings(askEveryMs))) if (!(await isCurrent())) return undefined;
  }
}

async function digestOfKinds(watched: readonly Watched[], signal: AbortSignal): Promise<string> {
  const states = await Promise.all(
    watched.map(({ client, source }) => readClusterState({ client, groups: source.groups, signal })),
  );
  return digestOf(states.map(({ state }) => state.digest));
}

/** Ends by an error only: a cluster that is away is asked again by the watch itself. */
async function follow(client: ClusterClient, bell: QuietBell): Promise<never> {
  await client.watch(definitionType, { metadataOnly: true, signal: bell.signal }, ({ type }) => {
    if (type !== 'interrupted') bell.strike();
  });
  throw bell.signal.reason;
}

function isWatched({ paused, timing }: Schedule): boolean {
  return !paused && timing.onChange === true;
}

/** Rings when it was struck and then left alone for a while, and every few minutes anyway. */
class QuietBell {
  readonly signal: AbortSignal;
  #struckAt: number | undefined;
  #rangAt = performance.now();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  strike(): void {
    this.#struckAt = performance.now();
  }

  /** Whether it rings within so many milliseconds. Throws the signal's reason when that fires. */
  async rings(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      await sleep(quietMs / 10, undefined, { signal: this.signal });
      if (!this.#isDue(performance.now())) continue;
      this.#struckAt = undefined;
      this.#rangAt = performance.now();
      return true;
    }
    return false;
  }

  #isDue(now: number): boolean {
    const isQuiet = this.#struckAt !== undefined && now - this.#struckAt >= quietMs;
    return isQuiet || now - this.#rangAt >= lookEveryMs;
  }
}
