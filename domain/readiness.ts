import { stringAt } from './json.ts';
import { groupOf } from './kubernetes-object.ts';
import {
  apiServiceReadiness,
  customResourceDefinitionReadiness,
  horizontalPodAutoscalerReadiness,
  namespaceReadiness,
  persistentVolumeClaimReadiness,
  persistentVolumeReadiness,
  podDisruptionBudgetReadiness,
  serviceReadiness,
} from './readiness/cluster-kinds.ts';
import { customResourceReadiness } from './readiness/custom-resources.ts';
import { isStale } from './readiness/generation.ts';
import { kstatusOf } from './readiness/kstatus.ts';
import type { KstatusStatus } from './readiness/kstatus-result.ts';
import { jobReadiness, podReadiness } from './readiness/pods.ts';
import { isStatusless } from './readiness/statusless.ts';
import { subjectOf, type ReadinessContext, type Subject } from './readiness/subject.ts';
import { verdict, type ObservedObject, type Readiness, type ReadinessStatus } from './readiness/verdict.ts';
import {
  daemonSetReadiness,
  deploymentReadiness,
  replicaSetReadiness,
  statefulSetReadiness,
} from './readiness/workloads.ts';

const rules: ReadonlyMap<string, (subject: Subject) => Readiness> = new Map([
  ['apps/Deployment', deploymentReadiness],
  ['extensions/Deployment', deploymentReadiness],
  ['apps/ReplicaSet', replicaSetReadiness],
  ['extensions/ReplicaSet', replicaSetReadiness],
  ['/ReplicationController', replicaSetReadiness],
  ['apps/StatefulSet', statefulSetReadiness],
  ['apps/DaemonSet', daemonSetReadiness],
  ['extensions/DaemonSet', daemonSetReadiness],
  ['/Pod', podReadiness],
  ['batch/Job', jobReadiness],
  ['/Service', serviceReadiness],
  ['/PersistentVolumeClaim', persistentVolumeClaimReadiness],
  ['/PersistentVolume', persistentVolumeReadiness],
  ['/Namespace', namespaceReadiness],
  ['apiextensions.k8s.io/CustomResourceDefinition', customResourceDefinitionReadiness],
  ['apiregistration.k8s.io/APIService', apiServiceReadiness],
  ['policy/PodDisruptionBudget', podDisruptionBudgetReadiness],
  ['autoscaling/HorizontalPodAutoscaler', horizontalPodAutoscalerReadiness],
]);

const readinessOfKstatus: Record<KstatusStatus, ReadinessStatus> = {
  Current: 'ready',
  InProgress: 'progressing',
  Failed: 'failed',
  Terminating: 'terminating',
  Unknown: 'unknown',
};

/** How ready an object is, from the object alone and what the context adds. */
export function readinessOf(object: ObservedObject, context: ReadinessContext): Readiness {
  return context.mode === 'kstatus' ? kstatusReadiness(object, context.now) : strictReadiness(object, context);
}

function kstatusReadiness(object: ObservedObject, now: Date): Readiness {
  const { status, message, reason } = kstatusOf(object, now);
  return verdict(readinessOfKstatus[status], message, { reason });
}

function strictReadiness(object: ObservedObject, context: ReadinessContext): Readiness {
  if (stringAt(object, 'metadata', 'deletionTimestamp')) {
    return verdict('terminating', 'The object is being deleted', { reason: 'Deleting' });
  }
  const apiVersion = stringAt(object, 'apiVersion') ?? '';
  const kind = stringAt(object, 'kind') ?? '';
  if (isStatusless({ apiVersion, kind })) return verdict('ready', 'Stored, and ready by that');
  if (isStale(object)) {
    return verdict('progressing', 'The latest change has not been seen by the controller yet', {
      reason: 'LatestGenerationNotObserved',
    });
  }
  const rule = rules.get(`${groupOf(apiVersion)}/${kind}`) ?? customResourceReadiness;
  return rule(subjectOf(object, context));
}
