import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Database } from '../infra/database/database.ts';
import { purgeRegistry } from '../infra/database/registry/purge-registry.ts';
import { listSchedules } from '../infra/database/registry/schedules.ts';
import type { Log } from '../infra/log.ts';
import { sweepScratch } from '../infra/model-source/scratch.ts';
import { ensureWatch } from '../infra/temporal/schedule-watch.ts';
import { listScheduleVersions, putSchedule, versionOf } from '../infra/temporal/schedules.ts';

export type GenerationSweeper = {
  readonly database: Database;
  readonly client: Client;
  readonly log: Log;
  readonly home: string;
};

const everyMs = 30_000;
const purgeEveryRounds = 20;
const pageSize = 500;

/**
 * Keeps what generations leave in order: folders of processes that died, uploads and files that nothing uses, and schedules
 * that Temporal does not know as they are stored, because a process died in between or Temporal was away. Runs until the
 * signal fires.
 */
export async function sweepGeneration(sweeper: GenerationSweeper, signal: AbortSignal): Promise<void> {
  const { log, home } = sweeper;
  const tasks = {
    'folders of sources': () => sweepScratch(home),
    schedules: () => carrySchedulesOver(sweeper),
    'unused files': () => purgeRegistry(sweeper.database),
  };
  for (let round = 0; !signal.aborted; round += 1) {
    for (const [what, task] of Object.entries(tasks)) {
      const isDue = what === 'schedules' || round % purgeEveryRounds === 0;
      if (isDue) await task().catch((error: unknown) => log.warn({ error }, `the sweep of ${what} is tried again`));
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function carrySchedulesOver({ database, client }: GenerationSweeper): Promise<void> {
  let known: ReadonlyMap<string, string> | undefined;
  let cursor: string | undefined;
  do {
    const page = await listSchedules(database, { limit: pageSize, cursor });
    // Temporal is not asked where there are none.
    if (page.items.length > 0) known ??= await listScheduleVersions(client);
    for (const schedule of page.items) {
      if (schedule.timing.onChange !== true) {
        if (known?.get(schedule.id) !== versionOf(schedule)) await putSchedule(client, schedule);
      } else if (!schedule.paused) await ensureWatch(client, schedule.id);
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
