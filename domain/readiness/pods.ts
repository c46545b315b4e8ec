import { arrayAt, stringAt, valueAt } from '../json.ts';
import { conditionOf, conditionsOf, describeCondition } from './conditions.ts';
import type { Subject } from './subject.ts';
import { verdict, type Readiness } from './verdict.ts';

/**
 * A pod younger than this may still recover from a missing image, Secret, ConfigMap or peer, as its neighbours
 * are being deployed; afterwards the same trouble counts as failed.
 */
const graceMs = 60_000;
/** As kstatus: how long the scheduler may leave a pod unschedulable. */
const scheduleWindowMs = 15_000;

const hopelessReasons = new Set(['InvalidImageName', 'ErrImageNeverPull']);
const stuckReason = /^Err|Error$|BackOff$/;

/** A Pod is ready when it serves, or, if it is meant to end, when it has ended well. */
export function podReadiness(subject: Subject): Readiness {
  const { object, status } = subject;
  const phase = stringAt(status, 'phase') ?? '';
  if (phase === 'Succeeded') return verdict('ready', 'The pod has completed');
  if (phase === 'Failed') return failedPod(subject);
  const stuck = stuckContainer(subject);
  if (stuck !== undefined) return stuck;
  if (phase === 'Running') return runningPod(subject);
  if (phase === 'Pending') return pendingPod(subject);
  if (phase === '') return verdict('progressing', 'The pod has not been seen by a node yet', { reason: 'NotObserved' });
  return verdict('unknown', `The pod is in phase ${phase}`, { reason: stringAt(object, 'status', 'reason') });
}

function failedPod({ status }: Subject): Readiness {
  const reason = stringAt(status, 'reason') ?? 'PodFailed';
  return verdict('failed', stringAt(status, 'message') ?? `The pod has failed: ${exitSummary(status)}`, { reason });
}

function exitSummary(status: unknown): string {
  const exits = containersOf(status).flatMap((container) => {
    const code = valueAt(container, 'state', 'terminated', 'exitCode');
    return typeof code === 'number' && code !== 0 ? [`${nameOf(container)} exited with ${code}`] : [];
  });
  return exits.length === 0 ? 'no container says why' : exits.join(', ');
}

function runningPod({ object, spec, status }: Subject): Readiness {
  const policy = stringAt(spec, 'restartPolicy') ?? 'Always';
  if (policy !== 'Always')
    return verdict('progressing', 'The pod runs to completion and has not ended', { reason: 'Running' });
  const ready = conditionOf(object, 'Ready');
  if (ready?.status === 'True') return verdict('ready', 'The pod is running and ready');
  const restarted = containersOf(status).find(
    (container) => valueAt(container, 'lastState', 'terminated') !== undefined && valueAt(container, 'ready') !== true,
  );
  if (restarted !== undefined) {
    return verdict('failed', `Container ${nameOf(restarted)} has ended and is not ready again`, {
      reason: stringAt(restarted, 'lastState', 'terminated', 'reason'),
      confidence: 'low',
    });
  }
  return verdict('progressing', ready === undefined ? 'The pod is not ready yet' : describeCondition(ready), {
    reason: ready?.reason,
  });
}

function pendingPod(subject: Subject): Readiness {
  const scheduled = conditionsOf(subject.object).find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const late = ageMs(subject) >= scheduleWindowMs;
    return verdict(late ? 'failed' : 'progressing', describeCondition(scheduled), {
      reason: scheduled.reason,
      confidence: late ? 'low' : 'high',
    });
  }
  return verdict('progressing', 'The pod is waiting to start', { reason: 'Pending' });
}

/** The first container, init containers included, that waits for something that time alone does not bring. */
function stuckContainer(subject: Subject): Readiness | undefined {
  const stuck = containersOf(subject.status).find((container) => {
    const reason = waitingReason(container);
    return hopelessReasons.has(reason) || stuckReason.test(reason);
  });
  if (stuck === undefined) return undefined;
  const reason = waitingReason(stuck);
  const detail = stringAt(stuck, 'state', 'waiting', 'message');
  const message = `Container ${nameOf(stuck)} is stuck: ${detail === undefined ? reason : `${reason}, ${detail}`}`;
  return verdict(hasGivenUp(subject, reason) ? 'failed' : 'progressing', message, { reason });
}

function waitingReason(container: unknown): string {
  return stringAt(container, 'state', 'waiting', 'reason') ?? '';
}

function hasGivenUp(subject: Subject, reason: string): boolean {
  if (hopelessReasons.has(reason)) return true;
  const retriesByDesign = reason === 'CrashLoopBackOff' && stringAt(subject.spec, 'restartPolicy') === 'OnFailure';
  return !retriesByDesign && ageMs(subject) >= graceMs;
}

function containersOf(status: unknown): readonly unknown[] {
  return [...arrayAt(status, 'initContainerStatuses'), ...arrayAt(status, 'containerStatuses')];
}

function nameOf(container: unknown): string {
  return stringAt(container, 'name') ?? 'without a name';
}

/** How long ago the pod was created; a pod without that date counts as old. */
function ageMs({ object, context }: Subject): number {
  const created = Date.parse(stringAt(object, 'metadata', 'creationTimestamp') ?? '');
  return Number.isNaN(created) ? Number.POSITIVE_INFINITY : context.now.getTime() - created;
}

/** A Job is ready when it has completed; a running one is awaited. */
export function jobReadiness({ object, spec, status }: Subject): Readiness {
  const isTrue = (type: string): boolean =>
    conditionsOf(object).some((condition) => condition.type === type && condition.status === 'True');
  const failure = conditionsOf(object).find(({ type, status: value }) => type === 'Failed' && value === 'True');
  if (failure !== undefined) return verdict('failed', describeCondition(failure), { reason: failure.reason });
  if (isTrue('Complete')) return verdict('ready', 'The job has completed');
  if (valueAt(spec, 'suspend') === true || isTrue('Suspended')) {
    return verdict('suspended', 'The job is suspended', { reason: 'Suspended' });
  }
  const started = stringAt(status, 'startTime') !== undefined;
  return verdict('progressing', started ? 'The job is running' : 'The job has not started', {
    reason: started ? 'Running' : 'JobNotStarted',
  });
}
