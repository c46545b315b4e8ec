import type { KubernetesObject, ObjectReference } from '../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import type { DevelopmentCluster } from '../../infra/runtime/development-cluster.ts';
import type { SupervisedProcess } from '../../infra/runtime/process.ts';
import type { Fleet } from './fleet.ts';

const node: ObjectReference = { apiVersion: 'v1', kind: 'Node', name: 'development-1' };
const finalizer = 'slipway.test/hold';

/** Lets the gate of a fleet become ready. */
export async function openGate(cluster: ClusterClient, { gateLabel }: Fleet): Promise<void> {
  const body = { metadata: { labels: { [gateLabel]: 'open' } } };
  await cluster.patch(node, { type: 'merge', body }, { fieldManager: 'test' });
}

/** Keeps an object from going when it is deleted. */
export async function holdDeletion(cluster: ClusterClient, reference: ObjectReference): Promise<void> {
  await setFinalizers(cluster, reference, [finalizer]);
}

export async function letGo(cluster: ClusterClient, reference: ObjectReference): Promise<void> {
  await setFinalizers(cluster, reference, null);
}

async function setFinalizers(
  cluster: ClusterClient,
  reference: ObjectReference,
  finalizers: readonly string[] | null,
): Promise<KubernetesObject> {
  const body = { metadata: { finalizers: finalizers === null ? null : [...finalizers] } };
  return (await cluster.patch(reference, { type: 'merge', body }, { fieldManager: 'test' })).object;
}

/**
 * What leader election does to controllers that could not reach the API server for 10 s: they exit and are started anew
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager, --leader-elect-renew-deadline).
 * A development cluster elects nobody: its controllers would go on with what they tried in vain meanwhile after minutes.
 */
export async function restartControllers({ components }: DevelopmentCluster): Promise<void> {
  const controllers = [components['kube-controller-manager'], components['kube-scheduler']];
  await Promise.all(controllers.map((controller) => controller.kill()));
  await Promise.all(controllers.map((controller) => controller.start()));
}

/** Stops a process in its tracks: it takes requests and answers none. */
export function freeze(frozen: SupervisedProcess): void {
  signal(frozen, 'SIGSTOP');
}

export function thaw(frozen: SupervisedProcess): void {
  signal(frozen, 'SIGCONT');
}

/** Tells a process to end, as an operator or an orchestrator does. */
export function terminate(running: SupervisedProcess): void {
  signal(running, 'SIGTERM');
}

function signal({ name, pid }: SupervisedProcess, signalName: NodeJS.Signals): void {
  const id = pid();
  if (id === undefined) throw new Error(`${name} does not run`);
  process.kill(id, signalName);
}
