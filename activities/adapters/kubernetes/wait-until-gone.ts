import { type KubernetesObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

/** Resolves when this very object is gone, or another has its name. Throws the signal's reason when it fires. */
export async function waitUntilGone(
  client: ClusterClient,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const resource = await client.discovery.resourceFor(apiVersion, kind, { signal });
  if (resource === undefined) return;
  const gone = new AbortController();
  const leave = (): void => gone.abort();
  const options = {
    namespace: metadata.namespace,
    fieldSelector: `metadata.name=${metadata.name}`,
    metadataOnly: true,
    signal: AbortSignal.any([signal, gone.signal]),
  };
  await client.watch(resource, options, async (event) => {
    if (event.type === 'deleted') leave();
    if (event.type === 'synced' && (await isGone(client, object, signal))) leave();
    if ((event.type === 'added' || event.type === 'modified') && event.object.metadata.uid !== metadata.uid) leave();
  });
  signal.throwIfAborted();
}

async function isGone(client: ClusterClient, object: KubernetesObject, signal: AbortSignal): Promise<boolean> {
  const live = await client.find(referenceOf(object), { signal });
  return live === undefined || live.metadata.uid !== object.metadata.uid;
}
