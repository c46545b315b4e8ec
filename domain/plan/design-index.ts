import { SlipwayError } from '../errors.ts';
import { objectAt, stringAt } from '../json.ts';
import { describeObject, objectKey, referenceOf, type ObjectReference } from '../kubernetes-object.ts';
import type { Labels } from './label-selector.ts';
import { plannedObjectOf, type PlanItem, type PlannedObject } from './planned-object.ts';
import type { PlanEdge } from '../plan-graph.ts';
import type { PodTemplate } from './pod-template.ts';

export type GroupKind = { readonly group: string; readonly kind: string };

/** What a plan may know beyond the design. */
export type PlanContext = {
  /** Kinds that a component brings without a CRD in the design, such as those of a Helm release: by component name. */
  readonly provides?: Readonly<Record<string, readonly GroupKind[]>>;
  /** Labels of namespaces that are in the cluster but not in the design. */
  readonly namespaceLabels?: Readonly<Record<string, Labels>>;
  /** Storage classes of the cluster that bind claims at once, not when their first consumer comes. */
  readonly immediateStorageClasses?: readonly string[];
  /** What relationships of the registry say of the order of the objects. */
  readonly implied?: readonly ImpliedEdge[];
};

/** An edge that the design does not say but a relationship of the registry does; ends are keys of objects. */
export type ImpliedEdge = Pick<PlanEdge, 'prerequisite' | 'dependent' | 'needs' | 'reason'>;

/** A workload with the pods that it makes. */
export type Workload = { readonly object: PlannedObject; readonly template: PodTemplate };

/** The objects of a design, findable by all that the rules look for, so that a plan costs its objects and edges. */
export type DesignIndex = {
  readonly context: PlanContext;
  /** By key. */
  readonly objects: readonly PlannedObject[];
  readonly byKey: ReadonlyMap<string, PlannedObject>;
  readonly byComponent: ReadonlyMap<string, PlannedObject>;
  /** By `group/Kind`. */
  readonly byKind: ReadonlyMap<string, readonly PlannedObject[]>;
  /** By `kind/name`, the kind in lower case. */
  readonly byKindAndName: ReadonlyMap<string, readonly PlannedObject[]>;
  readonly workloads: readonly Workload[];
  /** By `namespace`. */
  readonly workloadsByNamespace: ReadonlyMap<string, readonly Workload[]>;
  /** By `namespace label=value` of the pods. */
  readonly workloadsByLabel: ReadonlyMap<string, readonly Workload[]>;
  /** By `namespace/name` of the service account that the pods run as. */
  readonly workloadsByAccount: ReadonlyMap<string, readonly Workload[]>;
  /** CustomResourceDefinitions, by `group/Kind` of what they define. */
  readonly definitions: ReadonlyMap<string, PlannedObject>;
};

/** Throws `invalid` where two items are the same object. */
export function createDesignIndex(items: readonly PlanItem[], context: PlanContext): DesignIndex {
  const objects = items.map(plannedObjectOf).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const byKey = new Map(objects.map((object) => [object.key, object]));
  if (byKey.size < objects.length) throw duplicateError(objects);
  const workloads = objects.flatMap((object) => (object.pods === undefined ? [] : [{ object, template: object.pods }]));
  return {
    context,
    objects,
    byKey,
    byComponent: new Map(objects.map((object) => [object.component, object])),
    byKind: grouped(objects, ({ group, kind }) => [`${group}/${kind}`]),
    byKindAndName: grouped(objects, ({ kind, name }) => [`${kind.toLowerCase()}/${name}`]),
    workloads,
    workloadsByNamespace: grouped(workloads, ({ object }) => [object.namespace ?? '']),
    workloadsByLabel: grouped(workloads, ({ object, template }) =>
      Object.entries(template.labels).map(([name, value]) => `${object.namespace ?? ''} ${name}=${value}`),
    ),
    workloadsByAccount: grouped(workloads, ({ object, template }) => [
      `${object.namespace ?? ''}/${serviceAccountOf(template)}`,
    ]),
    definitions: definitionsOf(objects),
  };
}

/** The object that a reference names, whatever version it names it at, or undefined where the design has none. */
export function find(index: DesignIndex, target: ObjectReference): PlannedObject | undefined {
  return index.byKey.get(objectKey(target));
}

/** The objects of one kind, by key. */
export function allOf(index: DesignIndex, group: string, kind: string): readonly PlannedObject[] {
  return index.byKind.get(`${group}/${kind}`) ?? [];
}

/** `Deployment shop/web`. */
export function describe({ object }: PlannedObject): string {
  return describeObject(referenceOf(object));
}

/** The service account that pods run as, `default` where they name none. */
export function serviceAccountOf({ spec }: PodTemplate): string {
  return stringAt(spec, 'serviceAccountName') ?? stringAt(spec, 'serviceAccount') ?? 'default';
}

/** The workloads of a namespace whose pods carry all of these labels. An empty selector finds none. */
export function workloadsWithLabels(
  index: DesignIndex,
  namespace: string | undefined,
  labels: Readonly<Record<string, unknown>>,
): readonly Workload[] {
  const sets = Object.entries(labels).map(
    ([name, value]) => index.workloadsByLabel.get(`${namespace ?? ''} ${name}=${String(value)}`) ?? [],
  );
  const smallest = sets.toSorted((a, b) => a.length - b.length)[0] ?? [];
  return smallest.filter(({ template }) =>
    Object.entries(labels).every(([name, value]) => template.labels[name] === value),
  );
}

/** The workloads that a Service sends traffic to. */
export function workloadsBehind(index: DesignIndex, service: PlannedObject): readonly Workload[] {
  return workloadsWithLabels(index, service.namespace, objectAt(service.object, 'spec', 'selector'));
}

/** Values in lists by each of the keys that `keysOf` gives; lists keep the order of `values`. */
export function grouped<Value>(
  values: readonly Value[],
  keysOf: (value: Value) => readonly string[],
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    for (const key of keysOf(value)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [value]);
      else group.push(value);
    }
  }
  return groups;
}

function definitionsOf(objects: readonly PlannedObject[]): ReadonlyMap<string, PlannedObject> {
  const definitions = objects.filter(
    ({ group, kind }) => group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition',
  );
  return new Map(definitions.map((definition) => [definedKind(definition), definition]));
}

function definedKind({ object }: PlannedObject): string {
  return `${stringAt(object, 'spec', 'group') ?? ''}/${stringAt(object, 'spec', 'names', 'kind') ?? ''}`;
}

function duplicateError(objects: readonly PlannedObject[]): SlipwayError {
  const twice = objects.filter(({ key }, position) => objects[position - 1]?.key === key);
  return new SlipwayError('invalid', `the design declares ${twice.map(describe).join(', ')} more than once`, {
    fix: 'Keep one component for each object.',
    findings: twice.map((object) => ({
      severity: 'error',
      code: 'plan.duplicateObject',
      message: `${describe(object)} is declared by two components`,
      subject: object.component,
    })),
  });
}
