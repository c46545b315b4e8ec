import { generation, kubernetes } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { runOperation } from './run-operation.ts';

/** Reaches a registered cluster, repository or registry and records what it is, or why it cannot be reached. */
export async function testConnection(input: OperationInput): Promise<void> {
  await runOperation(input, {
    work: ({ control, operation: { isOnSource } }) =>
      control.interruptible('validate', () =>
        isOnSource ? generation.testSource(input) : kubernetes.testConnection(input),
      ),
  });
}
