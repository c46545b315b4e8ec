import { describe, expect, test } from 'vitest';
import { readinessOf } from '../../domain/readiness.ts';
import { isStatusless } from '../../domain/readiness/statusless.ts';
import { statusSchemaOf } from '../../domain/readiness/status-schema.ts';
import type { ReadinessContext } from '../../domain/readiness/subject.ts';
import type { Readiness } from '../../domain/readiness/verdict.ts';

type Example = {
  readonly promise: string;
  readonly object: Record<string, unknown>;
  readonly context?: Partial<ReadinessContext>;
  readonly expected: Partial<Readiness>;
};

const now = new Date('2026-01-01T01:00:00Z');
const longAgo = '2026-01-01T00:00:00Z';
const justNow = '2026-01-01T00:59:55Z';

function object(typeName: string, rest: Record<string, unknown>): Record<string, unknown> {
  const slash = typeName.lastIndexOf('/');
  return { apiVersion: typeName.slice(0, slash), kind: typeName.slice(slash + 1), metadata: { name: 'x' }, ...rest };
}

const version = (name: string, properties: Record<string, unknown>): Record<string, unknown> => ({
  name,
  schema: { openAPIV3Schema: { properties } },
});

const condition = (type: string, status: string, reason = ''): Record<string, string> => ({ type, status, reason });

function pod(waiting: string, createdAt: string, list = 'containerStatuses'): Record<string, unknown> {
  return object('v1/Pod', {
    metadata: { name: 'x', creationTimestamp: createdAt },
    spec: { restartPolicy: 'Always' },
    status: { phase: 'Pending', [list]: [{ name: 'web', state: { waiting: { reason: waiting } } }] },
  });
}

const deployed = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };
const rolledOut = { observedGeneration: 1, replicas: 2, readyReplicas: 2, updatedReplicas: 2, currentReplicas: 2 };

const examples: readonly Example[] = [
  {
    promise: 'a Deployment with all replicas updated and available is ready',
    object: object('apps/v1/Deployment', {
      spec: { replicas: 2 },
      status: { ...deployed, conditions: [condition('Available', 'True')] },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a Deployment whose old pods still run is progressing',
    object: object('apps/v1/Deployment', { spec: { replicas: 2 }, status: { ...deployed, replicas: 3 } }),
    expected: { status: 'progressing', reason: 'ExtraPods' },
  },
  {
    promise: 'a paused Deployment is suspended',
    object: object('apps/v1/Deployment', { spec: { replicas: 2, paused: true }, status: deployed }),
    expected: { status: 'suspended' },
  },
  {
    promise: 'a Deployment over its progress deadline has failed',
    object: object('apps/v1/Deployment', {
      spec: {},
      status: { conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
    }),
    expected: { status: 'failed', reason: 'ProgressDeadlineExceeded' },
  },
  {
    promise: 'a Deployment whose latest change was not seen is progressing',
    object: object('apps/v1/Deployment', {
      metadata: { name: 'x', generation: 2 },
      spec: { replicas: 2 },
      status: deployed,
    }),
    expected: { status: 'progressing', reason: 'LatestGenerationNotObserved' },
  },
  {
    promise: 'a StatefulSet between two revisions is progressing',
    object: object('apps/v1/StatefulSet', {
      spec: { replicas: 2 },
      status: { ...rolledOut, currentRevision: 'a', updateRevision: 'b' },
    }),
    expected: { status: 'progressing', reason: 'RevisionMismatch' },
  },
  {
    promise: 'a StatefulSet updated by hand is ready between two revisions',
    object: object('apps/v1/StatefulSet', {
      spec: { replicas: 2, updateStrategy: { type: 'OnDelete' } },
      status: { ...rolledOut, currentRevision: 'a', updateRevision: 'b' },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a StatefulSet updated up to its partition is ready',
    object: object('apps/v1/StatefulSet', {
      spec: { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      status: { ...rolledOut, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a DaemonSet without nodes to run on is ready',
    object: object('apps/v1/DaemonSet', { status: { observedGeneration: 1, desiredNumberScheduled: 0 } }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a DaemonSet that lacks a pod on one node is progressing',
    object: object('apps/v1/DaemonSet', {
      status: { observedGeneration: 1, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 },
    }),
    expected: { status: 'progressing', message: 'Available pods: 1 of 2' },
  },
  {
    promise: 'a ReplicaSet that cannot create pods has failed',
    object: object('apps/v1/ReplicaSet', {
      spec: { replicas: 1 },
      status: { conditions: [condition('ReplicaFailure', 'True', 'FailedCreate')] },
    }),
    expected: { status: 'failed', reason: 'FailedCreate' },
  },
  {
    promise: 'a failed Pod has failed',
    object: object('v1/Pod', { status: { phase: 'Failed' } }),
    expected: { status: 'failed' },
  },
  {
    promise: 'a Pod that runs to completion is awaited',
    object: object('v1/Pod', {
      spec: { restartPolicy: 'Never' },
      status: { phase: 'Running', conditions: [condition('Ready', 'True')] },
    }),
    expected: { status: 'progressing' },
  },
  {
    promise: 'a Pod stuck on its image for long has failed',
    object: pod('ImagePullBackOff', longAgo),
    expected: { status: 'failed', reason: 'ImagePullBackOff' },
  },
  {
    promise: 'a Pod that just failed to pull may recover',
    object: pod('ErrImagePull', justNow),
    expected: { status: 'progressing', reason: 'ErrImagePull' },
  },
  {
    promise: 'a Pod with an invalid image name fails at once',
    object: pod('InvalidImageName', justNow),
    expected: { status: 'failed' },
  },
  {
    promise: 'a Pod without its Secret for long has failed',
    object: pod('CreateContainerConfigError', longAgo),
    expected: { status: 'failed' },
  },
  {
    promise: 'a crashing init container fails its Pod',
    object: pod('CrashLoopBackOff', longAgo, 'initContainerStatuses'),
    expected: { status: 'failed', reason: 'CrashLoopBackOff' },
  },
  {
    promise: 'a running Job is awaited',
    object: object('batch/v1/Job', { status: { startTime: longAgo, active: 1 } }),
    expected: { status: 'progressing' },
  },
  {
    promise: 'a suspended Job is suspended',
    object: object('batch/v1/Job', { spec: { suspend: true } }),
    expected: { status: 'suspended' },
  },
  {
    promise: 'a Job that was resumed is progressing',
    object: object('batch/v1/Job', { status: { startTime: longAgo, conditions: [condition('Suspended', 'False')] } }),
    expected: { status: 'progressing' },
  },
  {
    promise: 'a completed Job is ready',
    object: object('batch/v1/Job', { status: { conditions: [condition('Complete', 'True')] } }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a failed Job has failed',
    object: object('batch/v1/Job', { status: { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded')] } }),
    expected: { status: 'failed', reason: 'BackoffLimitExceeded' },
  },
  {
    promise: 'a load balancer without address is progressing',
    object: object('v1/Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }),
    expected: { status: 'progressing' },
  },
  {
    promise: 'a load balancer with an address is ready',
    object: object('v1/Service', {
      spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'an external name needs nothing',
    object: object('v1/Service', { spec: { type: 'ExternalName' } }),
    expected: { status: 'ready' },
  },
  {
    promise: 'an Ingress without address is ready',
    object: object('networking.k8s.io/v1/Ingress', { status: {} }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a pending claim is progressing',
    object: object('v1/PersistentVolumeClaim', { status: { phase: 'Pending' } }),
    expected: { status: 'progressing' },
  },
  {
    promise: 'a claim that binds at its first consumer is not waited for',
    object: object('v1/PersistentVolumeClaim', { status: { phase: 'Pending' } }),
    context: { volumeBindingMode: 'WaitForFirstConsumer' },
    expected: { status: 'ready' },
  },
  {
    promise: 'a lost claim has failed',
    object: object('v1/PersistentVolumeClaim', { status: { phase: 'Lost' } }),
    expected: { status: 'failed' },
  },
  {
    promise: 'an active Namespace is ready',
    object: object('v1/Namespace', { status: { phase: 'Active' } }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a terminating Namespace is terminating',
    object: object('v1/Namespace', { status: { phase: 'Terminating' } }),
    expected: { status: 'terminating' },
  },
  {
    promise: 'a definition is ready when established with its names accepted',
    object: object('apiextensions.k8s.io/v1/CustomResourceDefinition', {
      status: { conditions: [condition('NamesAccepted', 'True'), condition('Established', 'True')] },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a definition with names that clash has failed',
    object: object('apiextensions.k8s.io/v1/CustomResourceDefinition', {
      status: { conditions: [condition('NamesAccepted', 'False', 'ListKindConflict')] },
    }),
    expected: { status: 'failed', reason: 'ListKindConflict' },
  },
  {
    promise: 'an API whose backend does not answer is progressing',
    object: object('apiregistration.k8s.io/v1/APIService', {
      status: { conditions: [condition('Available', 'False', 'MissingEndpoints')] },
    }),
    expected: { status: 'progressing', reason: 'MissingEndpoints' },
  },
  {
    promise: 'an autoscaler without metrics is not ready, and holds nothing up: those of new pods come late',
    object: object('autoscaling/v2/HorizontalPodAutoscaler', {
      status: {
        conditions: [condition('AbleToScale', 'True'), condition('ScalingActive', 'False', 'FailedGetResourceMetric')],
      },
    }),
    expected: { status: 'progressing', confidence: 'low' },
  },
  {
    promise: 'an autoscaler whose target has no valid selector has failed for good',
    object: object('autoscaling/v2/HorizontalPodAutoscaler', {
      status: { conditions: [condition('ScalingActive', 'False', 'InvalidSelector')] },
    }),
    expected: { status: 'failed', confidence: 'high' },
  },
  {
    promise: 'an autoscaler of autoscaling/v1 is read from its annotation',
    object: object('autoscaling/v1/HorizontalPodAutoscaler', {
      metadata: {
        name: 'x',
        annotations: { 'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale","status":"True"}]' },
      },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'an autoscaler that has not looked yet is progressing',
    object: object('autoscaling/v2/HorizontalPodAutoscaler', {}),
    expected: { status: 'progressing' },
  },
  {
    promise: 'a computed disruption budget is ready though it allows no disruption',
    object: object('policy/v1/PodDisruptionBudget', {
      status: { conditions: [condition('DisruptionAllowed', 'False', 'InsufficientPods')] },
    }),
    expected: { status: 'ready' },
  },
  {
    promise: 'a ConfigMap is ready as soon as it is stored',
    object: object('v1/ConfigMap', {}),
    expected: { status: 'ready', confidence: 'high' },
  },
];

describe('strict mode', () => {
  test.each(examples)('$promise', ({ object: observed, context, expected }) => {
    expect(readinessOf(observed, { mode: 'strict', now, ...context })).toMatchObject(expected);
  });
});

test('kinds that are ready once stored are named, others are not', () => {
  expect(isStatusless({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' })).toBe(true);
  expect(isStatusless({ apiVersion: 'batch/v1', kind: 'CronJob' })).toBe(true);
  expect(isStatusless({ apiVersion: 'acme.example/v1', kind: 'ConfigMap' })).toBe(false);
  expect(isStatusless({ apiVersion: 'apps/v1', kind: 'Deployment' })).toBe(false);
});

describe('what a definition promises', () => {
  const conditions = { type: 'array' };
  const crd = {
    spec: {
      versions: [
        version('v1', { status: { properties: { conditions, observedGeneration: { type: 'integer' } } } }),
        version('v1alpha1', { spec: {} }),
        version('v1beta1', { status: { properties: { parents: { items: { properties: { conditions } } } } } }),
        { ...version('v2', {}), subresources: { status: {} } },
      ],
    },
  };

  test.each([
    { version: 'v1', promised: { hasStatus: true, conditions: true, observedGeneration: true } },
    { version: 'v1alpha1', promised: { hasStatus: false, conditions: false, observedGeneration: false } },
    { version: 'v1beta1', promised: { hasStatus: true, conditions: true, observedGeneration: false } },
    { version: 'v2', promised: { hasStatus: true, conditions: false, observedGeneration: false } },
  ])('is read for $version alone', ({ version: name, promised }) => {
    expect(statusSchemaOf(crd, name)).toEqual(promised);
  });

  test('is not known for a version that the definition does not have', () => {
    expect(statusSchemaOf(crd, 'v9')).toBeUndefined();
  });
});
