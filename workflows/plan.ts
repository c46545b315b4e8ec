import { books, kubernetes } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { runOperation } from './run-operation.ts';

/** Makes and saves the plan of a deploy or an undeploy. Nothing is written to the cluster. */
export async function plan(input: OperationInput): Promise<void> {
  await runOperation(input, {
    work: async ({ operation, control }) => {
      if (operation.planKind === 'deploy') await control.interruptible('parse', () => books().parseDesign(input));
      await control.interruptible('plan', () => kubernetes.plan(input));
    },
  });
}
