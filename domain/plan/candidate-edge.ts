import type { PlanEdge, PlanGate } from '../plan-graph.ts';
import type { Finding } from '../finding.ts';

/**
 * How readily an edge is dropped to break a cycle: the heaviest goes first. Hard edges weigh nothing; only an undeploy,
 * which must never be refused, drops one, and then last.
 */
export const edgeWeights = {
  hard: 0,
  certificate: 10,
  operator: 20,
  webhookBackend: 30,
  reference: 40,
  scaling: 45,
  producedSecret: 50,
  routing: 55,
  access: 60,
  service: 65,
  interception: 70,
  namespacePolicy: 80,
  customReference: 85,
  relationship: 87,
  unknownOperator: 90,
} as const;

/** An edge as a rule proposes it, before cycles are resolved. */
export type CandidateEdge = PlanEdge & { readonly weight: number };

/** What a rule adds to a plan. */
export type RuleResult = {
  readonly edges: readonly CandidateEdge[];
  readonly gates?: readonly PlanGate[];
  readonly notes?: readonly Finding[];
};

type Ends = { readonly prerequisite: string; readonly dependent: string };

/** An edge that must hold: a cycle of such edges is an error. */
export function hardEdge(edge: Ends & Pick<PlanEdge, 'needs' | 'reason'>): CandidateEdge {
  return { ...edge, strength: 'hard', weight: edgeWeights.hard };
}

/** An edge that gives way when it would close a cycle. */
export function softEdge(
  edge: Ends & Pick<PlanEdge, 'needs' | 'reason'>,
  weight: Exclude<keyof typeof edgeWeights, 'hard'>,
): CandidateEdge {
  return { ...edge, strength: 'soft', weight: edgeWeights[weight] };
}

const needOrder = ['exists', 'established', 'ready', 'gone'] as const;

/** One edge for each pair of ends and strength, the one that needs most; edges from an object to itself are left out. */
export function distinctEdges(edges: readonly CandidateEdge[]): readonly CandidateEdge[] {
  const kept = new Map<string, CandidateEdge>();
  for (const edge of edges) {
    if (edge.prerequisite === edge.dependent) continue;
    const id = `${edge.prerequisite}\n${edge.dependent}\n${edge.strength}`;
    const other = kept.get(id);
    if (other === undefined || outranks(edge, other)) kept.set(id, edge);
  }
  return [...kept.values()].filter((edge) => !isCovered(edge, kept));
}

function outranks(edge: CandidateEdge, other: CandidateEdge): boolean {
  const difference = needOrder.indexOf(edge.needs) - needOrder.indexOf(other.needs);
  if (difference !== 0) return difference > 0;
  return edge.weight < other.weight || (edge.weight === other.weight && edge.reason < other.reason);
}

/** A soft edge says nothing new beside a hard one of the same ends that needs as much. */
function isCovered(edge: CandidateEdge, kept: ReadonlyMap<string, CandidateEdge>): boolean {
  if (edge.strength === 'hard') return false;
  const hard = kept.get(`${edge.prerequisite}\n${edge.dependent}\nhard`);
  return hard !== undefined && needOrder.indexOf(hard.needs) >= needOrder.indexOf(edge.needs);
}

/** All that several rules add, as one. */
export function joined(results: readonly RuleResult[]): Required<RuleResult> {
  return {
    edges: results.flatMap(({ edges }) => edges),
    gates: results.flatMap(({ gates = [] }) => gates),
    notes: results.flatMap(({ notes = [] }) => notes),
  };
}
