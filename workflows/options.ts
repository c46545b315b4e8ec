import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

/** Reads and writes the database only. */
export const bookkeeping: ActivityOptions = {
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '10 seconds' },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};

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
