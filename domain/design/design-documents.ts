import { designApiVersion, type Component, type Dependency, type Design } from '../design.ts';
import { SlipwayError } from '../errors.ts';
import { stringAt } from '../json.ts';
import { groupOf, type KubernetesObject } from '../kubernetes-object.ts';
import { componentAnnotation } from '../ownership.ts';
import { deriveComponentNames } from './component-names.ts';
import { dependsOnAnnotation } from './from-manifests.ts';
import { kubernetesKind } from './known-kinds.ts';

/** A design in Slipway's own format, as a plain value. */
export function toSlipwaySource(design: Design): object {
  return {
    apiVersion: designApiVersion,
    kind: 'Design',
    metadata: { name: design.name, ...(design.description === undefined ? {} : { description: design.description }) },
    spec: {
      ...(design.namespace === undefined ? {} : { namespace: design.namespace }),
      components: design.components.map(toComponentSource),
    },
  };
}

function toComponentSource({ name, description, adapter, model, dependsOn, object }: Component): object {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(adapter === 'kubernetes' ? {} : { adapter }),
    ...(model === undefined ? {} : { model }),
    ...(dependsOn.length === 0
      ? {}
      : { dependsOn: dependsOn.map(({ component, state }) => (state === 'ready' ? component : { component, state })) }),
    object,
  };
}

/**
 * The objects of a design as manifests that kubectl applies to the same end: the design's namespace is written into each object that has
 * none, and annotations keep component names and dependencies where the objects alone would not give them back. Throws SlipwayError
 * `unsupported` where a component is not a Kubernetes object.
 */
export function toManifests(design: Design): readonly KubernetesObject[] {
  const others = design.components.filter(({ adapter }) => adapter !== 'kubernetes');
  if (others.length > 0) throw notManifests(others);
  const clusterKinds = clusterKindsOf(design);
  const objects = design.components.map(({ object }) => withNamespace(object, design.namespace, clusterKinds));
  const derived = deriveComponentNames(objects);
  return design.components.map((component, index) => {
    const object = objects[index] ?? component.object;
    return withAnnotations(object, {
      ...(component.name === derived[index] ? {} : { [componentAnnotation]: component.name }),
      ...(component.dependsOn.length === 0
        ? {}
        : { [dependsOnAnnotation]: component.dependsOn.map(describeDependency).join(', ') }),
    });
  });
}

function describeDependency({ component, state }: Dependency): string {
  return state === 'ready' ? component : `${component}=${state}`;
}

function withAnnotations(object: KubernetesObject, added: Readonly<Record<string, string>>): KubernetesObject {
  if (Object.keys(added).length === 0) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...added } } };
}

/** A kind that nobody here knows is taken for a namespaced one, as most are; the API server drops the namespace where it is not. */
function withNamespace(
  object: KubernetesObject,
  namespace: string | undefined,
  clusterKinds: ReadonlySet<string>,
): KubernetesObject {
  const isClusterScoped =
    kubernetesKind(object.apiVersion, object.kind)?.namespaced === false ||
    clusterKinds.has(`${groupOf(object.apiVersion)}/${object.kind}`);
  if (namespace === undefined || object.metadata.namespace !== undefined || isClusterScoped) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** The cluster-scoped kinds that the design itself defines, as `group/Kind`. */
function clusterKindsOf(design: Design): ReadonlySet<string> {
  return new Set(
    design.components
      .map(({ object }) => object)
      .filter((object) => object.kind === 'CustomResourceDefinition' && stringAt(object, 'spec', 'scope') === 'Cluster')
      .map((object) => `${stringAt(object, 'spec', 'group')}/${stringAt(object, 'spec', 'names', 'kind')}`),
  );
}

function notManifests(components: readonly Component[]): SlipwayError {
  const names = components.map(({ name, adapter }) => `${name} (${adapter})`).join(', ');
  return new SlipwayError('unsupported', `these components are no Kubernetes objects: ${names}`, {
    fix: 'Export the design in the format "slipway".',
  });
}
