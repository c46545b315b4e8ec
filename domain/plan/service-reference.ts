import { arrayAt, stringAt, type JsonPath } from '../json.ts';
import { isKind, type PlannedObject } from './planned-object.ts';
import { refersTo, type Reference } from './reference.ts';

const admissionGroup = 'admissionregistration.k8s.io';

/** Whether the object is a Mutating- or ValidatingWebhookConfiguration. */
export function isWebhookConfiguration(object: PlannedObject): boolean {
  return (
    isKind(object, admissionGroup, 'MutatingWebhookConfiguration') ||
    isKind(object, admissionGroup, 'ValidatingWebhookConfiguration')
  );
}

/** The Services that the API server calls for this object: of webhooks, conversions, aggregated APIs. */
export function calledServices(object: PlannedObject): readonly Reference[] {
  if (isWebhookConfiguration(object))
    return arrayAt(object.object, 'webhooks').flatMap((_, position) =>
      serviceReference(object, ['webhooks', position, 'clientConfig', 'service']),
    );
  if (isKind(object, 'apiregistration.k8s.io', 'APIService')) return serviceReference(object, ['spec', 'service']);
  if (isKind(object, 'apiextensions.k8s.io', 'CustomResourceDefinition'))
    return serviceReference(object, ['spec', 'conversion', 'webhook', 'clientConfig', 'service']);
  return [];
}

function serviceReference({ object }: PlannedObject, path: JsonPath): readonly Reference[] {
  return refersTo({
    apiVersion: 'v1',
    kind: 'Service',
    name: stringAt(object, ...path, 'name'),
    namespace: stringAt(object, ...path, 'namespace'),
    path,
    verb: 'is served by',
    strength: 'soft',
    weight: 'webhookBackend',
  });
}
