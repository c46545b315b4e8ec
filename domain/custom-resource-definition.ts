import { stringAt } from './json.ts';
import { groupOf, type KubernetesObject } from './kubernetes-object.ts';

type Kind = { readonly apiVersion: string; readonly kind: string };

/** Whether this is the definition of that kind, at whatever version. */
export function defines(object: KubernetesObject, { apiVersion, kind }: Kind): boolean {
  return (
    object.kind === 'CustomResourceDefinition' &&
    stringAt(object, 'spec', 'group') === groupOf(apiVersion) &&
    stringAt(object, 'spec', 'names', 'kind') === kind
  );
}

/** The definition of a kind among objects, such as those of a design. */
export function findDefinition(objects: readonly KubernetesObject[], kind: Kind): KubernetesObject | undefined {
  return objects.find((object) => defines(object, kind));
}
