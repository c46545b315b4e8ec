import { ApplicationFailure } from '@temporalio/common';
import { isRetryable, SlipwayError } from '../domain/errors.ts';

type AsyncFunction<Input, Output> = (input: Input) => Promise<Output>;

/**
 * The only place where a domain error becomes a Temporal failure, which says whether a retry can help. Bugs and
 * cancellations pass through as they are.
 */
export function toFailure(error: unknown): unknown {
  if (!(error instanceof SlipwayError)) return error;
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !isRetryable(error.code),
    details: [{ code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) }],
    cause: error,
  });
}

/** The activity with its domain errors turned into typed Temporal failures. */
export function withFailures<Input, Output>(activity: AsyncFunction<Input, Output>): AsyncFunction<Input, Output> {
  return async (input) => {
    try {
      return await activity(input);
    } catch (error) {
      throw toFailure(error);
    }
  };
}
