import { installedAdapters } from '../domain/design.ts';
import { SlipwayError } from '../domain/errors.ts';
import { hasErrors } from '../domain/finding.ts';
import {
  deployOptionsSchema,
  isFinal,
  type OnFailure,
  type OperationError,
  type OperationInput,
  planOptionsSchema,
  undeployOptionsSchema,
} from '../domain/operation.ts';
import { changesDeployment, type WorkflowType, workflowTypeOf } from '../domain/operation-workflow.ts';
import { findConnection } from '../infra/database/connections.ts';
import type { Database } from '../infra/database/database.ts';
import { readRevision } from '../infra/database/designs.ts';
import { setDeploymentState } from '../infra/database/deployments.ts';
import {
  finishOperation,
  readOperationOptions,
  requireOperation,
  setFindings,
  type StoredOperation,
  transitionOperation,
} from '../infra/database/operations.ts';
import { tellPhase } from '../infra/database/progress.ts';
import { adaptersOf } from './adapters-of.ts';
import { awaitOperations } from './await-operations.ts';
import { withFailures } from './failures.ts';
import { hasApplied } from './has-applied.ts';
import { heartbeating } from './heartbeat.ts';
import { concludeDeployment } from './operation-conclusion.ts';
import { recordOutcome } from './operation-events.ts';

export type BegunOperation = {
  readonly hasPlan: boolean;
  /** What a `plan` operation plans. */
  readonly planKind: 'deploy' | 'undeploy';
  readonly onFailure: OnFailure;
  /** Whether a deploy first installs what the target lacks, or an undeploy takes that away again. */
  readonly withPrerequisites: boolean;
  /** Whether the connection that is tested is a repository or a registry, not a cluster. Missing in older histories. */
  readonly isOnSource?: boolean;
};

export type OperationEnd = OperationInput & {
  readonly state: 'succeeded' | 'failed' | 'cancelled';
  readonly error?: OperationError;
  /** What compensation left behind. */
  readonly left: readonly string[];
};

export type AwaitedOperations = OperationInput & { readonly awaited: readonly string[] };

/** The operation that was waiting for the deployment, to go on with at once. */
export type NextOperation = { readonly operationId: string; readonly workflowType: WorkflowType };

/** Activities that keep the books of operations; all are idempotent. */
export type OperationActivities = {
  /** Null for an operation that has ended already. */
  readonly beginOperation: (input: OperationInput) => Promise<BegunOperation | null>;
  readonly parseDesign: (input: OperationInput) => Promise<void>;
  readonly pauseOperation: (input: OperationInput) => Promise<void>;
  readonly resumeOperation: (input: OperationInput) => Promise<void>;
  readonly beginCompensation: (input: OperationInput) => Promise<void>;
  /** Returns when the named operations have ended; throws `failed` when one of them did not succeed. */
  readonly awaitOperations: (input: AwaitedOperations) => Promise<void>;
  readonly endOperation: (input: OperationEnd) => Promise<NextOperation | null>;
};

/** What an operation can be in while its workflow runs. */
const liveStates = ['queued', 'running', 'paused', 'compensating'] as const;

export function createOperationActivities({ database }: { readonly database: Database }): OperationActivities {
  return {
    beginOperation: withFailures((input: OperationInput) => beginOperation(database, input)),
    parseDesign: withFailures((input: OperationInput) => parseDesign(database, input)),
    pauseOperation: withFailures((input: OperationInput) => moveTo(database, input, 'paused')),
    resumeOperation: withFailures((input: OperationInput) => moveTo(database, input, 'running')),
    beginCompensation: withFailures((input: OperationInput) => beginCompensation(database, input)),
    awaitOperations: withFailures((input: AwaitedOperations) =>
      heartbeating((signal) => awaitOperations(database, input.awaited, signal)),
    ),
    endOperation: withFailures((input: OperationEnd) => endOperation(database, input)),
  };
}

async function beginOperation(database: Database, { operationId }: OperationInput): Promise<BegunOperation | null> {
  const operation = await requireOperation(database, operationId);
  if (isFinal(operation.state)) return null;
  await transitionOperation(database, { id: operationId, from: liveStates, to: 'running' });
  if (operation.deploymentId !== null && changesDeployment(operation.kind)) {
    const to = operation.kind === 'undeploy' ? 'undeploying' : 'deploying';
    await setDeploymentState(database, { id: operation.deploymentId, to });
  }
  const options = await readOperationOptions(database, operationId);
  const plan = planOptionsSchema.safeParse(options);
  const deploy = deployOptionsSchema.safeParse(options);
  return {
    hasPlan: operation.planId !== null,
    planKind: plan.success ? plan.data.kind : 'deploy',
    onFailure: deploy.success ? deploy.data.onFailure : 'keep',
    withPrerequisites:
      operation.kind === 'undeploy'
        ? undeployOptionsSchema.parse(options).removePrerequisites
        : deploy.success && deploy.data.installMissing,
    isOnSource: await isOnSource(database, operation),
  };
}

async function isOnSource(database: Database, { kind, connectionId }: StoredOperation): Promise<boolean> {
  if (kind !== 'connectionTest' || connectionId === null) return false;
  const connection = await findConnection(database, connectionId);
  return connection !== undefined && connection.kind !== 'kubernetes';
}

/** Reads the revision, and refuses what no adapter here can deploy. */
async function parseDesign(database: Database, { operationId }: OperationInput): Promise<void> {
  const operation = await requireOperation(database, operationId);
  await tellPhase(database, { operationId, phase: 'parse' });
  if (operation.designId === null || operation.revision === null) {
    throw new SlipwayError('invalid', 'the operation names no design');
  }
  const { design, findings } = await readRevision(database, { id: operation.designId, revision: operation.revision });
  const adapters = await adaptersOf(database, design.components);
  const strangers = [...adapters]
    .filter(([, adapter]) => !installedAdapters.some((installed) => installed === adapter))
    .map(([name, adapter]) => ({
      severity: 'error' as const,
      code: 'design.adapterMissing',
      subject: name,
      path: `components.${name}`,
      message: `${name} needs the adapter ${adapter}, which is not installed`,
      fix: 'take the component out of the design, or install the adapter',
    }));
  const all = [...findings.filter(({ code }) => code !== 'design.adapterMissing'), ...strangers];
  await setFindings(database, { id: operationId, findings: all });
  if (design.components.length === 0) {
    throw new SlipwayError('invalid', 'the design has no components', { fix: 'add what it should deploy' });
  }
  if (hasErrors(strangers)) {
    throw new SlipwayError('invalid', `${strangers.length} components need adapters that are not installed`, {
      findings: strangers,
    });
  }
}

/** What was refused before it was applied is not compensated: it fails where it stands. */
async function beginCompensation(database: Database, input: OperationInput): Promise<void> {
  if (await hasApplied(database, input)) await moveTo(database, input, 'compensating');
}

async function moveTo(
  database: Database,
  { operationId }: OperationInput,
  to: 'paused' | 'running' | 'compensating',
): Promise<void> {
  await transitionOperation(database, { id: operationId, from: liveStates, to });
}

async function endOperation(database: Database, end: OperationEnd): Promise<NextOperation | null> {
  const operation = await requireOperation(database, end.operationId);
  if (!isFinal(operation.state)) await concludeDeployment(database, operation, end);
  const { operation: finished, nextOperationId } = await finishOperation(database, {
    id: end.operationId,
    state: end.state,
    error: end.error,
    result: { ...operation.result, ...(end.left.length === 0 ? {} : { left: [...end.left] }) },
  });
  await recordOutcome(database, finished);
  if (nextOperationId === null) return null;
  const next = await requireOperation(database, nextOperationId);
  return { operationId: next.id, workflowType: workflowTypeOf(next.kind) };
}
