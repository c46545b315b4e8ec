import { stringAt } from './json.ts';
import { groupOf, type KubernetesObject } from './kubernetes-object.ts';

type Kind = { readonly apiVersion: string; readonly kind: string };

/** The type of definitions as API servers have it. */
export const definitionType = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' } as const;

/** The definition of a kind, at whatever version, or undefined. */
export type FindDefinition = (kind: Kind) => KubernetesObject | undefined;

export function isCustomResourceDefinition({ apiVersion, kind }: Kind): boolean {
  return groupOf(apiVersion) === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition';
}

/** Finds the definitions of kinds among objects, such as those of a design. */
export function definitionsIn(objects: readonly KubernetesObject[]): FindDefinition {
  const byKind = new Map(objects.filter(isCustomResourceDefinition).map((object) => [definedKind(object), object]));
  return ({ apiVersion, kind }) => byKind.get(`${groupOf(apiVersion)}/${kind}`);
}

/** Whether this is the definition of that kind. */
export function defines(definition: KubernetesObject, kind: Kind): boolean {
  return definitionsIn([definition])(kind) !== undefined;
}

function definedKind(definition: KubernetesObject): string {
  return `${stringAt(definition, 'spec', 'group') ?? ''}/${stringAt(definition, 'spec', 'names', 'kind') ?? ''}`;
}
