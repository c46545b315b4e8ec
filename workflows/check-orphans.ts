import { kubernetes } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { runOperation } from './run-operation.ts';

/** Looks for objects that a deployment left behind, and removes them where asked. */
export async function checkOrphans(input: OperationInput): Promise<void> {
  await runOperation(input, {
    work: async ({ control }) => {
      await control.interruptible('orphanCheck', () => kubernetes.checkOrphans(input));
    },
  });
}
