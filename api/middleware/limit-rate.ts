import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from '../context.ts';
import { RequestError } from '../problem.ts';

/** A bucket holds what may come at once; it fills with what may come for long. */
const burstSeconds = 2;

type Bucket = { readonly tokens: number; readonly filledAt: number };

/** Refuses what one actor sends faster than `requestsPerSecond` for more than a burst. Each process counts for itself. */
export function limitRate({
  requestsPerSecond,
  now = performance.now.bind(performance),
}: {
  readonly requestsPerSecond: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number;
}) {
  const capacity = requestsPerSecond * burstSeconds;
  const buckets = new Map<string, Bucket>();

  function take(actor: string): boolean {
    const time = now();
    const bucket = buckets.get(actor) ?? { tokens: capacity, filledAt: time };
    const filled = bucket.tokens + ((time - bucket.filledAt) / 1000) * requestsPerSecond;
    const tokens = Math.min(capacity, filled);
    buckets.set(actor, { tokens: tokens >= 1 ? tokens - 1 : tokens, filledAt: time });
    return tokens >= 1;
  }

  return createMiddleware<ApiEnv>(async (c, next) => {
    if (!take(c.var.actor)) {
      throw new RequestError(429, `more than ${requestsPerSecond} requests a second`, {
        code: 'rateLimited',
        headers: { 'Retry-After': '1' },
        fix: 'Send fewer requests; follow operations by their stream instead of asking again and again.',
      });
    }
    await next();
  });
}
