/** What Slipway waits for, in one word. */
export const readinessStatuses = ['ready', 'progressing', 'failed', 'suspended', 'terminating', 'unknown'] as const;
export type ReadinessStatus = (typeof readinessStatuses)[number];

/**
 * `high`: the object said so in a form that its kind promises. `low`: read from words and habits of the field,
 * or from silence; whoever waits on it should stop at a deadline and say so instead of trusting it for ever.
 */
export type Confidence = 'high' | 'low';

/** How ready one object is, why in words for people, and why in one word for programs. */
export type Readiness = {
  readonly status: ReadinessStatus;
  readonly message: string;
  readonly reason?: string;
  readonly confidence: Confidence;
};

/** Any object as a cluster returns it; the fields are read with care, as none of them is promised. */
export type ObservedObject = { readonly [field: string]: unknown };

type Details = { readonly reason?: string | undefined; readonly confidence?: Confidence };

/** A judgement; confidence is high unless said otherwise. */
export function verdict(status: ReadinessStatus, message: string, details: Details = {}): Readiness {
  const { reason, confidence = 'high' } = details;
  return { status, message, confidence, ...(reason === undefined || reason === '' ? {} : { reason }) };
}

const severity: Record<ReadinessStatus, number> = {
  terminating: 5,
  failed: 4,
  suspended: 3,
  progressing: 2,
  unknown: 1,
  ready: 0,
};

/** The judgement that matters most; of equals the surer one, then the first. Undefined where there is none. */
export function worstOf(verdicts: readonly Readiness[]): Readiness | undefined {
  return verdicts.reduce<Readiness | undefined>(
    (worst, next) => (worst === undefined || outranks(next, worst) ? next : worst),
    undefined,
  );
}

function outranks(next: Readiness, worst: Readiness): boolean {
  const difference = severity[next.status] - severity[worst.status];
  return difference > 0 || (difference === 0 && next.confidence === 'high' && worst.confidence === 'low');
}
