import { arrayAt, stringAt, type JsonPath } from '../json.ts';
import { isKind, type PlannedObject } from './planned-object.ts';
import { refersTo, type Reference } from './reference.ts';

const legacyClassAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** What claims, volumes and claim templates refer to. Nothing here waits for a claim to be bound. */
export function storageReferences(object: PlannedObject): readonly Reference[] {
  if (isKind(object, '', 'PersistentVolumeClaim')) return claimReferences(object);
  if (isKind(object, '', 'PersistentVolume')) return volumeReferences(object);
  return arrayAt(object.object, 'spec', 'volumeClaimTemplates').flatMap((template, position) =>
    classReferences(template, ['spec', 'volumeClaimTemplates', position]),
  );
}

function claimReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  const volume = refersTo({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    name: stringAt(object, 'spec', 'volumeName'),
    path: ['spec', 'volumeName'],
    verb: 'claims',
  });
  const sources = ['dataSource', 'dataSourceRef'].flatMap((field) => {
    const group = stringAt(object, 'spec', field, 'apiGroup') ?? '';
    return refersTo({
      apiVersion: group === '' ? 'v1' : `${group}/v1`,
      kind: stringAt(object, 'spec', field, 'kind') ?? 'PersistentVolumeClaim',
      name: stringAt(object, 'spec', field, 'name'),
      namespace: stringAt(object, 'spec', field, 'namespace') ?? namespace,
      path: ['spec', field],
      verb: 'is filled from',
      strength: 'soft',
    });
  });
  return [...classReferences(object, []), ...volume, ...sources];
}

/** A volume made by hand names a class only to be matched with claims; the class need not exist. */
function volumeReferences({ object }: PlannedObject): readonly Reference[] {
  return refersTo({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    name: stringAt(object, 'spec', 'storageClassName'),
    path: ['spec', 'storageClassName'],
    verb: 'is of',
    optional: true,
  });
}

/** A class named by a claim may be a mere label for volumes made by hand, so a missing one is no error by itself. */
function classReferences(claim: unknown, at: JsonPath): readonly Reference[] {
  const legacy = stringAt(claim, 'metadata', 'annotations', legacyClassAnnotation);
  return refersTo({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    name: storageClassOf(claim),
    path: legacy === undefined ? [...at, 'spec', 'storageClassName'] : [...at, 'metadata', 'annotations'],
    verb: 'is of',
    optional: stringAt(claim, 'spec', 'volumeName') !== undefined,
    strength: 'hard',
  });
}

/** The class that a claim asks for; undefined where it leaves the choice to the cluster. */
export function storageClassOf(claim: unknown): string | undefined {
  return (
    stringAt(claim, 'metadata', 'annotations', legacyClassAnnotation) ?? stringAt(claim, 'spec', 'storageClassName')
  );
}
