import { arrayAt, isJsonObject, stringAt, valueAt } from '../../../domain/json.ts';
import { describeObject, type KubernetesObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

export type StuckExplanation = {
  readonly message: string;
  readonly fix: string;
  /** Those that hold the object; none where it is something else. */
  readonly finalizers: readonly string[];
};

/** Why an object that was deleted is still there: its finalizers and who wrote them, or what a namespace says of itself. */
export async function explainStuck(
  client: ClusterClient,
  live: KubernetesObject,
  signal: AbortSignal,
): Promise<StuckExplanation | undefined> {
  const finalizers = live.metadata.finalizers ?? [];
  const conditions = namespaceConditions(live);
  if (conditions.length > 0) {
    return {
      message: `the namespace is held up: ${conditions.join('; ')}`,
      fix: 'remove what the message names, or repair the API service that cannot be read; the undeploy goes on by itself',
      finalizers: [],
    };
  }
  if (finalizers.length === 0) return undefined;
  const writer = finalizerWriterOf(live);
  const controller = writer === undefined ? undefined : await findController(client, writer, signal);
  return {
    message: `waits for the finalizers ${finalizers.join(', ')}${describeWriter(writer, controller)}`,
    fix:
      controller?.isRunning === false || (writer !== undefined && controller === undefined)
        ? `start the controller again so that it can clean up, or, if that is lost for good, remove the finalizers: ${patchCommand(live)}`
        : 'look into the log of the controller; the undeploy goes on by itself when the finalizers are gone',
    finalizers,
  };
}

const troubleTypes = new Set([
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
]);

function namespaceConditions(live: KubernetesObject): readonly string[] {
  if (live.kind !== 'Namespace') return [];
  return arrayAt(live, 'status', 'conditions')
    .filter(
      (condition) => troubleTypes.has(stringAt(condition, 'type') ?? '') && valueAt(condition, 'status') === 'True',
    )
    .map((condition) => stringAt(condition, 'message') ?? '');
}

/** The field manager that set the finalizers: by convention the name of the controller. */
function finalizerWriterOf(live: KubernetesObject): string | undefined {
  const entry = arrayAt(live, 'metadata', 'managedFields').find((managed) =>
    isJsonObject(valueAt(managed, 'fieldsV1', 'f:metadata', 'f:finalizers')),
  );
  return stringAt(entry, 'manager');
}

type Controller = { readonly name: string; readonly isRunning: boolean };

/** The workload whose name matches the field manager, if there is one. */
async function findController(
  client: ClusterClient,
  manager: string,
  signal: AbortSignal,
): Promise<Controller | undefined> {
  const { objects } = await client.list({ apiVersion: 'apps/v1', kind: 'Deployment' }, { signal });
  const found = objects.find(({ metadata }) => metadata.name === manager || manager.startsWith(metadata.name));
  if (found === undefined) return undefined;
  const available = valueAt(found, 'status', 'availableReplicas');
  return { name: describeObject(referenceOf(found)), isRunning: typeof available === 'number' && available > 0 };
}

function describeWriter(writer: string | undefined, controller: Controller | undefined): string {
  if (writer === undefined) return '';
  if (controller === undefined) return `, set by ${writer}, of which no workload was found`;
  return `, set by ${writer} (${controller.name}, which ${controller.isRunning ? 'runs' : 'does not run'})`;
}

function patchCommand(live: KubernetesObject): string {
  const { namespace, name } = live.metadata;
  const scope = namespace === undefined ? '' : ` -n ${namespace}`;
  return `kubectl patch ${live.kind.toLowerCase()} ${name}${scope} --type merge -p '{"metadata":{"finalizers":null}}'`;
}
