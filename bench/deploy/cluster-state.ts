import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesObject, objectKey, referenceOf } from '../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { namespaceNamed, type Workload } from './workload.ts';

const pollMs = 20;

/** Deletes the namespace, if there is one, and waits until it is gone. */
export async function removeNamespace(cluster: ClusterClient, name: string): Promise<void> {
  const reference = referenceOf(namespaceNamed(name));
  if ((await cluster.find(reference)) === undefined) return;
  await cluster.delete(reference);
  while ((await cluster.find(reference, { metadataOnly: true })) !== undefined) {
    await sleep(pollMs);
  }
}

/** The objects inside the namespace. */
export function contentOf({ objects }: Workload): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => kind !== 'Namespace');
}

/** Throws when an object of the workload is not in the cluster. */
export async function requirePresent(cluster: ClusterClient, workload: Workload): Promise<void> {
  const found = await countFound(cluster, workload);
  const expected = contentOf(workload).length;
  if (found !== expected) throw new Error(`${found} of ${expected} objects are in ${workload.namespace}`);
}

/** Throws when an object of the workload is left, or the namespace that it brought. */
export async function requireGone(cluster: ClusterClient, workload: Workload): Promise<void> {
  const { bringsNamespace, namespace } = workload;
  const left = bringsNamespace ? await cluster.find(referenceOf(namespaceNamed(namespace))) : undefined;
  if (left !== undefined) throw new Error(`namespace ${namespace} is left behind`);
  const found = await countFound(cluster, workload);
  if (found > 0) throw new Error(`${found} objects are left behind in ${namespace}`);
}

async function countFound(cluster: ClusterClient, workload: Workload): Promise<number> {
  const content = contentOf(workload);
  const expected = new Set(content.map((object) => objectKey(referenceOf(object))));
  const kinds = Map.groupBy(content, ({ apiVersion, kind }) => `${apiVersion} ${kind}`);
  let count = 0;
  for (const [example] of kinds.values()) {
    if (example === undefined) continue;
    const { objects } = await cluster.list(example, { namespace: workload.namespace, metadataOnly: true });
    count += objects.filter((object) => expected.has(objectKey(referenceOf(object)))).length;
  }
  return count;
}
