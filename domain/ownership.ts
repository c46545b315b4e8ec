import type { KubernetesObject } from './kubernetes-object.ts';

/** The field manager of everything that Slipway applies. */
export const fieldManager = 'slipway';

/** Label on every object that a deployment owns; its value is the deployment's id. */
export const deploymentLabel = 'slipway.dev/deployment';

/** Annotation that names the component of the design which declares the object. */
export const componentAnnotation = 'slipway.dev/component';

/**
 * Label on an object that outlived its deployment on purpose; its value is the deployment's id. A later deploy takes the object
 * back as its own, and a later undeploy finds it.
 */
export const keptForLabel = 'slipway.dev/kept-for';

export type Owner = { readonly tool: string; readonly name: string };

type Mark = { readonly tool: string; readonly read: (object: KubernetesObject) => string | undefined };

const label = (name: string) => (object: KubernetesObject) => object.metadata.labels?.[name];
const annotation = (name: string) => (object: KubernetesObject) => object.metadata.annotations?.[name];

/** The marks by which deploy tools say that an object is theirs; each tool's documentation names them. */
const marks: readonly Mark[] = [
  { tool: 'Slipway', read: label(deploymentLabel) },
  { tool: 'Helm', read: annotation('meta.helm.sh/release-name') },
  { tool: 'Argo CD', read: (object) => annotation('argocd.argoproj.io/tracking-id')(object)?.split(':')[0] },
  { tool: 'Argo CD', read: label('argocd.argoproj.io/instance') },
  { tool: 'Flux', read: label('kustomize.toolkit.fluxcd.io/name') },
  { tool: 'Flux', read: label('helm.toolkit.fluxcd.io/name') },
  { tool: 'kapp', read: label('kapp.k14s.io/app') },
  { tool: 'cli-utils', read: annotation('config.k8s.io/owning-inventory') },
];

/** Who a live object says it belongs to, or undefined where it carries no tool's mark. */
export function ownerOf(object: KubernetesObject): Owner | undefined {
  for (const { tool, read } of marks) {
    const name = read(object);
    if (name !== undefined && name !== '') return { tool, name };
  }
  return undefined;
}

/** Whether the object was kept for the deployment, and nobody has taken it since. */
export function isKeptFor(object: KubernetesObject, deploymentId: string): boolean {
  return ownerOf(object) === undefined && object.metadata.labels?.[keptForLabel] === deploymentId;
}

/** Annotations by which an author asks that an object outlives its deployment, as other tools read them too. */
const keepMarks: readonly (readonly [name: string, value: string])[] = [
  ['helm.sh/resource-policy', 'keep'],
  ['client.lifecycle.config.k8s.io/deletion', 'detach'],
  ['cli-utils.sigs.k8s.io/on-remove', 'keep'],
  ['kapp.k14s.io/delete-strategy', 'orphan'],
  ['slipway.dev/delete', 'keep'],
];

/** The annotation that asks to keep the object when its deployment goes, or undefined. */
export function keepMarkOf(object: KubernetesObject): string | undefined {
  const annotations = object.metadata.annotations ?? {};
  const found = keepMarks.find(([name, value]) => annotations[name] === value);
  if (found !== undefined) return `${found[0]}: ${found[1]}`;
  const argo = annotations['argocd.argoproj.io/sync-options'] ?? '';
  return /\bDelete=false\b/.test(argo) ? 'argocd.argoproj.io/sync-options: Delete=false' : undefined;
}

/** The object as it is sent: marked as the deployment's and free of what only a server writes. */
export function markOwned(
  object: KubernetesObject,
  owner: { deploymentId: string; component: string },
): KubernetesObject {
  const { status: _status, ...rest } = object;
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    managedFields: _managedFields,
    deletionTimestamp: _deletionTimestamp,
    ...metadata
  } = object.metadata;
  return {
    ...rest,
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [deploymentLabel]: owner.deploymentId },
      annotations: { ...metadata.annotations, [componentAnnotation]: owner.component },
    },
  };
}
