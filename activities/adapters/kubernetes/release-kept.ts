import type { JsonObject } from '../../../domain/json.ts';
import { type KubernetesObject, objectKey, type ObjectReference } from '../../../domain/kubernetes-object.ts';
import { componentAnnotation, deploymentLabel, keptForLabel } from '../../../domain/ownership.ts';
import { otherOwners, readInventory } from '../../../infra/database/inventory.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Takes the deployment's mark off objects that stay, or hands them to the deployment that shares them. Call it before they leave
 * the inventory: what has no mark and was never in it is a claim that a StatefulSet made, or was kept before.
 */
export async function releaseKept(context: OperationContext, references: readonly ObjectReference[]): Promise<void> {
  if (references.length === 0) return;
  const { database, deployment } = context;
  const owners = await otherOwners(database, {
    connectionId: deployment.connectionId,
    keys: references.map(objectKey),
    exceptDeploymentId: deployment.id,
  });
  const heirs = new Map(owners.map(({ key, deploymentId }) => [key, deploymentId]));
  const owned = new Set((await Array.fromAsync(readInventory(database, deployment.id))).map(({ key }) => key));
  await Promise.all(
    references.map((reference) => {
      const key = objectKey(reference);
      return release(context, { reference, heir: heirs.get(key), isOwned: owned.has(key) });
    }),
  );
}

type Release = {
  readonly reference: ObjectReference;
  readonly heir: string | undefined;
  /** Whether it is in the inventory. */
  readonly isOwned: boolean;
};

async function release({ client, deployment, signal }: OperationContext, kept: Release): Promise<void> {
  const live = await client.find(kept.reference, { metadataOnly: true, signal });
  if (live === undefined || !isReleasable(live, kept, deployment.id)) return;
  const body = { metadata: { uid: live.metadata.uid ?? '', ...marksAfter(kept, deployment.id) } };
  await client.patch(kept.reference, { type: 'merge', body }, { fieldManager: 'slipway-release', signal });
}

function isReleasable({ metadata }: KubernetesObject, { isOwned }: Release, deploymentId: string): boolean {
  const mark = metadata.labels?.[deploymentLabel];
  return mark === deploymentId || (mark === undefined && !isOwned);
}

function marksAfter({ heir }: Release, deploymentId: string): JsonObject {
  if (heir !== undefined) return { labels: { [deploymentLabel]: heir, [keptForLabel]: null } };
  return {
    labels: { [deploymentLabel]: null, [keptForLabel]: deploymentId },
    annotations: { [componentAnnotation]: null },
  };
}
