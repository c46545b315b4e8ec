import { z } from 'zod';
import { jsonValueSchema } from './json.ts';

/** Any Kubernetes object as raw JSON. Fields that Slipway does not know are kept as they are. */
export const kubernetesObjectSchema = z
  .object({
    apiVersion: z.string().min(1),
    kind: z.string().min(1),
    metadata: z
      .object({
        name: z.string().min(1),
        namespace: z.string().exactOptional(),
        uid: z.string().exactOptional(),
        resourceVersion: z.string().exactOptional(),
        generation: z.number().exactOptional(),
        deletionTimestamp: z.string().exactOptional(),
        finalizers: z.array(z.string()).exactOptional(),
        labels: z.record(z.string(), z.string()).nullable().exactOptional(),
        annotations: z.record(z.string(), z.string()).nullable().exactOptional(),
      })
      .catchall(jsonValueSchema),
  })
  .catchall(jsonValueSchema);

export type KubernetesObject = z.infer<typeof kubernetesObjectSchema>;

/** Names one object in a cluster, whatever version it is read at. `namespace` is absent for cluster-scoped objects. */
export const objectReferenceSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().exactOptional(),
  name: z.string(),
});

export type ObjectReference = z.infer<typeof objectReferenceSchema>;

/** The API group of an apiVersion: `apps` of `apps/v1`, the empty string of `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}

/** The version of an apiVersion: `v1` of `apps/v1` and of `v1`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

export function referenceOf(object: KubernetesObject): ObjectReference {
  const { apiVersion, kind, metadata } = object;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  };
}

/** One string for one object: `group/Kind/namespace/name`. The version is left out, as one object is served at many. */
export function objectKey(reference: ObjectReference): string {
  return `${groupOf(reference.apiVersion)}/${reference.kind}/${reference.namespace ?? ''}/${reference.name}`;
}

/** How people name an object: `Deployment shop/web`, `Namespace shop`. */
export function describeObject(reference: ObjectReference): string {
  const scope = reference.namespace === undefined ? '' : `${reference.namespace}/`;
  return `${reference.kind} ${scope}${reference.name}`;
}

/** How people name the object of a key; a key that is not of an object stays as it is. */
export function describeKey(key: string): string {
  const [, kind, namespace, name] = key.split('/');
  if (kind === undefined || namespace === undefined || name === undefined) return key;
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
