import { stringAt } from '../json.ts';
import { isKind, type PlannedObject } from './planned-object.ts';
import { refersTo, type Reference } from './reference.ts';

/** What autoscalers scale: HorizontalPodAutoscaler, KEDA's ScaledObject (a Deployment unless it says otherwise), VPA. */
export function scalingReferences(object: PlannedObject): readonly Reference[] {
  const field = targetFieldOf(object);
  if (field === undefined) return [];
  return refersTo({
    apiVersion: stringAt(object.object, 'spec', field, 'apiVersion') ?? 'apps/v1',
    kind: stringAt(object.object, 'spec', field, 'kind') ?? 'Deployment',
    name: stringAt(object.object, 'spec', field, 'name'),
    namespace: object.namespace,
    path: ['spec', field],
    verb: 'scales',
    strength: 'soft',
    weight: 'scaling',
  });
}

function targetFieldOf(object: PlannedObject): string | undefined {
  if (isKind(object, 'autoscaling', 'HorizontalPodAutoscaler')) return 'scaleTargetRef';
  if (isKind(object, 'keda.sh', 'ScaledObject')) return 'scaleTargetRef';
  return isKind(object, 'autoscaling.k8s.io', 'VerticalPodAutoscaler') ? 'targetRef' : undefined;
}
