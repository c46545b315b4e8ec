import { stringAt } from '../json.ts';
import { accessReferences } from './access-references.ts';
import { podReferences } from './pod-references.ts';
import type { PlannedObject } from './planned-object.ts';
import { refersTo, type Reference } from './reference.ts';
import { routingReferences } from './routing-references.ts';
import { scalingReferences } from './scaling-references.ts';
import { storageReferences } from './storage-references.ts';

/** All that an object names by fields of a fixed meaning. Selectors and free-form references are not among them. */
export function objectReferences(object: PlannedObject): readonly Reference[] {
  return [
    ...namespaceReferences(object),
    ...podReferences(object),
    ...governingServiceReferences(object),
    ...accessReferences(object),
    ...storageReferences(object),
    ...routingReferences(object),
    ...scalingReferences(object),
  ];
}

function namespaceReferences({ namespace }: PlannedObject): readonly Reference[] {
  return refersTo({
    apiVersion: 'v1',
    kind: 'Namespace',
    name: namespace,
    path: ['metadata', 'namespace'],
    verb: 'lives in',
  });
}

/** The headless Service that names the pods of a StatefulSet; pods run without it, under no names. */
function governingServiceReferences({ kind, group, namespace, object }: PlannedObject): readonly Reference[] {
  if (group !== 'apps' || kind !== 'StatefulSet') return [];
  return refersTo({
    apiVersion: 'v1',
    kind: 'Service',
    name: stringAt(object, 'spec', 'serviceName'),
    namespace,
    path: ['spec', 'serviceName'],
    verb: 'is named by',
    optional: true,
    strength: 'hard',
  });
}
