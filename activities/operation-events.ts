import type { EventSeverity, NewEvent } from '../domain/event.ts';
import { describeObject } from '../domain/kubernetes-object.ts';
import type { OperationState, OperationStep } from '../domain/operation.ts';
import type { Database } from '../infra/database/database.ts';
import { findConnection } from '../infra/database/connections.ts';
import { findDeployment } from '../infra/database/deployments.ts';
import { findDesign } from '../infra/database/designs.ts';
import { appendEvents } from '../infra/database/events.ts';
import { listSteps } from '../infra/database/operation-steps.ts';
import type { StoredOperation } from '../infra/database/operations.ts';
import { digestOf } from '../infra/digest.ts';
import { registrySubject } from './generation/registry-subject.ts';

/** So many failed objects get an event of their own; the rest is in the operation. */
const maximumObjectEvents = 50;

/** Stores what people need to know of an operation that has ended. Repeating it changes nothing. */
export async function recordOutcome(database: Database, operation: StoredOperation): Promise<void> {
  if (operation.state === 'succeeded' && isNoNews(operation)) return;
  const subject = await subjectOf(database, operation);
  const { items } = await listSteps(database, {
    operationId: operation.id,
    states: ['failed'],
    limit: maximumObjectEvents,
  });
  const failures = items.map((step) => failureEvent(operation, subject, step));
  await appendEvents(database, [...failures, outcomeEvent(operation, subject)]);
}

/** Stores that an operation is held up by what `message` says; for one reason once. */
export async function recordTrouble(database: Database, operation: StoredOperation, message: string): Promise<void> {
  const subject = await subjectOf(database, operation);
  const event: NewEvent = {
    ...commonOf(operation, subject),
    id: `evt_${operation.id}_trouble_${digestOf(message).slice(0, 16)}`,
    severity: 'warning',
    time: new Date().toISOString(),
    description: `${operation.kind} of ${subject.name ?? ''} is held up: ${message}`,
    details: { message },
  };
  await appendEvents(database, [event]);
}

/** A plan is what was asked for; sources that have not changed are read again and again. */
function isNoNews({ kind, result }: StoredOperation): boolean {
  return kind === 'plan' || (kind === 'modelGeneration' && result?.['stored'] === 0);
}

type Subject = NewEvent['subject'];

async function subjectOf(database: Database, operation: StoredOperation): Promise<Subject> {
  if (isAboutRegistry(operation)) return registrySubject(database, operation);
  if (operation.deploymentId !== null) return deploymentSubject(database, operation.deploymentId);
  if (operation.connectionId !== null) {
    const connection = await findConnection(database, operation.connectionId);
    return { kind: 'connection', id: operation.connectionId, name: connection?.name ?? operation.connectionId };
  }
  const design = operation.designId === null ? undefined : await findDesign(database, operation.designId);
  return { kind: 'design', id: operation.designId ?? operation.id, name: design?.name ?? operation.id };
}

async function deploymentSubject(database: Database, id: string): Promise<Subject> {
  const deployment = await findDeployment(database, id);
  const name = deployment === undefined ? id : `${deployment.designName} on ${deployment.connectionName}`;
  return { kind: 'deployment', id, name };
}

function failureEvent(operation: StoredOperation, subject: Subject, step: OperationStep): NewEvent {
  return {
    ...commonOf(operation, subject),
    id: `evt_${operation.id}_${step.phase}_${step.position}`,
    severity: 'error',
    time: step.updatedAt,
    description: `${describeObject(step.reference)}: ${step.message ?? 'failed'}`,
    details: { key: step.key, phase: step.phase, ...(step.fix === null ? {} : { fix: step.fix }) },
  };
}

function outcomeEvent(operation: StoredOperation, subject: Subject): NewEvent {
  const { error, result, findings } = operation;
  return {
    ...commonOf(operation, subject),
    id: `evt_${operation.id}_end`,
    severity: severityOf(operation),
    time: operation.finishedAt ?? new Date().toISOString(),
    description: describeOutcome(operation, subject),
    details: {
      ...(error === null
        ? {}
        : {
            error: { code: error.code, message: error.message, ...(error.fix === undefined ? {} : { fix: error.fix }) },
          }),
      ...(result === null ? {} : { result }),
      findingCount: findings.length,
    },
  };
}

function commonOf(operation: StoredOperation, subject: Subject) {
  const show = { label: 'Show the operation', method: 'GET', href: `/v1/operations/${operation.id}` } as const;
  const retry = { label: 'Try again', method: 'POST', href: `/v1/operations/${operation.id}/retry` } as const;
  return {
    category: categoryOf(operation, subject),
    action: operation.kind,
    actor: operation.actor,
    subject,
    operationId: operation.id,
    actions: operation.state === 'failed' || operation.state === 'cancelled' ? [show, retry] : [show],
  } as const;
}

function categoryOf(operation: StoredOperation, subject: Subject): NewEvent['category'] {
  if (isAboutRegistry(operation)) return 'registry';
  return subject.kind === 'connection' ? 'connection' : 'deployment';
}

function isAboutRegistry({ kind }: StoredOperation): boolean {
  return kind === 'modelGeneration' || kind === 'modelPush';
}

function severityOf({ state, result }: StoredOperation): EventSeverity {
  const orphans = result?.['orphans'];
  if (state === 'succeeded') return Array.isArray(orphans) && orphans.length > 0 ? 'warning' : 'success';
  return state === 'cancelled' ? 'warning' : 'error';
}

const outcomes: Partial<Record<OperationState, string>> = {
  succeeded: 'succeeded',
  cancelled: 'was cancelled',
  failed: 'failed',
};

function describeOutcome({ kind, state, error, result }: StoredOperation, { name = '' }: Subject): string {
  const reason = state === 'failed' ? `: ${error?.message ?? 'no reason is known'}` : '';
  const left = result?.['left'];
  const remainder = Array.isArray(left) && left.length > 0 ? `; left behind: ${left.join(', ')}` : '';
  return `${kind} of ${name} ${outcomes[state] ?? state}${reason}${remainder}`;
}
