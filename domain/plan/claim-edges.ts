import { stringAt } from '../json.ts';
import type { CandidateEdge } from './candidate-edge.ts';
import { allOf, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';
import { storageClassOf } from './storage-references.ts';

/**
 * Lets nothing wait for a claim to be bound unless it is sure to bind by itself: with `WaitForFirstConsumer` it binds only
 * when a pod comes, which would wait for it. https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
 */
export function withoutWaitForBound(index: DesignIndex, edges: readonly CandidateEdge[]): readonly CandidateEdge[] {
  const immediate = immediateClasses(index);
  const late = new Set(
    allOf(index, '', 'PersistentVolumeClaim')
      .filter((claim) => !bindsAtOnce(claim, immediate))
      .map(({ key }) => key),
  );
  if (late.size === 0) return edges;
  return edges.map((edge) =>
    late.has(edge.prerequisite) && edge.needs === 'ready' ? { ...edge, needs: 'exists' } : edge,
  );
}

function immediateClasses(index: DesignIndex): ReadonlySet<string> {
  const declared = allOf(index, 'storage.k8s.io', 'StorageClass')
    .filter(({ object }) => stringAt(object, 'volumeBindingMode') !== 'WaitForFirstConsumer')
    .map(({ name }) => name);
  return new Set([...declared, ...(index.context.immediateStorageClasses ?? [])]);
}

/** A claim that names its volume, or no class at all, is bound without a consumer. */
function bindsAtOnce({ object }: PlannedObject, immediate: ReadonlySet<string>): boolean {
  const storageClass = storageClassOf(object);
  if (stringAt(object, 'spec', 'volumeName') !== undefined || storageClass === '') return true;
  return storageClass !== undefined && immediate.has(storageClass);
}
