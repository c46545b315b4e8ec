import { valueAt } from '../json.ts';
import { softEdge, type CandidateEdge } from './candidate-edge.ts';
import { allOf, describe, type DesignIndex, type Workload } from './design-index.ts';
import { selectorMatches } from './label-selector.ts';
import type { PlannedObject } from './planned-object.ts';

/** Quotas, limits and network policies of a namespace are in force before the pods that they rule start. */
export function namespacePolicyEdges(index: DesignIndex): readonly CandidateEdge[] {
  const quotas = [...allOf(index, '', 'ResourceQuota'), ...allOf(index, '', 'LimitRange')];
  return [
    ...quotas.flatMap((quota) => policyEdges(quota, podsIn(index, quota))),
    ...allOf(index, 'networking.k8s.io', 'NetworkPolicy').flatMap((policy) =>
      policyEdges(
        policy,
        podsIn(index, policy).filter(({ template }) =>
          selectorMatches(valueAt(policy.object, 'spec', 'podSelector'), template.labels),
        ),
      ),
    ),
  ];
}

function podsIn(index: DesignIndex, { namespace }: PlannedObject): readonly Workload[] {
  return index.workloadsByNamespace.get(namespace ?? '') ?? [];
}

function policyEdges(policy: PlannedObject, workloads: readonly Workload[]): readonly CandidateEdge[] {
  return workloads.map(({ object: workload }) =>
    softEdge(
      {
        prerequisite: policy.key,
        dependent: workload.key,
        needs: 'exists',
        reason: `${describe(policy)} rules the pods of ${describe(workload)}`,
      },
      'namespacePolicy',
    ),
  );
}
