import { SlipwayError } from '../domain/errors.ts';
import { updateConnectionStatus } from '../infra/database/connections.ts';
import type { Database } from '../infra/database/database.ts';
import { requireOperation } from '../infra/database/operations.ts';

/**
 * Reaches what the connection of an operation leads to, and records why it cannot be used where `probe` throws a SlipwayError.
 * Throws that as SlipwayError `failed`, which is not tried again; other errors as they are.
 */
export async function probeConnection(
  database: Database,
  operationId: string,
  probe: (connectionId: string) => Promise<void>,
): Promise<void> {
  const { connectionId } = await requireOperation(database, operationId);
  if (connectionId === null) throw new SlipwayError('invalid', 'the operation names no connection');
  try {
    await probe(connectionId);
  } catch (error) {
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
}
