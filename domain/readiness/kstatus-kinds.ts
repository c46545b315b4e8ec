import { arrayAt, numberAt, stringAt, valueAt, type JsonObject } from '../json.ts';
import { conditionOf, conditionsOf } from './conditions.ts';
import { current, failed, inProgress, type KstatusResult } from './kstatus-result.ts';
import type { ObservedObject } from './verdict.ts';

type Subject = {
  readonly object: ObservedObject;
  readonly spec: JsonObject;
  readonly status: JsonObject;
  readonly now: Date;
};
type Rule = (subject: Subject) => KstatusResult;

/** kstatus gives the scheduler this long before an unschedulable pod counts as failed. */
const scheduleWindowMs = 15_000;
const maxInt32 = 2_147_483_647;

const alwaysCurrent: Rule = () => current('Resource is always ready');

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ['/Secret', alwaysCurrent],
  ['/ConfigMap', alwaysCurrent],
  ['batch/CronJob', alwaysCurrent],
  ['policy/PodDisruptionBudget', () => current('AllowedDisruptions has been computed.')],
  ['/Service', service],
  ['/PersistentVolumeClaim', persistentVolumeClaim],
  ['/Pod', pod],
  ['apps/Deployment', deployment],
  ['extensions/Deployment', deployment],
  ['apps/ReplicaSet', replicaSet],
  ['extensions/ReplicaSet', replicaSet],
  ['apps/StatefulSet', statefulSet],
  ['apps/DaemonSet', daemonSet],
  ['extensions/DaemonSet', daemonSet],
  ['batch/Job', job],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinition],
]);

/** The rule that kstatus has for a kind, or undefined where only its general rules apply. */
export function kstatusRuleOf(group: string, kind: string): Rule | undefined {
  return rules.get(`${group}/${kind}`);
}

type Shortfall = readonly [isShort: boolean, reason: string, message: string];

/** The first shortfall as InProgress, or undefined where nothing is missing. */
function firstShortfall(...shortfalls: readonly Shortfall[]): KstatusResult | undefined {
  const found = shortfalls.find(([isShort]) => isShort);
  return found && inProgress(found[1], found[2]);
}

const count = (holder: JsonObject, field: string): number => numberAt(holder, field) ?? 0;
const wantedReplicas = (spec: JsonObject): number => numberAt(spec, 'replicas') ?? 1;

function service({ spec }: Subject): KstatusResult {
  const unassigned = stringAt(spec, 'type') === 'LoadBalancer' && (stringAt(spec, 'clusterIP') ?? '') === '';
  return unassigned
    ? inProgress('NoIPAssigned', 'ClusterIP not set. Service type: LoadBalancer')
    : current('Service is ready');
}

function persistentVolumeClaim({ status }: Subject): KstatusResult {
  const phase = stringAt(status, 'phase') ?? 'unknown';
  return phase === 'Bound' ? current('PVC is Bound') : inProgress('NotBound', `PVC is not Bound. phase: ${phase}`);
}

function deployment({ object, spec, status }: Subject): KstatusResult {
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    return failed('ProgressDeadlineExceeded', 'Progress deadline exceeded');
  }
  const deadline = numberAt(spec, 'progressDeadlineSeconds');
  const rolledOut =
    deadline === undefined ||
    deadline === maxInt32 ||
    (progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable');
  const wanted = wantedReplicas(spec);
  const replicas = count(status, 'replicas');
  const updated = count(status, 'updatedReplicas');
  const available = count(status, 'availableReplicas');
  const ready = count(status, 'readyReplicas');
  return (
    firstShortfall(
      [wanted > replicas, 'LessReplicas', `replicas: ${replicas}/${wanted}`],
      [wanted > updated, 'LessUpdated', `Updated: ${updated}/${wanted}`],
      [replicas > wanted, 'ExtraPods', `Pending termination: ${replicas - wanted}`],
      [updated > available, 'LessAvailable', `Available: ${available}/${updated}`],
      [wanted > ready, 'LessReady', `Ready: ${ready}/${wanted}`],
      [!rolledOut, 'ReplicaSetNotAvailable', 'ReplicaSet not Available'],
      [conditionOf(object, 'Available')?.status !== 'True', 'DeploymentNotAvailable', 'Deployment not Available'],
    ) ?? current(`Deployment is available. Replicas: ${replicas}`)
  );
}

function replicaSet({ object, spec, status }: Subject): KstatusResult {
  const wanted = wantedReplicas(spec);
  const replicas = count(status, 'replicas');
  const labelled = count(status, 'fullyLabeledReplicas');
  const available = count(status, 'availableReplicas');
  const ready = count(status, 'readyReplicas');
  const failing = conditionOf(object, 'ReplicaFailure')?.status === 'True';
  return (
    firstShortfall(
      [failing, 'ReplicaFailure', 'Replica Failure condition. Check Pods'],
      [wanted > labelled, 'LessLabelled', `Labelled: ${labelled}/${wanted}`],
      [wanted > available, 'LessAvailable', `Available: ${available}/${wanted}`],
      [wanted > ready, 'LessReady', `Ready: ${ready}/${wanted}`],
      [replicas > wanted, 'ExtraPods', `Pending termination: ${replicas - wanted}`],
    ) ?? current(`ReplicaSet is available. Replicas: ${replicas}`)
  );
}

function statefulSet({ spec, status }: Subject): KstatusResult {
  if (stringAt(spec, 'updateStrategy', 'type') === 'OnDelete')
    return current('StatefulSet is using the ondelete update strategy');
  const wanted = wantedReplicas(spec);
  const replicas = count(status, 'replicas');
  const ready = count(status, 'readyReplicas');
  const partition = numberAt(spec, 'updateStrategy', 'rollingUpdate', 'partition');
  const short = firstShortfall(
    [wanted > replicas, 'LessReplicas', `Replicas: ${replicas}/${wanted}`],
    [wanted > ready, 'LessReady', `Ready: ${ready}/${wanted}`],
    [replicas > wanted, 'ExtraPods', `Pending termination: ${replicas - wanted}`],
  );
  if (short !== undefined) return short;
  return partition === undefined
    ? statefulSetRevision(status, wanted)
    : statefulSetPartition(status, wanted - partition);
}

function statefulSetPartition(status: JsonObject, wanted: number): KstatusResult {
  const updated = count(status, 'updatedReplicas');
  return updated < wanted
    ? inProgress('PartitionRollout', `updated: ${updated}/${wanted}`)
    : current(`Partition rollout complete. updated: ${updated}`);
}

function statefulSetRevision(status: JsonObject, wanted: number): KstatusResult {
  const atCurrent = count(status, 'currentReplicas');
  const mismatch = stringAt(status, 'currentRevision') !== stringAt(status, 'updateRevision');
  return (
    firstShortfall(
      [wanted > atCurrent, 'LessCurrent', `current: ${atCurrent}/${wanted}`],
      [mismatch, 'RevisionMismatch', 'Waiting for updated revision to match current'],
    ) ?? current(`All replicas scheduled as expected. Replicas: ${count(status, 'replicas')}`)
  );
}

function daemonSet({ object, status }: Subject): KstatusResult {
  const desired = numberAt(status, 'desiredNumberScheduled');
  const wanted = desired ?? 0;
  const scheduled = count(status, 'currentNumberScheduled');
  const updated = count(status, 'updatedNumberScheduled');
  const available = count(status, 'numberAvailable');
  const ready = count(status, 'numberReady');
  return (
    firstShortfall(
      [numberAt(object, 'metadata', 'generation') === undefined, 'NoGeneration', 'Missing .metadata.generation'],
      [
        numberAt(status, 'observedGeneration') === undefined,
        'NoObservedGeneration',
        'Missing .status.observedGeneration',
      ],
      [desired === undefined, 'NoDesiredNumber', 'Missing .status.desiredNumberScheduled'],
      [wanted > scheduled, 'LessCurrent', `Current: ${scheduled}/${wanted}`],
      [wanted > updated, 'LessUpdated', `Updated: ${updated}/${wanted}`],
      [wanted > available, 'LessAvailable', `Available: ${available}/${wanted}`],
      [wanted > ready, 'LessReady', `Ready: ${ready}/${wanted}`],
    ) ?? current(`All replicas scheduled as expected. Replicas: ${wanted}`)
  );
}

function pod(subject: Subject): KstatusResult {
  const phase = stringAt(subject.status, 'phase') ?? '';
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully');
    case 'Failed':
      return current('Pod has completed, but not successfully');
    case 'Running':
      return runningPod(subject);
    case 'Pending':
      return pendingPod(subject);
    case '':
      return inProgress('PodNotObserved', 'Pod phase not available');
    default:
      return { status: 'Unknown', reason: '', message: `unknown phase ${phase}`, conditions: [] };
  }
}

function runningPod({ object, status }: Subject): KstatusResult {
  if (conditionOf(object, 'Ready')?.status === 'True') return current('Pod is Ready');
  const crashing = arrayAt(status, 'containerStatuses')
    .filter((container) => stringAt(container, 'state', 'waiting', 'reason') === 'CrashLoopBackOff')
    .map((container) => stringAt(container, 'name') ?? '');
  return crashing.length > 0
    ? failed('ContainerCrashLooping', `Containers in CrashLoop state: ${crashing.join(',')}`)
    : inProgress('PodRunningNotReady', 'Pod is running but is not Ready');
}

function pendingPod({ object, now }: Subject): KstatusResult {
  const scheduled = conditionOf(object, 'PodScheduled');
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') {
    return inProgress('PodPending', 'Pod is in the Pending phase');
  }
  const created = Date.parse(stringAt(object, 'metadata', 'creationTimestamp') ?? '');
  return now.getTime() - created < scheduleWindowMs
    ? inProgress('PodNotScheduled', 'Pod has not been scheduled')
    : failed('PodUnschedulable', 'Pod could not be scheduled');
}

function job({ object, spec, status }: Subject): KstatusResult {
  for (const { type, status: value, message } of conditionsOf(object)) {
    if (value !== 'True') continue;
    if (type === 'Complete') return current(`Job Completed. succeeded: ${count(status, 'succeeded')}`);
    if (type === 'Failed') return failed('JobFailed', message || 'Job Failed');
    if (type === 'Suspended' && valueAt(spec, 'suspend') === true) return current('Job is suspended');
  }
  return (stringAt(status, 'startTime') ?? '') === ''
    ? inProgress('JobNotStarted', 'Job not started')
    : current(`Job in progress. active: ${count(status, 'active')}`);
}

function customResourceDefinition({ object }: Subject): KstatusResult {
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === 'NamesAccepted' && status === 'False') return failed(reason, message);
    if (type !== 'Established') continue;
    if (status === 'False' && reason !== 'Installing') return failed(reason, message);
    if (status === 'True') return current('CRD is established');
  }
  return inProgress('Installing', 'Install in progress');
}
