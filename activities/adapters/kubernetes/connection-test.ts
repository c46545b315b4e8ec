import { updateConnectionStatus } from '../../../infra/database/connections.ts';
import { setResult } from '../../../infra/database/operations.ts';
import type { OperationInput } from '../../../domain/operation.ts';
import { probeConnection } from '../../probe-connection.ts';
import type { KubernetesDependencies } from './operation-context.ts';

/** Reaches the cluster of a connection and records its version, or why it cannot be used. */
export async function testConnection(
  { database, clusters }: KubernetesDependencies,
  { operationId }: OperationInput,
  signal: AbortSignal,
): Promise<void> {
  await probeConnection(database, operationId, async (id) => {
    const client = await clusters.open(id);
    const { gitVersion } = await client.version({ signal, retryForMs: 5_000 });
    const identity = await client.find(
      { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' },
      { metadataOnly: true, signal },
    );
    await updateConnectionStatus(database, { id, status: 'connected', version: gitVersion, message: null });
    await setResult(database, {
      id: operationId,
      result: { version: gitVersion, clusterId: identity?.metadata.uid ?? null },
    });
  });
}
