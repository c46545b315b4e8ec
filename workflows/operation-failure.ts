import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { OperationError } from '../domain/operation.ts';
import { OperationCancelled } from './operation-control.ts';

/** What the books say of the error that ended an operation. */
export function describeFailure(error: unknown): OperationError {
  if (error instanceof OperationCancelled) return { code: 'cancelled', message: error.message, findings: [] };
  const cause = error instanceof ActivityFailure ? (error.cause ?? error) : error;
  if (cause instanceof ApplicationFailure) {
    const fix = fixOf(cause);
    return {
      code: cause.type ?? 'failed',
      message: cause.message,
      ...(fix === undefined ? {} : { fix }),
      findings: [],
    };
  }
  if (cause instanceof TimeoutFailure) {
    return {
      code: 'unavailable',
      message: 'no worker finished the work in time',
      fix: 'check that a worker runs for the task queue of the adapter: `slipway doctor`',
      findings: [],
    };
  }
  return { code: 'failed', message: cause instanceof Error ? cause.message : String(cause), findings: [] };
}

function fixOf(failure: ApplicationFailure): string | undefined {
  const [first]: unknown[] = failure.details ?? [];
  if (typeof first !== 'object' || first === null || !('fix' in first)) return undefined;
  return typeof first.fix === 'string' ? first.fix : undefined;
}
