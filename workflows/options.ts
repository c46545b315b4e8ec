import { ActivityCancellationType, type ActivityOptions, type LocalActivityOptions } from '@temporalio/workflow';

/**
 * Reads and writes the database only. Fit for local activities, which cost no round trip to the server and a third of the events.
 */
export const bookkeeping = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const satisfies ActivityOptions & LocalActivityOptions;

/**
 * Works on a cluster for as long as it takes. It heartbeats, so a dead worker is noticed within the heartbeat timeout and
 * another one goes on at the frontier; it ends by its own deadlines, so its retries are for lost workers and clusters.
 */
export const clusterWork: ActivityOptions = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 seconds',
  retry: {
    initialInterval: '500 milliseconds',
    backoffCoefficient: 1.5,
    maximumInterval: '10 seconds',
    maximumAttempts: 100,
  },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

/**
 * Reads a source of models, or sends one to a registry. A source that is away is tried again for a minute and a half; what was
 * read of it before is thrown away at each try.
 */
export const sourceWork: ActivityOptions = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '15 seconds',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '20 seconds',
    maximumAttempts: 10,
  },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};
