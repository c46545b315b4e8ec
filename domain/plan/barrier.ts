import type { PlanGate } from '../plan-graph.ts';
import type { CandidateEdge, RuleResult } from './candidate-edge.ts';

type Barrier = {
  readonly gate: PlanGate;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Makes the edge between two ends; the reason speaks of the barrier as a whole. */
  readonly edge: (ends: { readonly prerequisite: string; readonly dependent: string }) => CandidateEdge;
};

/** Edges from all of `before` to all of `after`, through a gate where that takes fewer: their number stays linear. */
export function barrierEdges({ gate, before, after, edge }: Barrier): RuleResult {
  const distinct = new Set(before);
  const left = [...distinct];
  const right = [...new Set(after)].filter((key) => !distinct.has(key));
  if (left.length === 0 || right.length === 0) return { edges: [] };
  if (left.length * right.length <= left.length + right.length)
    return { edges: left.flatMap((prerequisite) => right.map((dependent) => edge({ prerequisite, dependent }))) };
  return {
    gates: [gate],
    edges: [
      ...left.map((prerequisite) => edge({ prerequisite, dependent: gate.key })),
      ...right.map((dependent) => edge({ prerequisite: gate.key, dependent })),
    ],
  };
}
