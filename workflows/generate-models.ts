import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { SourceFailure } from '../activities/generation/source-input.ts';
import type { OperationInput } from '../domain/operation.ts';
import { books, generation } from './activities.ts';
import { describeFailure } from './operation-failure.ts';
import { runOperation } from './run-operation.ts';

/** How many sources of one operation are read at once. */
const lanes = 4;

/**
 * Makes models of sources: each is fetched, read, checked, stored and published by itself, so that a bad one does not hold up
 * the others. A source that is not finished leaves nothing behind.
 */
export async function generateModels(input: OperationInput): Promise<void> {
  const finished = new Set<number>();
  await runOperation(input, {
    work: async ({ control }) => {
      const count = await control.interruptible('generate', () => books().prepareSources(input));
      const positions = Array.from({ length: count }, (_, position) => position);
      await control.interruptible('generate', () => readSources(input, positions, finished));
      const failure = await control.interruptible('generate', () => books().concludeSources(input));
      if (failure !== null) throw toFailure(failure);
    },
    compensate: async () => {
      await books().discardUnfinished(input);
      return [];
    },
  });
}

/** Ends when every lane has, so that after an interruption nothing goes on behind the back of the next try. */
async function readSources(input: OperationInput, positions: readonly number[], finished: Set<number>): Promise<void> {
  const waiting = positions.filter((position) => !finished.has(position));
  const lane = async (): Promise<void> => {
    for (let position = waiting.shift(); position !== undefined; position = waiting.shift()) {
      await readSource(input, position);
      finished.add(position);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

/** What the activity itself could not report, such as that no worker survives the source, becomes the source's failure. */
async function readSource(input: OperationInput, position: number): Promise<void> {
  try {
    await generation.generateFromSource({ ...input, position });
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message, fix } = describeFailure(error);
    const reason = { code, message, ...(fix === undefined ? {} : { fix }) };
    await books().failSource({ ...input, position, error: reason });
  }
}

function toFailure(failure: SourceFailure): ApplicationFailure {
  return ApplicationFailure.create({ type: failure.code, message: failure.message, details: [failure] });
}
