import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../../domain/errors.ts';
import { arrayAt, stringAt, valueAt } from '../../../domain/json.ts';
import { describeObject, type KubernetesObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

const pollMs = 100;
const timeoutMs = 30_000;

/**
 * Resolves when the kinds that a ready CRD or APIService brings are served: that lags a little behind `Established`, and a
 * custom resource applied in between would be refused.
 */
export async function awaitPublication(
  client: ClusterClient,
  live: KubernetesObject,
  signal: AbortSignal,
): Promise<void> {
  const kinds = kindsBroughtBy(live);
  if (kinds === undefined) return;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    client.discovery.invalidate();
    const served = await Promise.all(
      kinds.map(({ apiVersion, kind }) => client.discovery.resourceFor(apiVersion, kind, { signal })),
    );
    if (served.every((resource) => resource !== undefined)) return;
    if (Date.now() > deadline) throw notPublished(live);
    await sleep(pollMs, undefined, { signal });
  }
}

type Brought = { readonly apiVersion: string; readonly kind: string };

/** An APIService names no kinds: reading discovery anew is all that can be done. */
function kindsBroughtBy(live: KubernetesObject): readonly Brought[] | undefined {
  if (live.kind === 'APIService') return [];
  if (live.kind !== 'CustomResourceDefinition') return undefined;
  const group = stringAt(live, 'spec', 'group') ?? '';
  const kind = stringAt(live, 'spec', 'names', 'kind') ?? '';
  return arrayAt(live, 'spec', 'versions')
    .filter((version) => valueAt(version, 'served') === true)
    .map((version) => ({ apiVersion: `${group}/${stringAt(version, 'name') ?? ''}`, kind }));
}

function notPublished(live: KubernetesObject): SlipwayError {
  return new SlipwayError(
    'timedOut',
    `${describeObject(referenceOf(live))} is established, but its kind is still not served`,
    {
      fix: 'look into the log of the API server: its discovery does not follow',
    },
  );
}
