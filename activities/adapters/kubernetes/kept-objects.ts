import { definitionType } from '../../../domain/custom-resource-definition.ts';
import { type KubernetesObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import { deploymentLabel, isKeptFor, keptForLabel } from '../../../domain/ownership.ts';
import type { PlanBody } from '../../../domain/plan-changes.ts';
import { type InventoryRow, recordIntended, updateInventory } from '../../../infra/database/inventory.ts';
import { isApiError } from '../../../infra/kubernetes/api-error.ts';
import type { ResourceType } from '../../../infra/kubernetes/resource.ts';
import type { OperationContext } from './operation-context.ts';

/** The kinds that an undeploy keeps for a reason that may be gone the next time. What asks to be kept asks so for ever. */
const keepableKinds: readonly ResourceType[] = [
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  { apiVersion: 'v1', kind: 'PersistentVolume' },
  { apiVersion: 'v1', kind: 'Namespace' },
  definitionType,
];

/** What an earlier operation kept for the deployment, as the inventory would hold it. */
export async function readKept(context: OperationContext): Promise<readonly InventoryRow[]> {
  const { operation, deployment } = context;
  const lists = await Promise.all(keepableKinds.map((kind) => listKept(context, kind)));
  return lists.flat().map((object) => {
    const reference = referenceOf(object);
    return {
      key: objectKey(reference),
      reference,
      component: `kept-${object.metadata.name}`,
      connectionId: deployment.connectionId,
      uid: object.metadata.uid ?? null,
      revision: operation.revision ?? 0,
      created: true,
      state: 'ready',
      appliedDigest: null,
      original: null,
    };
  });
}

/** Marks what the plan is to delete of it as the deployment's again, so that its removal is like any other. */
export async function takeBackKept(context: OperationContext, { changes }: PlanBody): Promise<void> {
  const { database, deployment, client, signal } = context;
  const doomed = new Set(changes.filter(({ action }) => action === 'delete').map(({ key }) => key));
  const rows = (await readKept(context)).filter(({ key }) => doomed.has(key));
  if (rows.length === 0) return;
  await recordIntended(database, {
    deploymentId: deployment.id,
    connectionId: deployment.connectionId,
    objects: rows.map(({ original: _original, ...row }) => row),
  });
  await updateInventory(database, {
    deploymentId: deployment.id,
    changes: rows.map(({ key, uid, state }) => ({ key, uid, state })),
  });
  const labels = { [deploymentLabel]: deployment.id, [keptForLabel]: null };
  await Promise.all(
    rows.map(({ reference, uid }) => {
      const body = { metadata: { uid: uid ?? '', labels } };
      return client.patch(reference, { type: 'merge', body }, { fieldManager: 'slipway-release', signal });
    }),
  );
}

/** A user who may not list a kind in all namespaces is not shown what was kept of it. */
async function listKept(
  { client, deployment, signal }: OperationContext,
  kind: ResourceType,
): Promise<readonly KubernetesObject[]> {
  try {
    const labelSelector = `${keptForLabel}=${deployment.id}`;
    const { objects } = await client.list(kind, { labelSelector, metadataOnly: true, signal });
    return objects.filter((object) => isKeptFor(object, deployment.id));
  } catch (error) {
    if (isApiError(error) && error.code === 'forbidden') return [];
    throw error;
  }
}
