import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { describeObject, type KubernetesObject, type ObjectReference } from '../../domain/kubernetes-object.ts';
import { isJsonObject } from '../../domain/json.ts';

/** One resource that the API server serves, at one version. */
export type ServedResource = {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Its name in paths: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Names only: `status`, `scale`. */
  readonly subresources: readonly string[];
  /** Whether the group prefers this version. */
  readonly preferred: boolean;
};

/** The kind of an object; or the resource itself, where discovery is not to be asked. */
export type ResourceType = { readonly apiVersion: string; readonly kind: string } | ServedResource;

export type ObjectPath = {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
};

/** The path of a group version: `/api/v1`, `/apis/apps/v1`. */
export function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of an object, or of all objects where it has no name; of one namespace or, without it, of all. */
export function resourcePath(resource: ServedResource, path: ObjectPath): string {
  const root = groupVersionPath(resource.apiVersion);
  const namespace = resource.namespaced ? path.namespace : undefined;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const name = path.name === undefined ? '' : `/${encodeURIComponent(path.name)}`;
  const subresource = path.subresource === undefined ? '' : `/${path.subresource}`;
  return `${root}${scope}/${resource.plural}${name}${subresource}`;
}

/** The path of one object. Throws `invalid` where a namespaced object names no namespace. */
export function objectPath(resource: ServedResource, reference: ObjectReference, subresource?: string): string {
  if (resource.namespaced && reference.namespace === undefined) {
    throw new SlipwayError('invalid', `${describeObject(reference)} has no namespace`, {
      fix: 'Set metadata.namespace: this kind lives in namespaces.',
    });
  }
  return resourcePath(resource, { ...reference, subresource });
}

/** `?a=1&b=2` of the parameters that have a value. */
export function queryOf(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== false);
  if (pairs.length === 0) return '';
  return `?${pairs.map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`).join('&')}`;
}

/** Whether it looks like an object of the API. Only what Slipway relies on is checked: thousands arrive in a second. */
export function isKubernetesObject(value: unknown): value is KubernetesObject {
  return (
    isJsonObject(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isJsonObject(value['metadata']) &&
    typeof value['metadata']['name'] === 'string'
  );
}

export const metadataOnlyAccept = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
export const metadataListAccept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The list answer of the API server, its items unread. */
export const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string().optional(), continue: z.string().optional() }).optional(),
  items: z.array(z.unknown()).nullish(),
});
