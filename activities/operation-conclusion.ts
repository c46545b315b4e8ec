import type { Deployment, DeploymentState } from '../domain/deployment.ts';
import { changesDeployment } from '../domain/operation-workflow.ts';
import type { Database } from '../infra/database/database.ts';
import {
  type DeploymentMove,
  findDeployment,
  hasHeldObjects,
  setDeploymentState,
} from '../infra/database/deployments.ts';
import { unlinkPrerequisites } from '../infra/database/prerequisites.ts';
import type { StoredOperation } from '../infra/database/operations.ts';

export type Conclusion = {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly left: readonly string[];
};

type Move = Omit<DeploymentMove, 'id'>;

/** Sets the deployment to what the end of its operation made of it. */
export async function concludeDeployment(
  database: Database,
  operation: StoredOperation,
  conclusion: Conclusion,
): Promise<void> {
  if (operation.deploymentId === null || !changesDeployment(operation.kind)) return;
  const deployment = await findDeployment(database, operation.deploymentId);
  if (deployment === undefined) return;
  const move = await asNewIfEmpty(database, deployment.id, moveOf(deployment, operation, conclusion));
  if (move.to === 'undeployed' || move.to === 'new') await unlinkPrerequisites(database, deployment.id);
  await setDeploymentState(database, { id: deployment.id, ...move });
}

/** A deployment whose first operations were all refused is as new. */
async function asNewIfEmpty(database: Database, id: string, move: Move): Promise<Move> {
  return move.to === 'undeployed' && !(await hasHeldObjects(database, id)) ? { ...move, to: 'new' } : move;
}

function moveOf(deployment: Deployment, operation: StoredOperation, conclusion: Conclusion): Move {
  const isUndeploy = operation.kind === 'undeploy';
  if (conclusion.state === 'succeeded') {
    return isUndeploy ? { to: 'undeployed', revision: null } : { to: 'live', revision: operation.revision };
  }
  const to = stateAfterFailure(deployment, isUndeploy, conclusion);
  return to === 'undeployed' ? { to, revision: null } : { to };
}

/** Compensated without a remainder, the deployment is again what it was; else part of it is live. */
function stateAfterFailure(deployment: Deployment, isUndeploy: boolean, { left }: Conclusion): DeploymentState {
  if (deployment.objectCount === 0) return 'undeployed';
  if (isUndeploy || left.length > 0 || deployment.revision === null) return 'degraded';
  return 'live';
}
