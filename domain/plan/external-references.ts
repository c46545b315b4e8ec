import type { Component } from '../design.ts';
import { formatPath } from '../json.ts';
import { objectKey, type ObjectReference } from '../kubernetes-object.ts';
import { createDesignIndex, describe, find, grouped, type DesignIndex, type PlanContext } from './design-index.ts';
import { objectReferences } from './object-references.ts';
import type { PlannedObject } from './planned-object.ts';
import { producedSecrets, type ProducedSecrets } from './produced-secrets.ts';
import type { Reference } from './reference.ts';
import { calledServices } from './service-reference.ts';

/** An object that a design refers to but does not bring: it must be in the cluster, unless every use is optional. */
export type ExternalReference = {
  /** `objectKey` of the target. */
  readonly key: string;
  readonly target: ObjectReference;
  /** Whether the design works without it. */
  readonly optional: boolean;
  readonly uses: readonly ExternalUse[];
};

/** One place that refers to an object outside the design. */
export type ExternalUse = {
  readonly component: string;
  /** The object that refers to it: `Deployment shop/web`. */
  readonly subject: string;
  /** `spec.template.spec.volumes[0].secret.secretName`. */
  readonly path: string;
  /** What the object does with it: `mounts`. */
  readonly verb: string;
  readonly optional: boolean;
};

/**
 * What the design needs of the cluster: namespaces, configuration, accounts, roles, classes, volumes, Services. Secrets that
 * custom resources of the design make are not among it, nor the default account of a namespace. By key.
 */
export function externalReferences(components: readonly Component[], context: PlanContext = {}): ExternalReference[] {
  const index = createDesignIndex(
    components.map(({ name, adapter, dependsOn, object }) => ({ component: name, adapter, dependsOn, object })),
    context,
  );
  const produced = producedSecrets(index);
  const found = index.objects.flatMap((object) => outsideReferences(index, { object, produced }));
  const byTarget = grouped(found, ({ key }) => [key]);
  return [...byTarget.values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [merged(first, others)]))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

type Found = Pick<ExternalReference, 'key' | 'target'> & { readonly use: ExternalUse };

function merged(first: Found, others: readonly Found[]): ExternalReference {
  const uses = [first, ...others].map(({ use }) => use);
  return { key: first.key, target: first.target, optional: uses.every(({ optional }) => optional), uses };
}

function outsideReferences(
  index: DesignIndex,
  { object, produced }: { readonly object: PlannedObject; readonly produced: ProducedSecrets },
): readonly Found[] {
  return [...objectReferences(object), ...calledServices(object)]
    .filter(({ target }) => find(index, target) === undefined)
    .filter(({ target }) => !isMadeByItself(target))
    .filter(({ target }) => target.kind !== 'Secret' || produced.makersOf(target).length === 0)
    .map((reference) => ({
      key: objectKey(reference.target),
      target: reference.target,
      use: useOf(object, reference),
    }));
}

/** Kubernetes makes an account named `default` in every namespace. */
function isMadeByItself({ kind, name }: ObjectReference): boolean {
  return kind === 'ServiceAccount' && name === 'default';
}

function useOf(object: PlannedObject, { path, verb, optional }: Reference): ExternalUse {
  return { component: object.component, subject: describe(object), path: formatPath(path), verb, optional };
}
