import type { BegunOperation } from '../activities/operations.ts';
import { books } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { controlOperation, OperationCancelled, type OperationControl } from './operation-control.ts';
import { describeFailure } from './operation-failure.ts';

export type OperationRun = { readonly input: OperationInput; readonly operation: BegunOperation; readonly control: OperationControl };

export type OperationBody = {
  readonly work: (run: OperationRun) => Promise<void>;
  /** Brings the deployment to the end that the operation's options ask for, after a failure or a cancel. */
  readonly compensate?: (run: OperationRun) => Promise<readonly string[]>;
};

/**
 * The frame of every operation: begun and finished in the books, interruptible in between, compensated when it fails. It
 * never fails as a workflow for what a person should read: that is in the operation.
 */
export async function runOperation(input: OperationInput, body: OperationBody): Promise<void> {
  const control = controlOperation(input.operationId, {
    paused: () => books.pauseOperation(input),
    resumed: () => books.resumeOperation(input),
  });
  const operation = await control.protected('parse', () => books.beginOperation(input));
  if (operation === null) return;
  const run = { input, operation, control };
  try {
    await body.work(run);
    await control.protected('sync', () => books.finishOperation({ ...input, state: 'succeeded' }));
  } catch (error) {
    const left = await control.protected('rollback', async () => body.compensate?.(run) ?? []);
    await control.protected('rollback', () =>
      books.finishOperation({
        ...input,
        state: error instanceof OperationCancelled ? 'cancelled' : 'failed',
        error: describeFailure(error),
        left,
      }),
    );
  }
}
