import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectReference } from '../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import type { Workload } from './workload.ts';

const pollMs = 20;

/** Deletes the namespace, if there is one, and waits until it is gone. */
export async function removeNamespace(cluster: ClusterClient, name: string): Promise<void> {
  const reference: ObjectReference = { apiVersion: 'v1', kind: 'Namespace', name };
  if ((await cluster.find(reference)) === undefined) return;
  await cluster.delete(reference);
  while ((await cluster.find(reference, { metadataOnly: true })) !== undefined) {
    await sleep(pollMs);
  }
}

/** Throws when an object of the workload is not in the cluster. */
export async function requirePresent(cluster: ClusterClient, { objects, namespace }: Workload): Promise<void> {
  for (const [kind, expected] of Map.groupBy(objects.slice(1), (object) => object.kind)) {
    const apiVersion = expected[0]?.apiVersion ?? 'v1';
    const found = await cluster.list({ apiVersion, kind }, { namespace, metadataOnly: true });
    const names = new Set(found.objects.map(({ metadata }) => metadata.name));
    const missing = expected.filter(({ metadata }) => !names.has(metadata.name));
    if (missing.length > 0) throw new Error(`${missing.length} of ${expected.length} ${kind}s are not in the cluster`);
  }
}

/** Throws when the namespace is still there. */
export async function requireGone(cluster: ClusterClient, namespace: string): Promise<void> {
  const found = await cluster.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  if (found !== undefined) throw new Error(`namespace ${namespace} is left behind`);
}
