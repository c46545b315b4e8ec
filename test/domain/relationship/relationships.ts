import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Component } from '../../../domain/design.ts';
import { jsonObjectSchema } from '../../../domain/json.ts';
import { kubernetesObjectSchema } from '../../../domain/kubernetes-object.ts';
import { fromMesheryRelationship } from '../../../domain/registry/from-meshery-relationship.ts';
import { relationshipDefinitionSchema } from '../../../domain/registry/relationship-definition.ts';
import type { RelationEdge } from '../../../domain/relationship/evaluation.ts';
import { evaluateRelationships, type EvaluationInput } from '../../../domain/relationship/evaluate.ts';
import type { RegisteredRelationship } from '../../../domain/relationship/rules.ts';
import { objectsOf } from '../plan/manifests.ts';

export const model = { name: 'shop-model', version: 'v1.0.0' };

type Given = Omit<z.input<typeof relationshipDefinitionSchema>, 'foundBy' | 'name'> & { readonly name?: string };

/** A relationship of the model `shop-model@v1.0.0`. */
export function relationship({ name = 'rule', ...given }: Given): RegisteredRelationship {
  return { model, definition: relationshipDefinitionSchema.parse({ name, foundBy: { how: 'written' }, ...given }) };
}

type Selector = z.input<typeof relationshipDefinitionSchema>['selectors'][number]['allow'];
type Side = NonNullable<NonNullable<Selector['from']>[number]>;

/** A selector whose fields are named by the other side. */
export function gives(kind: string, ...mutatorRef: readonly (readonly string[])[]): Side {
  return { kind, patch: { mutatorRef: mutatorRef.map((path) => [...path]) } };
}

/** A selector whose fields name the other side. */
export function takes(kind: string, ...mutatedRef: readonly (readonly string[])[]): Side {
  return { kind, patch: { mutatedRef: mutatedRef.map((path) => [...path]) } };
}

export function allow(from: Side, to: Side, deny?: { readonly from: Side; readonly to: Side }) {
  const pairs = { allow: { from: [from], to: [to] } };
  return deny === undefined ? pairs : { ...pairs, deny: { from: [deny.from], to: [deny.to] } };
}

/** `configuration.spec.ca.secretName` as a path. */
export function field(text: string): readonly string[] {
  return ['configuration', ...text.split('.')];
}

export const displayName = ['displayName'];

/** One component for each object of a manifest, named `kind-name`; the annotation `after` says on what it depends. */
export function componentsOf(manifest: string): readonly Component[] {
  return objectsOf(manifest).map((object) => {
    const after = object.metadata.annotations?.['after'];
    return {
      name: `${object.kind}-${object.metadata.name}`.toLowerCase(),
      adapter: 'kubernetes',
      dependsOn: after === undefined ? [] : after.split(' ').map((component) => ({ component, state: 'ready' })),
      object,
    };
  });
}

export function evaluate(
  manifest: string,
  relationships: readonly RegisteredRelationship[],
  more: Partial<EvaluationInput> = {},
) {
  return evaluateRelationships({ components: componentsOf(manifest), relationships, ...more });
}

/** `secret-key -> issuer-ca`. */
export function linesOf(edges: readonly RelationEdge[]): readonly string[] {
  return edges.map(({ from, to, via }) => `${from} -> ${to}${via === undefined ? '' : ` via ${via}`}`);
}

/** The field of a component after the evaluation. */
export function objectOf(components: ReturnType<typeof evaluate>['components'], name: string) {
  return kubernetesObjectSchema.parse(components.find((component) => component.name === name)?.object);
}

/** A relationship as Meshery publishes it, of the model that its file is in. */
export function published(path: string): RegisteredRelationship {
  const url = new URL(`../../fixtures/registry/meshery__meshery/server/meshmodel/${path}`, import.meta.url);
  const value = jsonObjectSchema.parse(JSON.parse(readFileSync(url, 'utf8')));
  const { definition } = fromMesheryRelationship({ value, locate: () => undefined }, 'published');
  const [name = '', version = ''] = path.split('/');
  return { model: { name, version }, definition: relationshipDefinitionSchema.parse(definition) };
}
