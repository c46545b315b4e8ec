import { arrayAt, isJsonObject, objectAt, valueAt, type JsonObject, type JsonPath } from '../json.ts';
import type { Labels } from './label-selector.ts';
import { groupOf, type KubernetesObject } from '../kubernetes-object.ts';

/** The pods that an object makes: their labels and spec, and where the spec stands in the object. */
export type PodTemplate = { readonly path: JsonPath; readonly labels: Labels; readonly spec: JsonObject };

const templatePaths: readonly JsonPath[] = [
  ['spec', 'template'],
  ['spec', 'jobTemplate', 'spec', 'template'],
  ['template'],
  ['spec', 'jobTargetRef', 'template'],
];

/**
 * The pod template of a workload, or undefined. Custom workloads (Rollout, CloneSet, Knative Service …) are recognised
 * by their shape: a template whose spec lists containers.
 */
export function podTemplateOf(object: KubernetesObject): PodTemplate | undefined {
  if (object.kind === 'Pod' && groupOf(object.apiVersion) === '')
    return { path: ['spec'], labels: object.metadata.labels ?? {}, spec: objectAt(object, 'spec') };
  for (const path of templatePaths) {
    const spec = valueAt(object, ...path, 'spec');
    if (!isJsonObject(spec) || arrayAt(spec, 'containers').length === 0) continue;
    return { path: [...path, 'spec'], labels: labelsAt(object, path), spec };
  }
  return undefined;
}

function labelsAt(object: unknown, path: JsonPath): Labels {
  const labels = objectAt(object, ...path, 'metadata', 'labels');
  return Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
