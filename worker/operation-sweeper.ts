import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database } from '../infra/database/database.ts';
import { createOperationActivities } from '../activities/operations.ts';
import { listOperations, listStartable, type StoredOperation } from '../infra/database/operations.ts';
import { purge } from '../infra/database/retention.ts';
import type { Log } from '../infra/log.ts';
import { startOperation } from '../infra/temporal/start-operation.ts';

export type SweeperDependencies = { readonly database: Database; readonly client: Client; readonly log: Log };

const startEveryMs = 1_000;
const lookEveryRounds = 20;
const purgeEveryRounds = 3_600;
/** How long the live stream of an operation stays after its end. */
const streamKeptMs = 30 * 24 * 60 * 60 * 1_000;
/** An operation that its own API process is about to start is left to it. */
const startAfterMs = 1_000;

/**
 * Starts operations that were accepted and whose workflow nobody started, because a process died in between or Temporal was
 * away, ends those whose workflow was ended from outside, and clears away what is long over. Runs until the signal fires.
 */
export async function sweepOperations(
  { database, client, log }: SweeperDependencies,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    try {
      await startForgotten(database, client);
      if (round % lookEveryRounds === 0) await concludeLost(database, client);
      if (round % purgeEveryRounds === 0) await purgeStreams(database);
    } catch (error) {
      log.warn({ error }, 'the sweep of operations failed; it is tried again');
    }
    await sleep(startEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

async function purgeStreams(database: Database): Promise<void> {
  await purge(database, { finishedBefore: new Date(Date.now() - streamKeptMs).toISOString() });
}

async function startForgotten(database: Database, client: Client): Promise<void> {
  const olderThan = new Date(Date.now() - startAfterMs).toISOString();
  for (const operation of await listStartable(database, olderThan)) await startOperation(client, operation);
}

async function concludeLost(database: Database, client: Client): Promise<void> {
  const { items } = await listOperations(database, { states: ['running', 'paused', 'compensating'], limit: 200 });
  for (const operation of items) {
    if (await isCarriedOut(client, operation)) continue;
    const error = {
      code: 'failed',
      message: 'its workflow was ended from outside',
      fix: 'start the operation again: it goes on from what is there',
      findings: [],
    };
    await createOperationActivities({ database }).endOperation({
      operationId: operation.id,
      state: 'failed',
      error,
      left: [],
    });
  }
}

async function isCarriedOut(client: Client, { workflowId }: StoredOperation): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
