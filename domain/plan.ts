import type { Component, Dependency } from './design.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { distinctEdges, type RuleResult } from './plan/candidate-edge.ts';
import { resolveCycles, type HardCycles } from './plan/cycles.ts';
import { checkDeclared } from './plan/declared-edges.ts';
import { deployCandidates } from './plan/deploy-edges.ts';
import { createDesignIndex, describe, type DesignIndex, type PlanContext } from './plan/design-index.ts';
import { layOutGraph } from './plan/graph-layout.ts';
import { deployRank, undeployRank } from './plan/kind-rank.ts';
import type { PlannedObject } from './plan/planned-object.ts';
import { undeployCandidates } from './plan/undeploy-edges.ts';
import type { PlanGraph } from './plan-graph.ts';

/** One object to remove, as the inventory and the stored revision know it. */
export type UndeployItem = {
  readonly component: string;
  readonly object: KubernetesObject;
  readonly adapter?: string;
  readonly dependsOn?: readonly Dependency[];
};

export type UndeployContext = PlanContext & {
  /**
   * Keys of webhook configurations and APIServices whose backend does not answer: they go first, as they would hold up
   * the removal of what they serve or intercept.
   */
  readonly unhealthyBackends?: ReadonlySet<string>;
};

/**
 * The order in which a design is applied, from what its objects say of each other. The same whatever the order of the
 * components. Throws `invalid` for a cycle of hard edges, naming its members, and for a dependency that does not exist.
 */
export function planDeploy(components: readonly Component[], context: PlanContext = {}): PlanGraph {
  const index = createDesignIndex(
    components.map(({ name, adapter, dependsOn, object }) => ({ component: name, adapter, dependsOn, object })),
    context,
  );
  checkDeclared(index);
  return planFrom(index, { ...deployCandidates(index), rankOf: deployRank, hardCycles: 'refuse' });
}

/**
 * The order in which objects are removed: the deploy graph backwards, with the exceptions of `undeployCandidates`.
 * Every edge needs `gone`. Never refused: a cycle gives way with a note, its hard edges last.
 */
export function planUndeploy(items: readonly UndeployItem[], context: UndeployContext = {}): PlanGraph {
  const index = createDesignIndex(
    items.map(({ adapter = 'kubernetes', dependsOn = [], ...item }) => ({ ...item, adapter, dependsOn })),
    context,
  );
  const candidates = undeployCandidates(index, context.unhealthyBackends ?? new Set());
  return planFrom(index, { ...candidates, rankOf: undeployRank, hardCycles: 'drop' });
}

type PlanParts = Required<RuleResult> & {
  readonly rankOf: (object: PlannedObject) => number;
  readonly hardCycles: HardCycles;
};

function planFrom(index: DesignIndex, { edges, gates, notes, rankOf, hardCycles }: PlanParts): PlanGraph {
  const titles = new Map(gates.map(({ key, title }) => [key, title]));
  const nameOf = (key: string): string => {
    const object = index.byKey.get(key);
    return object === undefined ? (titles.get(key) ?? key) : describe(object);
  };
  const resolved = resolveCycles(distinctEdges(edges), { nameOf, hardCycles });
  return layOutGraph({
    objects: index.objects,
    gates,
    edges: resolved.edges,
    notes: [...notes, ...resolved.notes],
    rankOf,
  });
}
