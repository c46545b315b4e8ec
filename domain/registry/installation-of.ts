import { asComponentName } from '../design/component-names.ts';
import { cleanObject } from '../design/clean-object.ts';
import { kubernetesKind } from '../design/known-kinds.ts';
import { isJsonObject, objectAt, stringAt } from '../json.ts';
import { groupOf, kubernetesObjectSchema, type KubernetesObject } from '../kubernetes-object.ts';
import type { Installation } from './model-member.ts';

/**
 * An object as part of what a model installs, without what belongs to one cluster only. Undefined for what is no object, and
 * for what cannot be given on: a Secret with content, and a definition whose conversion trusts one cluster's certificate.
 */
export function installationOf(value: unknown): Installation | undefined {
  if (!isJsonObject(value)) return undefined;
  const document = { value, locate: () => undefined };
  const cleaned = cleanObject({ value, subject: '', fieldPlace: (path) => ({ document, path }) });
  const object = kubernetesObjectSchema.safeParse(cleaned.value);
  if (!object.success || holdsSecret(object.data) || isBoundToCluster(object.data)) return undefined;
  return { name: nameOf(object.data), objects: [object.data] };
}

function holdsSecret(object: KubernetesObject): boolean {
  const content = { ...objectAt(object, 'data'), ...objectAt(object, 'stringData') };
  return object.kind === 'Secret' && Object.values(content).some((entry) => entry !== '');
}

function isBoundToCluster(object: KubernetesObject): boolean {
  return stringAt(object, 'spec', 'conversion', 'webhook', 'clientConfig', 'caBundle') !== undefined;
}

function nameOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = kubernetesKind(apiVersion, kind) === undefined ? groupOf(apiVersion) : '';
  return asComponentName(
    [kind, group, metadata.namespace ?? '', metadata.name].filter((part) => part !== '').join('-'),
  );
}
