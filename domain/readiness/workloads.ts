import { numberAt, stringAt, valueAt, type JsonObject } from '../json.ts';
import { conditionOf, describeCondition } from './conditions.ts';
import type { Subject } from './subject.ts';
import { verdict, type Readiness } from './verdict.ts';

const count = (holder: JsonObject, field: string): number => numberAt(holder, field) ?? 0;
const wantedReplicas = (spec: JsonObject): number => numberAt(spec, 'replicas') ?? 1;

/** One thing that is still to come: how many of how many. */
type Tally = { readonly what: string; readonly have: number; readonly want: number };

function firstMissing(...tallies: readonly Tally[]): Readiness | undefined {
  const short = tallies.find(({ have, want }) => have < want);
  return short && verdict('progressing', `${short.what}: ${short.have} of ${short.want}`, { reason: 'RollingOut' });
}

function tooMany(replicas: number, wanted: number): Readiness | undefined {
  if (replicas <= wanted) return undefined;
  return verdict('progressing', `${replicas - wanted} old pods are still to end`, { reason: 'ExtraPods' });
}

function replicaFailure({ object }: Subject): Readiness | undefined {
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status !== 'True') return undefined;
  return verdict('failed', describeCondition(failure), { reason: failure.reason });
}

/** A Deployment is ready when every replica is updated and available, and the old ones are gone. */
export function deploymentReadiness(subject: Subject): Readiness {
  const { spec, status } = subject;
  if (valueAt(spec, 'paused') === true) return verdict('suspended', 'The Deployment is paused', { reason: 'Paused' });
  const want = wantedReplicas(spec);
  return (
    stalledRollout(subject) ??
    replicaFailure(subject) ??
    firstMissing(
      { what: 'Updated replicas', have: count(status, 'updatedReplicas'), want },
      { what: 'Available replicas', have: count(status, 'availableReplicas'), want },
      { what: 'Ready replicas', have: count(status, 'readyReplicas'), want },
    ) ??
    tooMany(count(status, 'replicas'), want) ??
    notAvailable(subject) ??
    verdict('ready', `All ${want} replicas are updated and available`)
  );
}

function stalledRollout({ object }: Subject): Readiness | undefined {
  const progressing = conditionOf(object, 'Progressing');
  if (progressing === undefined) return undefined;
  const stalled = progressing.status === 'False' || progressing.reason === 'ProgressDeadlineExceeded';
  return stalled ? verdict('failed', describeCondition(progressing), { reason: progressing.reason }) : undefined;
}

function notAvailable({ object }: Subject): Readiness | undefined {
  const available = conditionOf(object, 'Available');
  if (available === undefined || available.status === 'True') return undefined;
  return verdict('progressing', describeCondition(available), { reason: available.reason });
}

/** A ReplicaSet or ReplicationController is ready when all its replicas are available. */
export function replicaSetReadiness(subject: Subject): Readiness {
  const { spec, status } = subject;
  const want = wantedReplicas(spec);
  return (
    replicaFailure(subject) ??
    firstMissing(
      { what: 'Available replicas', have: count(status, 'availableReplicas'), want },
      { what: 'Ready replicas', have: numberAt(status, 'readyReplicas') ?? count(status, 'availableReplicas'), want },
    ) ??
    tooMany(count(status, 'replicas'), want) ??
    verdict('ready', `All ${want} replicas are available`)
  );
}

/** A StatefulSet is ready when its replicas are ready and, unless updated by hand, at the wanted revision. */
export function statefulSetReadiness({ spec, status }: Subject): Readiness {
  if (count(status, 'observedGeneration') === 0) return notObserved('StatefulSet');
  const want = wantedReplicas(spec);
  const partition = numberAt(spec, 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const byHand = stringAt(spec, 'updateStrategy', 'type') === 'OnDelete';
  const updated = numberAt(status, 'updatedReplicas') ?? count(status, 'currentReplicas');
  return (
    firstMissing(
      { what: 'Ready replicas', have: count(status, 'readyReplicas'), want },
      { what: 'Updated replicas', have: byHand ? want : updated, want: Math.max(0, want - partition) },
    ) ??
    tooMany(count(status, 'replicas'), want) ??
    (byHand || partition > 0 ? undefined : revisionMismatch(status)) ??
    verdict('ready', `All ${want} replicas are ready`)
  );
}

function revisionMismatch(status: JsonObject): Readiness | undefined {
  const wanted = stringAt(status, 'updateRevision');
  const present = stringAt(status, 'currentRevision');
  if (wanted === undefined || present === wanted) return undefined;
  return verdict('progressing', `Rolling out revision ${wanted}`, { reason: 'RevisionMismatch' });
}

/** A DaemonSet is ready when every node that should run it has an updated, available pod. */
export function daemonSetReadiness({ spec, status }: Subject): Readiness {
  const want = numberAt(status, 'desiredNumberScheduled');
  if (want === undefined || count(status, 'observedGeneration') === 0) return notObserved('DaemonSet');
  const byHand = stringAt(spec, 'updateStrategy', 'type') === 'OnDelete';
  const unavailable = numberAt(status, 'numberUnavailable') ?? want - count(status, 'numberAvailable');
  return (
    firstMissing(
      { what: 'Updated pods', have: byHand ? want : count(status, 'updatedNumberScheduled'), want },
      { what: 'Available pods', have: want - unavailable, want },
    ) ?? verdict('ready', `Available on all ${want} nodes`)
  );
}

function notObserved(kind: string): Readiness {
  return verdict('progressing', `The ${kind} has not been seen by its controller yet`, { reason: 'NotObserved' });
}
