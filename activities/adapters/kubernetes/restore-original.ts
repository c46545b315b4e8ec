import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

/** Puts an adopted object back to what it was, its field managers included. */
export async function restoreOriginal(
  client: ClusterClient,
  { original, live }: { readonly original: KubernetesObject; readonly live: KubernetesObject },
  signal: AbortSignal,
): Promise<void> {
  const { resourceVersion } = live.metadata;
  const metadata = { ...original.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  await client.replace({ ...original, metadata }, { signal });
}
