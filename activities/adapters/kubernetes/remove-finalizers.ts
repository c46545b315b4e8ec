import { type KubernetesObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import { isApiError, isNotFound } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

export type FinalizerRemoval = { readonly object: KubernetesObject; readonly finalizers: readonly string[] };

/** Another writer may be at the object at the same time. */
const maximumAttempts = 5;

/** Takes exactly these finalizers off this very object, if it is still there. Throws ApiError. */
export async function removeFinalizers(
  client: ClusterClient,
  removal: FinalizerRemoval,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await tryToRemove(client, removal, signal);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      const wasChanged = isApiError(error) && error.status === 409;
      if (!wasChanged || attempt === maximumAttempts) throw error;
    }
  }
}

/** The server refuses the patch when the object is another one by then, or was changed. */
async function tryToRemove(
  client: ClusterClient,
  { object, finalizers }: FinalizerRemoval,
  signal: AbortSignal,
): Promise<void> {
  const reference = referenceOf(object);
  const live = await client.find(reference, { metadataOnly: true, signal });
  if (live === undefined || live.metadata.uid !== object.metadata.uid) return;
  const present = live.metadata.finalizers ?? [];
  const remaining = present.filter((finalizer) => !finalizers.includes(finalizer));
  if (remaining.length === present.length) return;
  const { uid = '', resourceVersion = '' } = live.metadata;
  const body = { metadata: { uid, resourceVersion, finalizers: remaining } };
  await client.patch(reference, { type: 'merge', body }, { fieldManager: 'slipway-resolve', signal });
}
