import type { Dependency } from '../design.ts';
import type { Finding } from '../finding.ts';
import { didYouMean } from './closest-name.ts';
import type { DraftComponent, DraftDependency, DraftDesign, NamedComponent } from './draft.ts';
import { describePlace, findingAt } from './source-document.ts';

export type ResolvedDependencies = {
  readonly byComponent: ReadonlyMap<NamedComponent, Dependency[]>;
  readonly findings: readonly Finding[];
};

type Target = { readonly draft: DraftComponent; readonly component?: NamedComponent };
type Targets = ReadonlyMap<string, readonly Target[]>;
type Resolved = { readonly dependency?: Dependency; readonly findings: readonly Finding[] };

/** Turns the names in `dependsOn` into component names: each must mean exactly one other component. */
export function resolveDependencies(named: readonly NamedComponent[], design: DraftDesign): ResolvedDependencies {
  const targets = indexTargets(named, design.components);
  const leftOut = design.leftOut ?? new Set();
  const componentOf = new Map(named.map((component) => [component.draft, component]));
  const resolved = design.components.map((draft) => ({
    component: componentOf.get(draft),
    results: draft.dependsOn
      .filter(({ target }) => targets.has(target) || !leftOut.has(target))
      .map((dependency) => resolve(draft, dependency, targets)),
  }));
  return {
    findings: resolved.flatMap(({ results }) => results.flatMap((result) => result.findings)),
    byComponent: new Map(
      resolved.flatMap(({ component, results }) =>
        component === undefined ? [] : [[component, unique(results.flatMap(({ dependency }) => dependency ?? []))]],
      ),
    ),
  };
}

/** A component's own name hides the aliases of others. */
function indexTargets(named: readonly NamedComponent[], drafts: readonly DraftComponent[]): Targets {
  const componentOf = new Map(named.map((component) => [component.draft, component]));
  const byName = new Map<string, Target[]>();
  const byAlias = new Map<string, Target[]>();
  for (const draft of drafts) {
    const component = componentOf.get(draft);
    const target: Target = component === undefined ? { draft } : { draft, component };
    const name = component?.name ?? draft.name;
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), target]);
    for (const alias of new Set(draft.aliases)) byAlias.set(alias, [...(byAlias.get(alias) ?? []), target]);
  }
  return new Map([...byAlias, ...byName]);
}

function resolve(draft: DraftComponent, dependency: DraftDependency, targets: Targets): Resolved {
  const found = targets.get(dependency.target) ?? [];
  const [first, second] = found;
  if (first === undefined) return { findings: [unknownTarget(dependency, targets)] };
  if (second !== undefined) return { findings: [ambiguousTarget(dependency, found)] };
  if (first.draft === draft) return { findings: [selfDependency(dependency)] };
  if (first.component === undefined) return { findings: [] };
  return { dependency: { component: first.component.name, state: dependency.state }, findings: [] };
}

function unknownTarget({ target, place }: DraftDependency, targets: Targets): Finding {
  return findingAt(place, {
    severity: 'error',
    code: 'design.unknownDependency',
    message: `dependsOn names "${target}", but the design has no such component.${didYouMean(target, targets.keys())}`,
    fix: 'Correct the name, or remove the dependency.',
  });
}

function ambiguousTarget({ target, place }: DraftDependency, found: readonly Target[]): Finding {
  const places = found.map(({ draft }) => describePlace(draft.place)).join(', ');
  return findingAt(place, {
    severity: 'error',
    code: 'design.ambiguousDependency',
    message: `dependsOn names "${target}", but ${found.length} components have that name: ${places}.`,
    fix: 'Name the component by its id.',
  });
}

function selfDependency({ target, place }: DraftDependency): Finding {
  return findingAt(place, {
    severity: 'error',
    code: 'design.selfDependency',
    message: `The component "${target}" depends on itself.`,
    fix: 'Remove the dependency.',
  });
}

/** One dependency a component: where it is named twice, the first stays. */
function unique(dependencies: readonly Dependency[]): Dependency[] {
  return [
    ...new Map(dependencies.toReversed().map((dependency) => [dependency.component, dependency])).values(),
  ].toReversed();
}
