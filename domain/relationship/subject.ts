import type { Component } from '../design.ts';
import { kubernetesKind } from '../design/known-kinds.ts';
import type { JsonValue } from '../json.ts';
import { describeObject, groupOf, referenceOf } from '../kubernetes-object.ts';
import type { ScopeOf } from '../resolve-components.ts';
import { type Field, keysOf, type Slot, slotsAt } from './field-values.ts';

/** What relationships look at of a component. */
export type RelatedComponent = Pick<Component, 'name' | 'object' | 'dependsOn' | 'model'>;

/** A component as the evaluation sees it, with what was already read of it. */
export type Subject = {
  readonly name: string;
  readonly component: RelatedComponent;
  readonly kind: string;
  readonly group: string;
  readonly scope: 'namespaced' | 'cluster' | undefined;
  /** Undefined for what has none, or whose scope nobody knows. */
  readonly namespace: string | undefined;
  readonly title: string;
  readonly read: (field: Field) => readonly Slot[];
  /** What the values of a field can be found by, each once. */
  readonly keys: (field: Field) => readonly string[];
};

export type Surroundings = {
  /** The namespace of namespaced objects that name none. */
  readonly namespace?: string | undefined;
  readonly scopeOf?: ScopeOf | undefined;
};

/** The component with its scope and namespace told. */
export function subjectOf(component: RelatedComponent, { namespace, scopeOf }: Surroundings): Subject {
  const { apiVersion, kind, metadata } = component.object;
  const scope = scopeOf?.(apiVersion, kind) ?? knownScope(apiVersion, kind);
  const own = metadata.namespace === '' ? undefined : metadata.namespace;
  const given = own ?? (scope === 'namespaced' ? (namespace ?? '') : undefined);
  const named = given === undefined || given === '' ? component.object : inNamespace(component, given);
  const read = remembering((field) => slotsAt(named, field));
  return {
    name: component.name,
    component,
    kind,
    group: groupOf(apiVersion),
    scope,
    namespace: scope === 'cluster' ? undefined : given,
    title: describeObject(referenceOf(named)),
    read,
    keys: remembering((field) => [...new Set(read(field).flatMap(({ value }) => keysOf(value)))]),
  };
}

function remembering<Value>(make: (field: Field) => Value): (field: Field) => Value {
  const known = new Map<string, Value>();
  return (field) => {
    const value = known.get(field.id) ?? make(field);
    known.set(field.id, value);
    return value;
  };
}

function inNamespace({ object }: RelatedComponent, namespace: string): RelatedComponent['object'] {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function knownScope(apiVersion: string, kind: string): Subject['scope'] {
  const known = kubernetesKind(apiVersion, kind);
  if (known === undefined) return undefined;
  return known.namespaced ? 'namespaced' : 'cluster';
}

/** Whether a name that one of them says can mean the other: they share a namespace, or one of them has none. */
export function shareNamespace(a: Subject, b: Subject): boolean {
  return a.namespace === undefined || b.namespace === undefined || a.namespace === b.namespace;
}

/** Whether a value read from an object is there. */
export function isJson(value: unknown): value is JsonValue {
  return value !== undefined && typeof value !== 'function';
}
