import { arrayAt, stringAt } from '../json.ts';
import { conditionOf, conditionsOf, describeCondition, type Condition } from './conditions.ts';
import type { Subject } from './subject.ts';
import { verdict, type Readiness } from './verdict.ts';

/** A Service is ready when it has an address; one of type LoadBalancer needs the address of its load balancer. */
export function serviceReadiness({ spec, status }: Subject): Readiness {
  const type = stringAt(spec, 'type') ?? 'ClusterIP';
  if (type === 'ExternalName') return verdict('ready', 'The name points elsewhere');
  if (stringAt(spec, 'clusterIP') === '') {
    return verdict('progressing', 'No cluster address has been assigned', { reason: 'NoIPAssigned' });
  }
  if (type !== 'LoadBalancer') return verdict('ready', 'The service is set up');
  return arrayAt(status, 'loadBalancer', 'ingress').length > 0
    ? verdict('ready', 'The load balancer has an address')
    : verdict('progressing', 'The load balancer has no address yet', { reason: 'NoLoadBalancerAddress' });
}

/** A claim is ready when bound, or when it rightly waits for its first consumer. */
export function persistentVolumeClaimReadiness({ status, context }: Subject): Readiness {
  const phase = stringAt(status, 'phase') ?? '';
  if (phase === 'Bound') return verdict('ready', 'The claim is bound');
  if (phase === 'Lost') return verdict('failed', 'The volume of the claim is lost', { reason: 'Lost' });
  if (phase === 'Pending' && context.volumeBindingMode === 'WaitForFirstConsumer') {
    return verdict('ready', 'The claim binds when the first pod uses it', { reason: 'WaitForFirstConsumer' });
  }
  return verdict('progressing', 'The claim is not bound yet', { reason: 'NotBound' });
}

/** A volume is ready when it is there to be bound, or is bound. */
export function persistentVolumeReadiness({ status }: Subject): Readiness {
  const phase = stringAt(status, 'phase') ?? 'Pending';
  if (phase === 'Available' || phase === 'Bound') return verdict('ready', `The volume is ${phase.toLowerCase()}`);
  const message = stringAt(status, 'message') ?? `The volume is in phase ${phase}`;
  return verdict(phase === 'Failed' ? 'failed' : 'progressing', message, { reason: phase });
}

/** A Namespace is ready when it is active. */
export function namespaceReadiness({ status }: Subject): Readiness {
  const phase = stringAt(status, 'phase') ?? '';
  if (phase === 'Active') return verdict('ready', 'The namespace is active');
  if (phase === 'Terminating') return verdict('terminating', 'The namespace is being deleted', { reason: phase });
  return verdict('progressing', 'The namespace is not active yet', { reason: 'NotObserved' });
}

/** A CustomResourceDefinition is ready when its names are accepted and it is served. */
export function customResourceDefinitionReadiness({ object }: Subject): Readiness {
  const names = conditionOf(object, 'NamesAccepted');
  const established = conditionOf(object, 'Established');
  if (names?.status === 'False') return fromCondition('failed', names);
  if (established?.status === 'False' && established.reason !== 'Installing')
    return fromCondition('failed', established);
  if (established?.status === 'True' && names?.status === 'True') return verdict('ready', 'The definition is served');
  return verdict('progressing', 'The definition is not served yet', { reason: 'Installing' });
}

/** An APIService is ready when its backend answers. */
export function apiServiceReadiness({ object }: Subject): Readiness {
  const available = conditionOf(object, 'Available');
  if (available?.status === 'True') return verdict('ready', 'The API is available');
  return available === undefined
    ? verdict('progressing', 'The API has not been checked yet', { reason: 'NotObserved' })
    : fromCondition('progressing', available);
}

/** A budget is ready when the controller has computed it; that few pods may be disrupted is no failure of it. */
export function podDisruptionBudgetReadiness({ object, status }: Subject): Readiness {
  const failure = conditionsOf(object).find(
    ({ status: value, reason }) => value === 'False' && reason === 'SyncFailed',
  );
  if (failure !== undefined) return fromCondition('failed', failure);
  return Object.keys(status).length === 0
    ? verdict('progressing', 'The budget has not been computed yet', { reason: 'NotObserved' })
    : verdict('ready', 'The budget has been computed');
}

const autoscalerFailures: Record<string, ReadonlySet<string>> = {
  AbleToScale: new Set(['FailedGetScale', 'FailedUpdateScale']),
  ScalingActive: new Set([
    'FailedGetResourceMetric',
    'FailedGetContainerResourceMetric',
    'FailedGetObjectMetric',
    'FailedGetPodsMetric',
    'FailedGetExternalMetric',
    'FailedComputeMetricsReplicas',
    'InvalidSelector',
    'InvalidMetricSourceType',
  ]),
};

/** What no time mends. The rest it may: metrics of new pods come only when these have run for a while. */
const lastingAutoscalerFailures = new Set(['InvalidSelector', 'InvalidMetricSourceType']);

/**
 * An autoscaler is ready when it can scale its target. Source: gitops-engine pkg/health/health_hpa.go, but that metrics which
 * are missing fail nothing: what it scales runs without them.
 */
export function horizontalPodAutoscalerReadiness({ object }: Subject): Readiness {
  const conditions = [...conditionsOf(object), ...annotatedConditions(object)];
  for (const condition of conditions) {
    const { type, status, reason } = condition;
    if (status !== 'True' && autoscalerFailures[type]?.has(reason)) {
      return lastingAutoscalerFailures.has(reason)
        ? fromCondition('failed', condition)
        : verdict('progressing', describeCondition(condition), { reason, confidence: 'low' });
    }
  }
  const working = conditions.find(
    ({ type, status }) => status === 'True' && (type === 'AbleToScale' || type === 'ScalingLimited'),
  );
  return working === undefined
    ? verdict('progressing', 'The autoscaler has not looked at its target yet', { reason: 'NotObserved' })
    : verdict('ready', describeCondition(working), { reason: working.reason });
}

/** autoscaling/v1 keeps the conditions as JSON in an annotation. */
function annotatedConditions(object: unknown): readonly Condition[] {
  const text = stringAt(object, 'metadata', 'annotations', 'autoscaling.alpha.kubernetes.io/conditions');
  if (text === undefined) return [];
  try {
    return conditionsOf({ status: { conditions: JSON.parse(text) } });
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function fromCondition(status: 'failed' | 'progressing', condition: Condition): Readiness {
  return verdict(status, describeCondition(condition), { reason: condition.reason });
}
