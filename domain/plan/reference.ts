import type { PrerequisiteState } from '../design.ts';
import type { JsonPath } from '../json.ts';
import type { ObjectReference } from '../kubernetes-object.ts';
import type { EdgeStrength } from '../plan-graph.ts';
import type { edgeWeights } from './candidate-edge.ts';

/** What one object says of another one: `spec.template.spec.volumes[0]` of a Deployment mounts a ConfigMap. */
export type Reference = {
  readonly target: ObjectReference;
  /** Where the reference stands in the object that makes it. */
  readonly path: JsonPath;
  /** What the object does with the target: `mounts`, `runs as`. */
  readonly verb: string;
  /** Whether the object is of use without the target. */
  readonly optional: boolean;
  readonly needs: PrerequisiteState;
  readonly strength: EdgeStrength;
  /** Used where the strength is soft. */
  readonly weight: Exclude<keyof typeof edgeWeights, 'hard'>;
};

type ReferenceParts = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string | undefined;
  /** Undefined for cluster-scoped targets. */
  readonly namespace?: string | undefined;
  readonly path: JsonPath;
  readonly verb: string;
} & Partial<Pick<Reference, 'optional' | 'needs' | 'strength' | 'weight'>>;

/** The reference, or none where no target is named. It is hard unless it is optional or said to be soft. */
export function refersTo({ apiVersion, kind, name, namespace, path, verb, ...options }: ReferenceParts): Reference[] {
  if (name === undefined || name === '') return [];
  const { optional = false, needs = 'exists', strength = optional ? 'soft' : 'hard', weight = 'reference' } = options;
  const target = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  return [{ target, path, verb, optional, needs, strength, weight }];
}
