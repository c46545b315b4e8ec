import { SlipwayError } from '../../domain/errors.ts';
import type { OperationInput } from '../../domain/operation.ts';
import { readSourceCredential, updateConnectionStatus } from '../../infra/database/connections.ts';
import { requireOperation } from '../../infra/database/operations.ts';
import { reachSource } from '../../infra/model-source/reach-source.ts';
import { failConnection } from '../fail-connection.ts';
import type { GenerationDependencies } from './dependencies.ts';

/** Reaches the repository or registry of a connection, and records that it lets Slipway in, or why it does not. */
export async function testSource(
  { database, probe, git, home }: GenerationDependencies,
  { operationId }: OperationInput,
  signal: AbortSignal,
): Promise<void> {
  const { connectionId } = await requireOperation(database, operationId);
  if (connectionId === null) throw new SlipwayError('invalid', 'the operation names no connection');
  try {
    await reachSource({ web: probe, git, home }, await readSourceCredential(database, connectionId), signal);
    await updateConnectionStatus(database, { id: connectionId, status: 'connected', version: null, message: null });
  } catch (error) {
    await failConnection(database, connectionId, error);
  }
}
