import { objectKey, referenceOf } from '../kubernetes-object.ts';
import { describeRelationship, type RelationEdge } from '../relationship/evaluation.ts';
import type { RelatedComponent } from '../relationship/subject.ts';
import { type CandidateEdge, softEdge } from './candidate-edge.ts';
import type { DesignIndex, ImpliedEdge } from './design-index.ts';

/** What relationships say of the order of objects, each edge with the relationship that it comes from. */
export function impliedEdges(
  edges: readonly RelationEdge[],
  components: readonly RelatedComponent[],
): readonly ImpliedEdge[] {
  const keys = new Map(components.map(({ name, object }) => [name, objectKey(referenceOf(object))]));
  return edges.flatMap(({ from, to, order, why, relationship }): readonly ImpliedEdge[] => {
    const [first, second] = order?.first === 'to' ? [to, from] : [from, to];
    const prerequisite = keys.get(first);
    const dependent = keys.get(second);
    if (order === undefined || prerequisite === undefined || dependent === undefined) return [];
    const reason = `${why} (relationship ${describeRelationship(relationship)})`;
    return [{ prerequisite, dependent, needs: order.needs, reason }];
  });
}

/** The implied edges between objects of the plan. They give way to everything that the objects say themselves. */
export function relationshipEdges({ context: { implied = [] }, byKey }: DesignIndex): readonly CandidateEdge[] {
  return implied
    .filter(({ prerequisite, dependent }) => byKey.has(prerequisite) && byKey.has(dependent))
    .map((edge) => softEdge(edge, 'relationship'));
}
