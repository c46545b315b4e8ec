import { makeContinueAsNewFunc } from '@temporalio/workflow';
import type { BegunOperation, NextOperation } from '../activities/operations.ts';
import { books } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { OperationCancelled, OperationControl } from './operation-control.ts';
import { describeFailure } from './operation-failure.ts';

export type OperationRun = {
  readonly input: OperationInput;
  readonly operation: BegunOperation;
  readonly control: OperationControl;
};

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
  const control = new OperationControl(input.operationId, {
    paused: () => books().pauseOperation(input),
    resumed: () => books().resumeOperation(input),
  });
  const operation = await control.protected('parse', () => books().beginOperation(input));
  if (operation === null) return;
  const next = await carryOut({ input, operation, control }, body);
  if (next !== null) await continueWith(next);
}

async function carryOut(run: OperationRun, body: OperationBody): Promise<NextOperation | null> {
  const { input, control } = run;
  try {
    await body.work(run);
    return await control.protected('sync', () => books().endOperation({ ...input, state: 'succeeded', left: [] }));
  } catch (error) {
    const left = await control.protected('rollback', () => compensate(run, body));
    const state = error instanceof OperationCancelled ? 'cancelled' : 'failed';
    return control.protected('rollback', () =>
      books().endOperation({ ...input, state, error: describeFailure(error), left }),
    );
  }
}

/** A compensation that fails is no reason to leave the operation open: what it did not do is said. */
async function compensate(run: OperationRun, { compensate: undo }: OperationBody): Promise<readonly string[]> {
  if (undo === undefined) return [];
  await books().beginCompensation(run.input);
  try {
    return await undo(run);
  } catch (error) {
    return [`compensation failed: ${describeFailure(error).message}`];
  }
}

/** The operation that waited for the deployment goes on in the same workflow id, so that none slips in between. */
function continueWith({ operationId, workflowType }: NextOperation): Promise<never> {
  return makeContinueAsNewFunc<(input: OperationInput) => Promise<void>>({ workflowType })({ operationId });
}
