import { isJsonObject, stringAt, valueAt } from '../../../domain/json.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { readinessOf } from '../../../domain/readiness.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'ReplicationController']);
const maximumPods = 50;

/** Why a workload is not ready, from the pod that has the worst news; undefined where its pods say nothing. */
export async function explainSlowness(
  client: ClusterClient,
  object: KubernetesObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  const labelSelector = workloadKinds.has(object.kind) ? selectorOf(object) : undefined;
  if (labelSelector === undefined) return undefined;
  const { objects } = await client.list(
    { apiVersion: 'v1', kind: 'Pod' },
    { namespace: object.metadata.namespace, labelSelector, signal },
  );
  const context = { mode: 'strict', now: new Date() } as const;
  const troubles = objects
    .slice(0, maximumPods)
    .map((pod) => ({ name: pod.metadata.name, readiness: readinessOf(pod, context) }))
    .filter(({ readiness }) => readiness.status !== 'ready')
    .toSorted((a, b) => Number(b.readiness.status === 'failed') - Number(a.readiness.status === 'failed'));
  const [worst] = troubles;
  return worst === undefined ? undefined : `Pod ${worst.name}: ${worst.readiness.message}`;
}

function selectorOf(object: KubernetesObject): string | undefined {
  const labels = valueAt(object, 'spec', 'selector', 'matchLabels') ?? valueAt(object, 'spec', 'selector');
  if (!isJsonObject(labels)) return undefined;
  const terms = Object.keys(labels).map((name) => `${name}=${stringAt(labels, name) ?? ''}`);
  return terms.length === 0 ? undefined : terms.join(',');
}
