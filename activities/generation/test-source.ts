import type { OperationInput } from '../../domain/operation.ts';
import { readSourceCredential, updateConnectionStatus } from '../../infra/database/connections.ts';
import { reachSource } from '../../infra/model-source/reach-source.ts';
import { probeConnection } from '../probe-connection.ts';
import type { GenerationDependencies } from './dependencies.ts';

/** Reaches the repository or registry of a connection, and records that it lets Slipway in, or why it does not. */
export async function testSource(
  { database, probe, git, home }: GenerationDependencies,
  { operationId }: OperationInput,
  signal: AbortSignal,
): Promise<void> {
  await probeConnection(database, operationId, async (id) => {
    await reachSource({ web: probe, git, home }, await readSourceCredential(database, id), signal);
    await updateConnectionStatus(database, { id, status: 'connected', version: null, message: null });
  });
}
