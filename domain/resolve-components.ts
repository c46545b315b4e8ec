import { definitionsIn } from './custom-resource-definition.ts';
import type { Component, Design } from './design.ts';
import type { Finding } from './finding.ts';
import { isJsonObject, stringAt, valueAt } from './json.ts';
import { describeObject, type KubernetesObject, objectKey, referenceOf } from './kubernetes-object.ts';

/** Whether a kind lives in namespaces; undefined where nothing serves it. */
export type ScopeOf = (apiVersion: string, kind: string) => 'namespaced' | 'cluster' | undefined;

export type ResolveOptions = {
  /** Given to namespaced objects for which neither they nor the design name one. */
  readonly namespace: string | undefined;
  readonly scopeOf: ScopeOf;
};

export type ResolvedDesign = {
  readonly components: readonly Component[];
  readonly findings: readonly Finding[];
  /** Components of kinds that neither the target serves nor the design brings. */
  readonly unserved: readonly Component[];
};

/**
 * The components as the target takes them: each object with the namespace that its scope asks for, and the plain text of
 * Secrets encoded, as the API server would. Findings name objects that meet under one key.
 */
export function resolveComponents(design: Design, options: ResolveOptions): ResolvedDesign {
  const scopeOf = withScopesOf(design, options.scopeOf);
  const unserved: Component[] = [];
  const components = design.components.map((component) => {
    const { apiVersion, kind } = component.object;
    const scope = scopeOf(apiVersion, kind);
    if (scope === undefined) unserved.push(component);
    const namespace = component.object.metadata.namespace ?? design.namespace ?? options.namespace ?? 'default';
    const scoped =
      scope === 'cluster' ? withoutNamespace(component.object) : withNamespace(component.object, namespace);
    return { ...component, object: encodeSecret(scoped) };
  });
  return { components, findings: collisionsOf(components), unserved };
}

/** The scopes of the kinds that the design defines, and those that the target serves. */
function withScopesOf(design: Design, served: ScopeOf): ScopeOf {
  const definitionOf = definitionsIn(design.components.map(({ object }) => object));
  return (apiVersion, kind) => {
    const definition = definitionOf({ apiVersion, kind });
    if (definition === undefined) return served(apiVersion, kind);
    return stringAt(definition, 'spec', 'scope') === 'Cluster' ? 'cluster' : 'namespaced';
  };
}

function withNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function withoutNamespace(object: KubernetesObject): KubernetesObject {
  const { namespace: _namespace, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** `stringData` is for writing only: https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/ */
function encodeSecret(object: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = object;
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1' || !isJsonObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([name, text]) => [
    name,
    Buffer.from(String(text)).toString('base64'),
  ]);
  const data = valueAt(object, 'data');
  return { ...rest, data: { ...(isJsonObject(data) ? data : {}), ...Object.fromEntries(encoded) } };
}

/** Two components can meet only once namespaces are filled in. */
function collisionsOf(components: readonly Component[]): readonly Finding[] {
  const seen = new Map<string, string>();
  return components.flatMap(({ name, object }) => {
    const reference = referenceOf(object);
    const key = objectKey(reference);
    const first = seen.get(key);
    seen.set(key, first ?? name);
    if (first === undefined) return [];
    const subject = describeObject(reference);
    return [
      {
        severity: 'error',
        code: 'design.duplicateObject',
        subject,
        path: `components.${name}`,
        message: `${subject} is declared by two components: ${first} and ${name}`,
        fix: 'remove one of them, or give one another name or namespace',
      } as const,
    ];
  });
}
