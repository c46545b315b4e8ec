import { setTimeout as sleep } from 'node:timers/promises';
import { isRetryable } from '../domain/errors.ts';
import { RemoteError } from './remote-error.ts';

const firstDelayMs = 100;
const maximumDelayMs = 5_000;

/** Milliseconds to wait before try number `attempt` (from 1): doubled each time to a cap, with jitter. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const cappedMs = Math.min(maximumDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 16));
  return cappedMs * (0.5 + random() / 2);
}

export type RetryPolicy = {
  /** How long after the first try another may start, in milliseconds; 0 for one try only. */
  readonly retryForMs: number;
  /** Whether doing the request twice does no harm. Otherwise only failures that certainly did nothing are retried. */
  readonly repeatable: boolean;
  readonly maximumTries?: number;
  readonly signal: AbortSignal | undefined;
};

/** The result of `attempt`, repeated with backoff, or when the server says, while that can help and the policy's time is not over. */
export async function withRetries<T>(attempt: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { retryForMs, maximumTries = Number.POSITIVE_INFINITY, signal } = policy;
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof RemoteError) || !canRetry(error, policy) || tries === maximumTries) throw error;
      const delayMs = Math.max(backoffMs(tries), (error.retryAfterSeconds ?? 0) * 1_000);
      if (performance.now() - startedAt + delayMs > retryForMs) throw error;
      await pause(delayMs, signal);
    }
  }
}

function canRetry({ code, mayHaveLanded }: RemoteError, { repeatable }: RetryPolicy): boolean {
  return isRetryable(code) && (repeatable || !mayHaveLanded);
}

/** Waits; rejects with the signal's own reason when it fires. */
export async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
