import { deriveComponentNames } from './design/component-names.ts';
import { kubernetesKind } from './design/known-kinds.ts';
import type { Component, Dependency, Design } from './design.ts';
import { stringAt } from './json.ts';
import { groupOf, type KubernetesObject, objectKey, referenceOf } from './kubernetes-object.ts';

/** The API group of components that stand for charts: `spec` holds the values, the metadata name and place the release. */
export const chartGroup = 'helm.slipway.dev';

/** Whether the component stands for a chart. */
export function isChart({ object }: Component): boolean {
  return groupOf(object.apiVersion) === chartGroup;
}

/** What a chart became, and the namespace of its release. */
export type RenderedChart = { readonly namespace: string; readonly objects: readonly KubernetesObject[] };

/**
 * The design with the objects of each chart in the chart's place, by the name of its component. What depends on a chart
 * depends on all of them. An object that the design declares itself stands in place of the chart's own.
 */
export function replaceCharts(design: Design, rendered: ReadonlyMap<string, RenderedChart>): Design {
  const declared = new Set(design.components.map(({ object }) => placedKey(object, design.namespace)));
  const expanded = new Map<string, readonly Component[]>();
  const taken = new Set(design.components.map(({ name }) => name));
  for (const component of design.components) {
    const chart = rendered.get(component.name);
    if (chart === undefined) continue;
    const own = chart.objects
      .filter((object) => !declared.has(placedKey(object, chart.namespace)))
      .map((object) => place(object, chart.namespace));
    const components = toComponents(component, own, taken);
    for (const { name } of components) taken.add(name);
    expanded.set(component.name, components);
  }
  const components = design.components.flatMap((component) => expanded.get(component.name) ?? [component]);
  return {
    ...design,
    components: components.map((component) => ({
      ...component,
      dependsOn: component.dependsOn.flatMap((dependency) => widen(dependency, expanded)),
    })),
  };
}

/** Objects that Helm applies at an install or an upgrade; those for tests, deletes and rollbacks never are. https://helm.sh/docs/topics/charts_hooks/ */
export function isInstalled(object: KubernetesObject): boolean {
  const hooks = stringAt(object, 'metadata', 'annotations', 'helm.sh/hook');
  return hooks === undefined || hooks.split(',').some((hook) => installHooks.has(hook.trim()));
}

const installHooks = new Set(['pre-install', 'post-install', 'pre-upgrade', 'post-upgrade', 'crd-install']);

function toComponents(
  chart: Component,
  objects: readonly KubernetesObject[],
  taken: ReadonlySet<string>,
): readonly Component[] {
  const names = deriveComponentNames(objects, taken);
  return objects.map((object, index) => ({
    name: names[index] ?? '',
    adapter: 'kubernetes',
    ...(chart.model === undefined ? {} : { model: chart.model }),
    dependsOn: chart.dependsOn,
    object,
  }));
}

function widen(dependency: Dependency, expanded: ReadonlyMap<string, readonly Component[]>): readonly Dependency[] {
  const components = expanded.get(dependency.component);
  return components === undefined
    ? [dependency]
    : components.map(({ name }) => ({ component: name, state: dependency.state }));
}

/** A chart leaves out the namespace of what goes where its release goes. */
function place(object: KubernetesObject, namespace: string): KubernetesObject {
  const isPlaced = object.metadata.namespace !== undefined || isClusterScoped(object);
  return isPlaced ? object : { ...object, metadata: { ...object.metadata, namespace } };
}

function placedKey(object: KubernetesObject, namespace: string | undefined): string {
  const reference = referenceOf(object);
  const filled = reference.namespace ?? (isClusterScoped(object) ? undefined : namespace);
  return objectKey({ ...reference, ...(filled === undefined ? {} : { namespace: filled }) });
}

function isClusterScoped({ apiVersion, kind }: KubernetesObject): boolean {
  return kubernetesKind(apiVersion, kind)?.namespaced === false;
}
