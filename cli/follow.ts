import { SlipwayError } from '../domain/errors.ts';
import { operationSchema, progressEntrySchema } from '../domain/operation.ts';
import type { Operation, ProgressEntry } from '../domain/operation.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';
import { readStream } from './event-stream.ts';

export type FollowOptions = {
  readonly client: Client;
  readonly operationId: string;
  /** Aborted when the caller no longer wants to wait; the operation goes on. */
  readonly signal: AbortSignal;
  readonly onEntry: (entry: ProgressEntry) => void;
  readonly onConnection: (connected: boolean) => void;
};

/** Reads an operation's stream to its end, through restarts of the API, and gives the operation as it ended. */
export async function followOperation(options: FollowOptions): Promise<Operation> {
  const { client, operationId, signal, onEntry, onConnection } = options;
  const path = apiPath('operations', operationId, 'stream');
  for await (const { data } of readStream(client, { path, signal, onConnection })) {
    onEntry(progressEntrySchema.parse(JSON.parse(data)));
  }
  if (signal.aborted) throw new SlipwayError('cancelled', `no longer waiting for ${operationId}`);
  return client.get({ schema: operationSchema, path: apiPath('operations', operationId) });
}
