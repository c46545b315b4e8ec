import type { PlanEdge, PlanGate, PlanGraph, PlanNode } from '../plan-graph.ts';
import type { Finding } from '../finding.ts';
import { referenceOf } from '../kubernetes-object.ts';
import type { CandidateEdge } from './candidate-edge.ts';
import { grouped } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

type GraphParts = {
  readonly objects: readonly PlannedObject[];
  readonly gates: readonly PlanGate[];
  /** Without a cycle. */
  readonly edges: readonly CandidateEdge[];
  readonly notes: readonly Finding[];
  readonly rankOf: (object: PlannedObject) => number;
};

/** The graph with its stages: the stage of a node is the length of the longest chain that leads to it. */
export function layOutGraph({ objects, gates, edges, notes, rankOf }: GraphParts): PlanGraph {
  const gateKeys = new Set(gates.map(({ key }) => key));
  const stages = stagesOf([...objects.map(({ key }) => key), ...gateKeys], edges, gateKeys);
  const nodes = objects
    .map((object) => nodeOf(object, { stage: stages.get(object.key) ?? 1, rank: rankOf(object) }))
    .toSorted((a, b) => a.stage - b.stage || a.rank - b.rank || (a.key < b.key ? -1 : 1));
  return {
    nodes,
    ...(gates.length === 0 ? {} : { gates: [...gates] }),
    edges: inNodeOrder(edges.map(planEdgeOf), nodes),
    stageCount: nodes.at(-1)?.stage ?? 0,
    notes: [...notes],
  };
}

/** A gate is of the stage of the last that leads to it, so that it adds none of its own. */
function stagesOf(
  keys: readonly string[],
  edges: readonly CandidateEdge[],
  gateKeys: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const heightOf = (key: string) => (gateKeys.has(key) ? 0 : 1);
  const outgoing = grouped(edges, ({ prerequisite }) => [prerequisite]);
  const unmet = countedBy(edges.map(({ dependent }) => dependent));
  const stages = new Map(keys.map((key) => [key, heightOf(key)]));
  const free = keys.filter((key) => !unmet.has(key));
  for (const key of free) {
    const stage = stages.get(key) ?? 0;
    for (const { dependent } of outgoing.get(key) ?? []) {
      stages.set(dependent, Math.max(stages.get(dependent) ?? 0, stage + heightOf(dependent)));
      const left = (unmet.get(dependent) ?? 0) - 1;
      unmet.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  return stages;
}

function countedBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function nodeOf({ key, object, component, adapter }: PlannedObject, place: Pick<PlanNode, 'stage' | 'rank'>): PlanNode {
  return { key, reference: referenceOf(object), component, adapter, ...place };
}

function planEdgeOf({ prerequisite, dependent, needs, strength, reason }: CandidateEdge): PlanEdge {
  return { prerequisite, dependent, needs, strength, reason };
}

/** Edges in the order of their dependents, then of their prerequisites: gates come before nodes. */
function inNodeOrder(edges: readonly PlanEdge[], nodes: readonly PlanNode[]): PlanEdge[] {
  const positions = new Map(nodes.map(({ key }, position) => [key, position]));
  const compare = (a: string, b: string) =>
    (positions.get(a) ?? -1) - (positions.get(b) ?? -1) || (a === b ? 0 : a < b ? -1 : 1);
  return edges.toSorted(
    (a, b) =>
      compare(a.dependent, b.dependent) ||
      compare(a.prerequisite, b.prerequisite) ||
      (a.strength < b.strength ? -1 : 1),
  );
}
