/** How many requests run at once, found by the server's answers: additive increase, multiplicative decrease. */
export type AdaptiveLimit = {
  /** A permit, first come first served. Rejects with the signal's reason when that fires first. */
  readonly acquire: (signal?: AbortSignal) => Promise<Permit>;
  readonly state: () => { readonly limit: number; readonly inFlight: number; readonly waiting: number };
};

/** The right to have one request in flight; `release` must be called exactly once. */
export type Permit = { readonly release: (outcome: PermitOutcome) => void };

export type PermitOutcome = {
  /** Left out where it says nothing about load, such as for a long list. */
  readonly latencyMs?: number;
  /** The server asked for fewer requests (429). */
  readonly overloaded?: boolean;
};

export type AdaptiveLimitOptions = { readonly initial: number; readonly minimum: number; readonly maximum: number };

export const defaultLimit: AdaptiveLimitOptions = { initial: 16, minimum: 2, maximum: 64 };

/** A round whose mean latency is so many times the best one seen means that requests queue up in the server. */
const latencyRise = 5;
/** Below this, a rise in latency is noise. */
const slowMs = 1_000;
/** The best latency is forgotten slowly, as a server can become slower for good. */
const baselineDrift = 1.05;
const slowStartGrowth = 1.25;

type Waiter = { readonly grant: () => void };

/** A limit that starts at `initial`, grows while it is used up, and halves on 429 or a strong rise in latency. */
export function createAdaptiveLimit(options: AdaptiveLimitOptions = defaultLimit): AdaptiveLimit {
  const waiters = new Set<Waiter>();
  let inFlight = 0;
  const pace = createPace(options);

  const grantWaiting = (): void => {
    for (const waiter of waiters) {
      if (inFlight >= pace.limit()) return;
      waiters.delete(waiter);
      waiter.grant();
    }
  };

  const takePermit = (): Permit => {
    const era = pace.era();
    const wasSaturated = inFlight + 1 >= pace.limit();
    inFlight += 1;
    return {
      release: (outcome) => {
        inFlight -= 1;
        pace.record(outcome, { era, wasSaturated });
        grantWaiting();
      },
    };
  };

  const waitInLine = (signal: AbortSignal | undefined): Promise<Permit> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiters.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve(takePermit());
        },
      };
      waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  return {
    acquire: async (signal) => {
      signal?.throwIfAborted();
      return inFlight < pace.limit() && waiters.size === 0 ? takePermit() : await waitInLine(signal);
    },
    state: () => ({ limit: pace.limit(), inFlight, waiting: waiters.size }),
  };
}

type PermitStart = { readonly era: number; readonly wasSaturated: boolean };

type Pace = {
  readonly limit: () => number;
  /** Counts decreases: an answer to a request of an earlier era says nothing about the limit of this one. */
  readonly era: () => number;
  readonly record: (outcome: PermitOutcome, start: PermitStart) => void;
};

function createPace({ initial, minimum, maximum }: AdaptiveLimitOptions): Pace {
  let limit = initial;
  let era = 0;
  let slowStart = true;
  let bestMs = Number.POSITIVE_INFINITY;
  let round = { answers: 0, totalMs: 0, saturated: false };

  const decrease = (): void => {
    limit = Math.max(minimum, limit / 2);
    era += 1;
    slowStart = false;
    round = { answers: 0, totalMs: 0, saturated: false };
  };

  const endRound = (): void => {
    const meanMs = round.totalMs / round.answers;
    const wasSaturated = round.saturated;
    round = { answers: 0, totalMs: 0, saturated: false };
    if (meanMs > slowMs && meanMs > bestMs * latencyRise) return decrease();
    bestMs = Math.min(bestMs * baselineDrift, meanMs);
    if (wasSaturated) limit = Math.min(maximum, slowStart ? limit * slowStartGrowth : limit + 1);
  };

  return {
    limit: () => Math.floor(limit),
    era: () => era,
    record: ({ latencyMs, overloaded }, start) => {
      if (start.era !== era) return;
      if (overloaded === true) return decrease();
      if (latencyMs === undefined) return;
      round = {
        answers: round.answers + 1,
        totalMs: round.totalMs + latencyMs,
        saturated: round.saturated || start.wasSaturated,
      };
      if (round.answers >= limit) endRound();
    },
  };
}
