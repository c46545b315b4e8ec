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
    edges: edges.map(planEdgeOf).toSorted(byEnds),
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
  const outgoing = grouped(edges, ({ prerequisite }) => [prerequisite]);
  const unmet = new Map(keys.map((key) => [key, 0]));
  for (const { dependent } of edges) unmet.set(dependent, (unmet.get(dependent) ?? 0) + 1);
  const stages = new Map(keys.map((key) => [key, gateKeys.has(key) ? 0 : 1]));
  const free = keys.filter((key) => unmet.get(key) === 0);
  for (const key of free) {
    for (const { dependent } of outgoing.get(key) ?? []) {
      const least = (stages.get(key) ?? 1) + (gateKeys.has(dependent) ? 0 : 1);
      stages.set(dependent, Math.max(stages.get(dependent) ?? 1, least));
      const left = (unmet.get(dependent) ?? 0) - 1;
      unmet.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  return stages;
}

function nodeOf({ key, object, component, adapter }: PlannedObject, place: Pick<PlanNode, 'stage' | 'rank'>): PlanNode {
  return { key, reference: referenceOf(object), component, adapter, ...place };
}

function planEdgeOf({ prerequisite, dependent, needs, strength, reason }: CandidateEdge): PlanEdge {
  return { prerequisite, dependent, needs, strength, reason };
}

function byEnds(a: PlanEdge, b: PlanEdge): number {
  const one = `${a.dependent}\n${a.prerequisite}\n${a.strength}`;
  const other = `${b.dependent}\n${b.prerequisite}\n${b.strength}`;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
