import { isBinding } from './access-references.ts';
import { softEdge, type CandidateEdge } from './candidate-edge.ts';
import { describe, type DesignIndex } from './design-index.ts';
import { boundAccounts } from './operators.ts';

/** A workload starts with the rights of its service account in place, so that it does not fail its first calls. */
export function accessEdges(index: DesignIndex): readonly CandidateEdge[] {
  return index.objects.filter(isBinding).flatMap((binding) =>
    boundAccounts(binding)
      .flatMap((account) => index.workloadsByAccount.get(account) ?? [])
      .map(({ object: workload }) =>
        softEdge(
          {
            prerequisite: binding.key,
            dependent: workload.key,
            needs: 'exists',
            reason: `${describe(binding)} gives ${describe(workload)} its rights`,
          },
          'access',
        ),
      ),
  );
}
