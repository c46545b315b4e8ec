import { arrayAt, stringAt, valueAt } from '../../../domain/json.ts';
import { isCustomResourceDefinition } from '../../../domain/custom-resource-definition.ts';
import {
  describeObject,
  type KubernetesObject,
  type ObjectReference,
  referenceOf,
} from '../../../domain/kubernetes-object.ts';
import type { RemovalPolicy } from '../../../domain/operation.ts';
import { deploymentLabel } from '../../../domain/ownership.ts';
import { isNamespace, isPartOfNamespace } from '../../../domain/removal-decision.ts';
import { isApiError } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import type { ListOptions } from '../../../infra/kubernetes/list.ts';
import type { ServedResource } from '../../../infra/kubernetes/resource.ts';

export type GuardRequest = {
  readonly client: ClusterClient;
  readonly deploymentId: string;
  readonly object: KubernetesObject;
  readonly signal: AbortSignal;
};

type GuardPolicy = Pick<RemovalPolicy, 'removeCrds'> & {
  /** Whether an object that is not marked as the deployment's goes by itself. */
  readonly isGoing: (object: KubernetesObject) => boolean;
};

/**
 * Why a definition or a namespace stays although it is the deployment's: what is not, and does not go by itself, would go with
 * it. Undefined where nothing objects.
 */
export async function objectionTo(
  request: GuardRequest,
  { removeCrds, isGoing }: GuardPolicy,
): Promise<string | undefined> {
  const reference = referenceOf(request.object);
  // With `always` the plan has seen to it that the loss was confirmed.
  if (isCustomResourceDefinition(reference) && removeCrds !== 'always') {
    const foreign = (await foreignCustomResources(request)).filter((object) => !isGoing(object));
    if (foreign.length > 0) return `kept, as custom resources of others would go with it: ${someOf(foreign)}`;
  }
  if (isNamespace(reference)) {
    const foreign = (await foreignObjectsIn(request)).filter((object) => !isGoing(object));
    if (foreign.length > 0) return `kept, as it holds objects that are not this deployment's: ${someOf(foreign)}`;
  }
  return undefined;
}

/** What others may have put into it has to be looked at before it goes. */
export function isGuarded(reference: ObjectReference): boolean {
  return isCustomResourceDefinition(reference) || isNamespace(reference);
}

/** Custom resources of a CRD that are not the deployment's: they would be deleted with it, in all namespaces. */
export async function foreignCustomResources(request: GuardRequest): Promise<readonly KubernetesObject[]> {
  const { client, deploymentId, object, signal } = request;
  const group = stringAt(object, 'spec', 'group') ?? '';
  const kind = stringAt(object, 'spec', 'names', 'kind') ?? '';
  const served = arrayAt(object, 'spec', 'versions').find((version) => valueAt(version, 'served') === true);
  const apiVersion = `${group}/${stringAt(served, 'name') ?? ''}`;
  const resource = await client.discovery.resourceFor(apiVersion, kind, { signal });
  if (resource === undefined) return [];
  const { objects } = await client.list(resource, { metadataOnly: true, signal });
  return objects.filter(({ metadata }) => metadata.labels?.[deploymentLabel] !== deploymentId);
}

/** Objects in a namespace that would go with it and are not the deployment's nor part of every namespace. */
async function foreignObjectsIn({
  client,
  deploymentId,
  object,
  signal,
}: GuardRequest): Promise<readonly KubernetesObject[]> {
  const { resources } = await client.discovery.all({ signal });
  const listable = preferredOnly(resources.filter(({ namespaced, verbs }) => namespaced && verbs.includes('list')));
  const namespace = object.metadata.name;
  const found = await Promise.all(
    listable.map((resource) => listAllowed(client, resource, { namespace, metadataOnly: true, signal })),
  );
  return found
    .flat()
    .filter(({ metadata }) => metadata.labels?.[deploymentLabel] !== deploymentId)
    .filter((inside) => !isPartOfNamespace(inside));
}

/** One version of each kind: the others show the same objects. */
export function preferredOnly(resources: readonly ServedResource[]): readonly ServedResource[] {
  const byKind = new Map<string, ServedResource>();
  for (const resource of resources) {
    const key = `${resource.group}/${resource.plural}`;
    if (resource.preferred || !byKind.has(key)) byKind.set(key, resource);
  }
  return [...byKind.values()];
}

/** What may not be listed cannot be judged; what is not served any more has no objects. */
async function listAllowed(
  client: ClusterClient,
  resource: ServedResource,
  options: ListOptions,
): Promise<readonly KubernetesObject[]> {
  try {
    const { objects } = await client.list(resource, options);
    return objects;
  } catch (error) {
    if (isApiError(error) && [403, 404, 405].includes(error.status)) return [];
    throw error;
  }
}

/** `ConfigMap a/b, ConfigMap a/c and 7 more`. */
export function someOf(objects: readonly KubernetesObject[]): string {
  const names = objects.map((object) => describeObject(referenceOf(object))).toSorted();
  const shown = 5;
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}
