import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Component, Dependency } from '../../../domain/design.ts';
import { describeObject, kubernetesObjectSchema, type KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { planUndeploy, type UndeployContext } from '../../../domain/plan.ts';
import type { PlanGraph } from '../../../domain/plan-graph.ts';

/** The objects of a manifest of many documents. */
export function objectsOf(manifest: string): readonly KubernetesObject[] {
  return parseAllDocuments(manifest).flatMap((document) => {
    const value: unknown = document.toJS();
    return value === null ? [] : [kubernetesObjectSchema.parse(value)];
  });
}

/** The text of a file under test/fixtures/plan. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/plan/${name}`, import.meta.url), 'utf8');
}

/** Namespaced objects of a manifest that names no namespace, put into one. */
export function inNamespace(namespace: string, manifest: string): readonly KubernetesObject[] {
  return objectsOf(manifest).map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
}

export function componentOf(object: KubernetesObject, dependsOn: readonly Dependency[] = []): Component {
  const { kind, metadata } = object;
  const name = [kind, metadata.namespace ?? 'cluster', metadata.name].join('.').toLowerCase().replaceAll(':', '-');
  return { name, adapter: 'kubernetes', dependsOn: [...dependsOn], object };
}

/** One component for each object of the manifest, named `kind.namespace.name`. */
export function designOf(manifest: string): readonly Component[] {
  return objectsOf(manifest).map((object) => componentOf(object));
}

/** The edges as lines: `Namespace shop -exists-> ConfigMap shop/settings (hard)`. */
export function linesOf(graph: PlanGraph): readonly string[] {
  const titles = new Map([
    ...graph.nodes.map(({ key, reference }): [string, string] => [key, describeObject(reference)]),
    ...(graph.gates ?? []).map(({ key, title }): [string, string] => [key, `[${title}]`]),
  ]);
  const title = (key: string) => titles.get(key) ?? key;
  return graph.edges.map(
    ({ prerequisite, dependent, needs, strength }) =>
      `${title(prerequisite)} -${needs}-> ${title(dependent)} (${strength})`,
  );
}

export function undeployOf(components: readonly Component[], context: UndeployContext = {}): PlanGraph {
  return planUndeploy(
    components.map(({ name, object, dependsOn }) => ({ component: name, object, dependsOn })),
    context,
  );
}
