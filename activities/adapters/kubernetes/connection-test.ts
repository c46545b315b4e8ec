import { SlipwayError } from '../../../domain/errors.ts';
import { updateConnectionStatus } from '../../../infra/database/connections.ts';
import { requireOperation, setResult } from '../../../infra/database/operations.ts';
import type { OperationInput } from '../../../domain/operation.ts';
import { failConnection } from '../../fail-connection.ts';
import type { KubernetesDependencies } from './operation-context.ts';

/** Reaches the cluster of a connection and records its version, or why it cannot be used. */
export async function testConnection(
  { database, clusters }: KubernetesDependencies,
  { operationId }: OperationInput,
  signal: AbortSignal,
): Promise<void> {
  const { connectionId } = await requireOperation(database, operationId);
  if (connectionId === null) throw new SlipwayError('invalid', 'the operation names no connection');
  try {
    const client = await clusters.open(connectionId);
    const { gitVersion } = await client.version({ signal, retryForMs: 5_000 });
    const identity = await client.find(
      { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' },
      { metadataOnly: true, signal },
    );
    await updateConnectionStatus(database, {
      id: connectionId,
      status: 'connected',
      version: gitVersion,
      message: null,
    });
    await setResult(database, {
      id: operationId,
      result: { version: gitVersion, clusterId: identity?.metadata.uid ?? null },
    });
  } catch (error) {
    await failConnection(database, connectionId, error);
  }
}
