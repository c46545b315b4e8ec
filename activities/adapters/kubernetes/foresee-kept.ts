import { objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { RemovalPolicy } from '../../../domain/operation.ts';
import type { PlanChange } from '../../../domain/plan-changes.ts';
import type { OperationContext } from './operation-context.ts';
import type { RemovalPlan } from './plan-removal.ts';
import { isGuarded, objectionTo } from './removal-guards.ts';

/** The changes of a removal, with what its run will keep if the cluster stays as it is: the run itself asks again, each in its turn. */
export async function foreseeKept(
  { client, deployment, signal }: OperationContext,
  { changes, live }: RemovalPlan,
  policy: RemovalPolicy,
): Promise<readonly PlanChange[]> {
  const going = new Set(changes.filter(({ action }) => action === 'delete').map(({ key }) => key));
  return Promise.all(
    changes.map(async (change) => {
      const object = live.get(change.key);
      if (object === undefined || change.action !== 'delete' || !isGuarded(referenceOf(object))) return change;
      const message = await objectionTo(
        { client, deploymentId: deployment.id, object, signal },
        { ...policy, isGoing: (other) => going.has(objectKey(referenceOf(other))) },
      );
      return message === undefined ? change : { ...change, action: 'keep' as const, predicted: true, message };
    }),
  );
}
