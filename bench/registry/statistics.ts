/** Times of one thing that was done again and again, in milliseconds. */
export type Times = { readonly medianMs: number; readonly p95Ms: number };

export function timesOf(samples: readonly number[]): Times {
  const sorted = samples.toSorted((left, right) => left - right);
  return { medianMs: percentile(sorted, 0.5), p95Ms: percentile(sorted, 0.95) };
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.ceil(sorted.length * part) - 1] ?? 0;
}
