import { arrayAt, stringAt } from '../json.ts';
import { softEdge, type CandidateEdge } from './candidate-edge.ts';
import { allOf, describe, grouped, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';
import { gatewayGroup, routingReferences } from './routing-references.ts';

/** A ReferenceGrant lets a route or Gateway refer into its namespace, so it comes before those that do. */
export function referenceGrantEdges(index: DesignIndex): readonly CandidateEdge[] {
  const grants = allOf(index, gatewayGroup, 'ReferenceGrant');
  if (grants.length === 0) return [];
  const users = grouped(
    index.objects.filter(({ group }) => group === gatewayGroup),
    (user) => [`${user.group}/${user.kind}/${user.namespace ?? ''}`],
  );
  return grants.flatMap((grant) =>
    arrayAt(grant.object, 'spec', 'from')
      .flatMap(
        (from) => users.get(['group', 'kind', 'namespace'].map((field) => stringAt(from, field)).join('/')) ?? [],
      )
      .filter((user) => refersInto(user, grant.namespace))
      .map((user) =>
        softEdge(
          {
            prerequisite: grant.key,
            dependent: user.key,
            needs: 'exists',
            reason: `${describe(grant)} lets ${describe(user)} refer into its namespace`,
          },
          'routing',
        ),
      ),
  );
}

function refersInto(user: PlannedObject, namespace: string | undefined): boolean {
  return routingReferences(user).some(({ target }) => target.namespace === namespace);
}
