import { isRetryable } from '../../domain/errors.ts';
import { backoffMs, pause } from '../kubernetes/retry.ts';
import { WebError } from './web-error.ts';

const maximumTries = 4;

export type WebRetryPolicy = {
  /** How long after the first try another may start, in milliseconds. */
  readonly retryForMs: number;
  /** Whether doing the request twice does no harm. Otherwise only failures that certainly did nothing are repeated. */
  readonly repeatable: boolean;
  readonly signal: AbortSignal | undefined;
};

/** The result of `attempt`, repeated with backoff, or when the server says, while that can help and the time is not over. */
export async function withWebRetries<T>(attempt: () => Promise<T>, policy: WebRetryPolicy): Promise<T> {
  const startedAt = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WebError) || !canRetry(error, policy) || tries === maximumTries) throw error;
      const delayMs = Math.max(backoffMs(tries), (error.retryAfterSeconds ?? 0) * 1_000);
      if (performance.now() - startedAt + delayMs > policy.retryForMs) throw error;
      await pause(delayMs, policy.signal);
    }
  }
}

function canRetry({ code, mayHaveLanded }: WebError, { repeatable }: WebRetryPolicy): boolean {
  return isRetryable(code) && (repeatable || !mayHaveLanded);
}
