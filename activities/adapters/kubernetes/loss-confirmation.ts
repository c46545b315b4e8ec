import type { Finding } from '../../../domain/finding.ts';
import type { RemovalPolicy } from '../../../domain/operation.ts';
import { objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import { isCustomResourceDefinition } from '../../../domain/custom-resource-definition.ts';
import { digestOf } from '../../../infra/digest.ts';
import type { OperationContext } from './operation-context.ts';
import type { RemovalPlan } from './plan-removal.ts';
import { foreignCustomResources, someOf } from './removal-guards.ts';

/** Short enough to type, and of no use for another list. */
const confirmationLength = 12;

/**
 * What `--remove-crds always` would take from others: nothing is removed before exactly this list is confirmed, as a
 * definition takes its custom resources in all namespaces with it.
 */
export async function unconfirmedLoss(
  { client, deployment, signal }: OperationContext,
  { changes, live }: RemovalPlan,
  policy: RemovalPolicy,
): Promise<readonly Finding[]> {
  if (policy.removeCrds !== 'always') return [];
  const definitions = changes
    .filter(({ action }) => action === 'delete')
    .flatMap(({ key }) => live.get(key) ?? [])
    .filter((object) => isCustomResourceDefinition(referenceOf(object)));
  const lists = await Promise.all(
    definitions.map((object) => foreignCustomResources({ client, deploymentId: deployment.id, object, signal })),
  );
  const lost = lists.flat();
  const confirmation = digestOf(lost.map((object) => objectKey(referenceOf(object))).toSorted()).slice(
    0,
    confirmationLength,
  );
  if (lost.length === 0 || policy.confirmLoss === confirmation) return [];
  return [
    {
      severity: 'error',
      code: 'cluster.foreignCustomResources',
      message: `${lost.length} custom resources of others would be deleted with their definition: ${someOf(lost)}`,
      fix: `undeploy with --remove-crds if-unused, or confirm that loss with --confirm-loss ${confirmation}`,
    },
  ];
}
