import { objectKey, type ObjectReference } from '../../../domain/kubernetes-object.ts';
import { componentAnnotation, deploymentLabel, keptForAnnotation } from '../../../domain/ownership.ts';
import { otherOwners } from '../../../infra/database/inventory.ts';
import type { OperationContext } from './operation-context.ts';

/** Takes the deployment's mark off objects that stay, or hands them to the deployment that shares them. */
export async function releaseKept(context: OperationContext, references: readonly ObjectReference[]): Promise<void> {
  if (references.length === 0) return;
  const { database, deployment } = context;
  const owners = await otherOwners(database, {
    connectionId: deployment.connectionId,
    keys: references.map(objectKey),
    exceptDeploymentId: deployment.id,
  });
  const heirs = new Map(owners.map(({ key, deploymentId }) => [key, deploymentId]));
  await Promise.all(references.map((reference) => release(context, reference, heirs.get(objectKey(reference)))));
}

async function release(
  { client, deployment, signal }: OperationContext,
  reference: ObjectReference,
  heir: string | undefined,
): Promise<void> {
  const live = await client.find(reference, { metadataOnly: true, signal });
  if (live === undefined || live.metadata.labels?.[deploymentLabel] !== deployment.id) return;
  const annotations = heir === undefined ? { [componentAnnotation]: null, [keptForAnnotation]: deployment.id } : {};
  const body = { metadata: { uid: live.metadata.uid ?? '', labels: { [deploymentLabel]: heir ?? null }, annotations } };
  await client.patch(reference, { type: 'merge', body }, { fieldManager: 'slipway-release', signal });
}
