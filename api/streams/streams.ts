import { SlipwayError } from '../../domain/errors.ts';
import type { SlipwayEvent } from '../../domain/event.ts';
import type { ProgressEntry } from '../../domain/operation.ts';
import type { Database } from '../../infra/database/database.ts';
import { latestEventSequence, readEventsAfter } from '../../infra/database/events.ts';
import { latestSequence, readProgress } from '../../infra/database/progress.ts';
import type { Log } from '../../infra/log.ts';
import type { ApiMetrics } from '../../infra/metrics.ts';
import { Tailer } from './tailer.ts';

/** Live streams that one process serves at once. */
const maximumStreams = 2_000;

export type StreamName = 'operation' | 'events';

/** The live streams of one process. */
export type Streams = {
  readonly progress: Tailer<ProgressEntry>;
  readonly events: Tailer<SlipwayEvent>;
  /** Counts a client in until the given function is called. Throws SlipwayError `unavailable` when there are too many. */
  readonly admit: (stream: StreamName) => () => void;
  /** Ends all streams: their clients connect again, to another process. */
  readonly close: () => void;
};

/** The tailers of the two tables that people follow. */
export function createStreams(deps: {
  readonly database: Database;
  readonly log: Log;
  readonly metrics: ApiMetrics;
}): Streams {
  const { database, log, metrics } = deps;
  const progress = new Tailer<ProgressEntry>({
    readAfter: (after, limit) => readProgress(database, { after, limit }),
    latestSequence: () => latestSequence(database),
    log,
  });
  const events = new Tailer<SlipwayEvent>({
    readAfter: (after, limit) => readEventsAfter(database, { after, limit }),
    latestSequence: () => latestEventSequence(database),
    log,
  });
  let count = 0;
  return {
    progress,
    events,
    admit(stream) {
      if (count >= maximumStreams) throw new SlipwayError('unavailable', 'too many live streams on this server');
      count += 1;
      metrics.streamOpened(stream);
      return () => {
        count -= 1;
        metrics.streamClosed(stream);
      };
    },
    close() {
      progress.close();
      events.close();
    },
  };
}
