import { SlipwayError } from '../../../domain/errors.ts';
import type { Deployment } from '../../../domain/deployment.ts';
import type { OperationInput, OperationPhase } from '../../../domain/operation.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { Clusters } from '../../../infra/clusters.ts';
import type { Database } from '../../../infra/database/database.ts';
import { requireDeployment } from '../../../infra/database/deployments.ts';
import { readOperationOptions, requireOperation, type StoredOperation } from '../../../infra/database/operations.ts';
import { tellPhase } from '../../../infra/database/progress.ts';
import type { ChartRenderer } from '../../../infra/registry/chart-renderer.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

export type KubernetesDependencies = {
  readonly database: Database;
  readonly clusters: Clusters;
  readonly charts: ChartRenderer;
};

/** What every activity on a deployment works with. */
export type OperationContext = {
  readonly database: Database;
  readonly charts: ChartRenderer;
  readonly operation: StoredOperation;
  readonly options: JsonObject;
  readonly deployment: Deployment;
  readonly client: ClusterClient;
  readonly signal: AbortSignal;
};

/** Throws SlipwayError `notFound` and `invalid`. */
export async function openOperation(
  { database, clusters, charts }: KubernetesDependencies,
  { operationId }: OperationInput,
  signal: AbortSignal,
): Promise<OperationContext> {
  const operation = await requireOperation(database, operationId);
  if (operation.deploymentId === null) throw new SlipwayError('invalid', `operation ${operationId} has no deployment`);
  const deployment = await requireDeployment(database, operation.deploymentId);
  const [client, options] = await Promise.all([
    clusters.open(deployment.connectionId),
    readOperationOptions(database, operationId),
  ]);
  // The activity before may have run in another worker, and brought kinds.
  client.discovery.doubtMisses();
  return { database, charts, operation, options, deployment, client, signal };
}

/** Tells people which phase has begun. A worker that goes on with it does not tell it again. */
export async function enterPhase({ database, operation }: OperationContext, phase: OperationPhase): Promise<void> {
  await tellPhase(database, { operationId: operation.id, phase });
}
