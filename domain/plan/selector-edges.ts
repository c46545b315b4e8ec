import { arrayAt, objectAt, valueAt } from '../json.ts';
import { softEdge, type CandidateEdge } from './candidate-edge.ts';
import {
  allOf,
  describe,
  workloadsBehind,
  workloadsWithLabels,
  type DesignIndex,
  type Workload,
} from './design-index.ts';
import { selectorMatches } from './label-selector.ts';
import type { PlannedObject } from './planned-object.ts';

/**
 * Edges by selector: Services come before the workloads that they lead to (their addresses go into the environment of
 * pods; readiness is not waited for, as a load balancer may take minutes), disruption budgets after theirs.
 */
export function selectorEdges(index: DesignIndex): readonly CandidateEdge[] {
  return [
    ...allOf(index, '', 'Service').flatMap((service) =>
      workloadsBehind(index, service).map(({ object }) => serviceEdge(service, object)),
    ),
    ...allOf(index, 'policy', 'PodDisruptionBudget').flatMap((budget) =>
      workloadsProtectedBy(index, budget).map(({ object }) => budgetEdge(object, budget)),
    ),
  ];
}

function serviceEdge(service: PlannedObject, workload: PlannedObject): CandidateEdge {
  const reason = `${describe(service)} leads to ${describe(workload)}`;
  return softEdge({ prerequisite: service.key, dependent: workload.key, needs: 'exists', reason }, 'service');
}

function budgetEdge(workload: PlannedObject, budget: PlannedObject): CandidateEdge {
  const reason = `${describe(budget)} protects ${describe(workload)}`;
  return softEdge({ prerequisite: workload.key, dependent: budget.key, needs: 'exists', reason }, 'scaling');
}

function workloadsProtectedBy(index: DesignIndex, { object, namespace }: PlannedObject): readonly Workload[] {
  const labels = objectAt(object, 'spec', 'selector', 'matchLabels');
  const selector = valueAt(object, 'spec', 'selector');
  const hasLabels = Object.keys(labels).length > 0;
  if (!hasLabels && arrayAt(selector, 'matchExpressions').length === 0) return [];
  const candidates = hasLabels
    ? workloadsWithLabels(index, namespace, labels)
    : (index.workloadsByNamespace.get(namespace ?? '') ?? []);
  return candidates.filter(({ template }) => selectorMatches(selector, template.labels));
}
