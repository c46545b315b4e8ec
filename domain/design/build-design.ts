import { designSchema, installedAdapters, type Component, type Design } from '../design.ts';
import { hasErrors, type Finding } from '../finding.ts';
import { componentAnnotation } from '../ownership.ts';
import { describeObject, objectKey, referenceOf, type KubernetesObject } from '../kubernetes-object.ts';
import { checkObject, type CheckedObject } from './check-object.ts';
import { deriveComponentNames } from './component-names.ts';
import type { DraftComponent, DraftDesign, NamedComponent } from './draft.ts';
import { kubernetesKind } from './known-kinds.ts';
import { designLimits } from './limits.ts';
import { resolveDependencies } from './resolve-dependencies.ts';
import { describePlace, findingAt, type SourceDocument } from './source-document.ts';

export type BuiltDesign = { readonly design?: Design; readonly findings: readonly Finding[] };

/** The design that a draft describes, with every finding about it; any error means no design. */
export function buildDesign(
  draft: DraftDesign,
  context: { readonly fallbackName: string; readonly document: SourceDocument },
): BuiltDesign {
  if (draft.components.length > designLimits.components) {
    return { findings: [...draft.findings, tooManyComponents(draft.components.length, context.document)] };
  }
  const checked = draft.components.map((component) => ({ draft: component, ...checkObject(component) }));
  const named = nameComponents(checked);
  const dependencies = resolveDependencies(named, draft);
  const findings = [
    ...draft.findings,
    ...checked.flatMap((component) => component.findings),
    ...draft.components.flatMap(missingAdapter),
    ...sameNames(draft.components),
    ...sameObjects(named, draft.namespace),
    ...dependencies.findings,
    ...(draft.components.length === 0 && !hasErrors(draft.findings) ? [noComponents(context.document)] : []),
  ];
  if (hasErrors(findings)) return { findings };
  const components = named.map((component) => toComponent(component, dependencies.byComponent.get(component) ?? []));
  return { design: designSchema.parse({ ...head(draft, context.fallbackName), components }), findings };
}

function head({ name, description, namespace }: DraftDesign, fallbackName: string) {
  return {
    name: name === undefined || name === '' ? fallbackName : name.slice(0, 253),
    ...(description === undefined ? {} : { description }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Components whose object is no good yet have no name either, unless they were given one. */
function nameComponents(
  checked: readonly (CheckedObject & { readonly draft: DraftComponent })[],
): readonly NamedComponent[] {
  const good = checked.flatMap(({ draft, object }) => (object === undefined ? [] : [{ draft, object }]));
  const given = new Set(good.flatMap(({ draft }) => (draft.name === undefined ? [] : [draft.name])));
  const unnamed = good.filter(({ draft }) => draft.name === undefined);
  const derived = deriveComponentNames(
    unnamed.map(({ object }) => object),
    given,
  );
  const names = new Map(unnamed.map(({ draft }, index) => [draft, derived[index] ?? '']));
  return good.map(({ draft, object }) => ({ name: draft.name ?? names.get(draft) ?? '', draft, object }));
}

function toComponent({ name, draft, object }: NamedComponent, dependsOn: Component['dependsOn']): Component {
  return {
    name,
    ...(draft.description === undefined ? {} : { description: draft.description }),
    adapter: draft.adapter ?? 'kubernetes',
    ...(draft.model === undefined ? {} : { model: draft.model }),
    dependsOn,
    object: withoutAnnotation(object, componentAnnotation),
  };
}

/** Slipway writes the annotation itself on every object that it applies. */
function withoutAnnotation(object: KubernetesObject, name: string): KubernetesObject {
  const { annotations, ...metadata } = object.metadata;
  if (annotations === undefined || annotations === null || !Object.hasOwn(annotations, name)) return object;
  const kept = Object.entries(annotations).filter(([key]) => key !== name);
  return { ...object, metadata: kept.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(kept) } };
}

function sameNames(components: readonly DraftComponent[]): readonly Finding[] {
  const first = new Map<string, DraftComponent>();
  return components.flatMap((component) => {
    const { name } = component;
    const earlier = name === undefined ? undefined : first.get(name);
    if (name === undefined) return [];
    if (earlier === undefined) {
      first.set(name, component);
      return [];
    }
    return [
      findingAt(component.place, {
        severity: 'error',
        code: 'design.duplicateComponent',
        message: `Two components are named "${name}": here and at ${describePlace(earlier.place)}.`,
        fix: 'Give each component its own name.',
      }),
    ];
  });
}

function sameObjects(named: readonly NamedComponent[], namespace: string | undefined): readonly Finding[] {
  const first = new Map<string, NamedComponent>();
  return named.flatMap((component) => {
    const key = placedKey(component.object, namespace);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, component);
      return [];
    }
    return [
      findingAt(component.draft.place, {
        severity: 'error',
        code: 'design.duplicateObject',
        message: `${describeObject(referenceOf(component.object))} is declared twice: here and at ${describePlace(earlier.draft.place)}.`,
        fix: 'Remove one of the two, or give them different names or namespaces.',
        subject: describeObject(referenceOf(component.object)),
      }),
    ];
  });
}

/** The object's key with the design's namespace filled in, so that `web` and `shop/web` are seen to be one. */
function placedKey(object: KubernetesObject, namespace: string | undefined): string {
  const reference = referenceOf(object);
  const clusterScoped = kubernetesKind(object.apiVersion, object.kind)?.namespaced === false;
  const filled = reference.namespace ?? (clusterScoped ? undefined : namespace);
  return objectKey({ ...reference, ...(filled === undefined ? {} : { namespace: filled }) });
}

function missingAdapter({ adapter = 'kubernetes', place }: DraftComponent): readonly Finding[] {
  if (installedAdapters.some((name) => name === adapter)) return [];
  return [
    findingAt(place, {
      severity: 'warning',
      code: 'design.adapterMissing',
      message: `This component needs the ${adapter} adapter, which is not installed: the design can be kept, but not deployed.`,
      fix: 'Remove the component, or give the manifests that it stands for.',
    }),
  ];
}

function noComponents(document: SourceDocument): Finding {
  return findingAt(
    { document, path: [] },
    {
      severity: 'warning',
      code: 'design.empty',
      message: 'The design has no components: there is nothing to deploy.',
      fix: 'Add a component.',
    },
  );
}

function tooManyComponents(count: number, document: SourceDocument): Finding {
  return findingAt(
    { document, path: [] },
    {
      severity: 'error',
      code: 'design.tooManyComponents',
      message: `The design has ${count} components; at most ${designLimits.components} are accepted.`,
      fix: 'Split it into several designs.',
    },
  );
}
