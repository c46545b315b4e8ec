import type { Dependency } from '../design.ts';
import { groupOf, objectKey, referenceOf, type KubernetesObject } from '../kubernetes-object.ts';
import { podTemplateOf, type PodTemplate } from './pod-template.ts';

/** One object to plan, with the component that declares it. */
export type PlanItem = {
  readonly component: string;
  readonly adapter: string;
  readonly dependsOn: readonly Dependency[];
  readonly object: KubernetesObject;
};

/** An object of the plan, with what the rules ask of it all the time already read. */
export type PlannedObject = PlanItem & {
  readonly key: string;
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The pods that it makes, where it makes any. */
  readonly pods: PodTemplate | undefined;
};

/** The object as the rules of the plan see it. */
export function plannedObjectOf(item: PlanItem): PlannedObject {
  const { apiVersion, kind, metadata } = item.object;
  return {
    ...item,
    key: objectKey(referenceOf(item.object)),
    group: groupOf(apiVersion),
    kind,
    name: metadata.name,
    namespace: metadata.namespace,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    pods: podTemplateOf(item.object),
  };
}

/** Whether the object is of this group and kind. */
export function isKind({ group, kind }: PlannedObject, ofGroup: string, ofKind: string): boolean {
  return group === ofGroup && kind === ofKind;
}
