import type { OperationInput } from '../domain/operation.ts';
import { generation } from './activities.ts';
import { runOperation } from './run-operation.ts';

/** Sends a stored model to an OCI registry as a package. What the registry has already is not sent again. */
export async function pushModel(input: OperationInput): Promise<void> {
  await runOperation(input, {
    work: ({ control }) => control.interruptible('push', () => generation.pushModel(input)),
  });
}
