import type { OperationKind } from './operation.ts';

/** The workflow that carries out each kind of operation. */
const workflowTypes = {
  deploy: 'deploy',
  rollback: 'deploy',
  undeploy: 'undeploy',
  plan: 'plan',
  orphanCheck: 'checkOrphans',
  connectionTest: 'testConnection',
  modelGeneration: 'generateModels',
  modelPush: 'pushModel',
} as const satisfies Record<OperationKind, string>;

export type WorkflowType = (typeof workflowTypes)[OperationKind];

export function workflowTypeOf(kind: OperationKind): WorkflowType {
  return workflowTypes[kind];
}

/** Whether operations of this kind hold their deployment, so that no two of them run together. */
export function changesDeployment(kind: OperationKind): boolean {
  return kind === 'deploy' || kind === 'rollback' || kind === 'undeploy';
}

/** The workflow id of an operation: one for all that change a deployment, so that no two of them run together. */
export function workflowIdOf(operation: { id: string; kind: OperationKind; deploymentId: string | null }): string {
  return changesDeployment(operation.kind) && operation.deploymentId !== null
    ? `deployment/${operation.deploymentId}`
    : `operation/${operation.id}`;
}
