import { kubernetes } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { runOperation } from './run-operation.ts';
import { settlePrerequisites } from './settle-prerequisites.ts';

/**
 * Takes a deployment out of its cluster in order, then proves that nothing is left or says what is. What was removed stays
 * removed when it is interrupted: the next undeploy goes on from there.
 */
export async function undeploy(input: OperationInput): Promise<void> {
  await runOperation(input, {
    work: async ({ operation, control }) => {
      await control.interruptible('plan', () =>
        operation.hasPlan ? kubernetes.adoptPlan(input) : kubernetes.plan(input),
      );
      await control.interruptible('remove', () => kubernetes.remove(input));
      await control.interruptible('orphanCheck', () => kubernetes.checkOrphans(input));
      if (operation.withPrerequisites) await control.interruptible('prerequisites', () => settlePrerequisites(input));
    },
  });
}
