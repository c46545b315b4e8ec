import { SlipwayError } from '../domain/errors.ts';
import { updateConnectionStatus } from '../infra/database/connections.ts';
import type { Database } from '../infra/database/database.ts';

/** Records why a connection cannot be used. Throws it as SlipwayError `failed`, which is not tried again; other errors as they are. */
export async function failConnection(database: Database, connectionId: string, error: unknown): Promise<never> {
  if (!(error instanceof SlipwayError)) throw error;
  const { code, message, fix } = error;
  const isRefused = code === 'unauthenticated' || code === 'forbidden';
  await updateConnectionStatus(database, {
    id: connectionId,
    status: isRefused ? 'disconnected' : 'not found',
    message,
  });
  throw new SlipwayError('failed', message, { cause: error, ...(fix === undefined ? {} : { fix }) });
}
