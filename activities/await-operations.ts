import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../domain/errors.ts';
import { isFinal } from '../domain/operation.ts';
import type { Database } from '../infra/database/database.ts';
import { requireOperation } from '../infra/database/operations.ts';

const pollMs = 250;

/** Returns when all of the operations have ended. Throws SlipwayError `failed` at the first that did not succeed. */
export async function awaitOperations(
  database: Database,
  operationIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const id of operationIds) await awaitOperation(database, id, signal);
}

async function awaitOperation(database: Database, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { state, error } = await requireOperation(database, id);
    if (state === 'succeeded') return;
    if (isFinal(state)) {
      throw new SlipwayError(
        'failed',
        `operation ${id}, which had to go first, ${state}: ${error?.message ?? 'no reason is known'}`,
        {
          fix: `See \`slipway operation get ${id}\`.`,
          details: { operationId: id },
        },
      );
    }
    await sleep(pollMs, undefined, { signal });
  }
}
