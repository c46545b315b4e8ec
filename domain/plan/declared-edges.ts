import { SlipwayError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { hardEdge, joined, type CandidateEdge, type RuleResult } from './candidate-edge.ts';
import { describe, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

const dependsOnAnnotation = 'config.kubernetes.io/depends-on';
const werfAnnotation = /^werf\.io\/(deploy|delete)-dependency-/;

/** What people said themselves: `dependsOn` of components, and the annotations of kpt (cli-utils) and werf (nelm). */
export function declaredEdges(index: DesignIndex): RuleResult {
  return joined([
    { edges: index.objects.flatMap((object) => componentEdges(index, object)) },
    ...index.objects.map((object) => annotatedEdges(index, object)),
    ...index.objects.map((object) => werfEdges(index, object, 'deploy')),
  ]);
}

/** Throws `invalid` where a component depends on one that the design has not, or on itself. */
export function checkDeclared(index: DesignIndex): void {
  const findings = index.objects.flatMap(({ component, dependsOn }) =>
    dependsOn.flatMap((dependency, position) =>
      index.byComponent.has(dependency.component) && dependency.component !== component
        ? []
        : [unknownDependency(component, dependency.component, position)],
    ),
  );
  const [first] = findings;
  if (first === undefined) return;
  throw new SlipwayError('invalid', first.message, { fix: 'Correct dependsOn of the component.', findings });
}

function unknownDependency(component: string, wanted: string, position: number): Finding {
  return {
    severity: 'error',
    code: 'plan.unknownDependency',
    message:
      wanted === component
        ? `${component} depends on itself`
        : `${component} depends on ${wanted}, which the design does not have`,
    subject: component,
    path: `dependsOn[${position}].component`,
  };
}

function componentEdges(index: DesignIndex, dependent: PlannedObject): readonly CandidateEdge[] {
  return dependent.dependsOn.flatMap(({ component, state }) => {
    const prerequisite = index.byComponent.get(component);
    if (prerequisite === undefined) return [];
    return [declaredEdge({ prerequisite, dependent, needs: state, by: 'dependsOn' })];
  });
}

type Declared = {
  readonly prerequisite: PlannedObject;
  readonly dependent: PlannedObject;
  readonly needs: CandidateEdge['needs'];
  readonly by: string;
};

function declaredEdge({ prerequisite, dependent, needs, by }: Declared): CandidateEdge {
  return hardEdge({
    prerequisite: prerequisite.key,
    dependent: dependent.key,
    needs,
    reason: `${describe(dependent)} depends on ${describe(prerequisite)} (${by})`,
  });
}

/** https://kpt.dev/reference/annotations/depends-on/: `group/namespaces/ns/Kind/name` or `group/Kind/name`, by commas. */
function annotatedEdges(index: DesignIndex, dependent: PlannedObject): RuleResult {
  const text = dependent.annotations[dependsOnAnnotation];
  if (text === undefined) return { edges: [] };
  const results = text.split(',').map((entry): RuleResult => {
    const parts = entry.trim().split('/');
    const [group = '', , namespace = '', kind = '', name = ''] =
      parts.length === 5 ? parts : [parts[0], '', '', parts[1], parts[2]];
    const prerequisite = index.byKey.get(`${group}/${kind}/${namespace}/${name}`);
    if (prerequisite === undefined) return outside(dependent, { by: dependsOnAnnotation, text: entry.trim() });
    return { edges: [declaredEdge({ prerequisite, dependent, needs: 'ready', by: dependsOnAnnotation })] };
  });
  return joined(results);
}

/**
 * `werf.io/deploy-dependency-db: state=ready,kind=StatefulSet,name=db` and `werf.io/delete-dependency-db:
 * state=absent,…`, which orders removal. https://github.com/werf/nelm#annotations-and-labels-reference
 */
export function werfEdges(index: DesignIndex, dependent: PlannedObject, action: 'deploy' | 'delete'): RuleResult {
  const results = Object.entries(dependent.annotations).map(([annotation, text]): RuleResult => {
    if (werfAnnotation.exec(annotation)?.[1] !== action) return { edges: [] };
    const wanted = werfTargetOf(text);
    const targets = werfTargets(index, dependent, wanted);
    if (targets.length === 0) return outside(dependent, { by: annotation, text });
    const needs = action === 'delete' ? 'gone' : wanted['state'] === 'ready' ? 'ready' : 'exists';
    return { edges: targets.map((prerequisite) => declaredEdge({ prerequisite, dependent, needs, by: annotation })) };
  });
  return joined(results);
}

type WerfTarget = Readonly<Record<string, string>>;

function werfTargetOf(text: string): WerfTarget {
  return Object.fromEntries(text.split(',').map((pair) => pair.split('=').map((part) => part.trim())));
}

function werfTargets(index: DesignIndex, { key, namespace }: PlannedObject, wanted: WerfTarget): PlannedObject[] {
  const named = index.byKindAndName.get(`${wanted['kind']?.toLowerCase() ?? ''}/${wanted['name'] ?? ''}`) ?? [];
  return named.filter(
    (object) =>
      object.key !== key &&
      (object.namespace === undefined || object.namespace === (wanted['namespace'] ?? namespace)) &&
      (wanted['group'] === undefined || object.group === wanted['group']),
  );
}

function outside(dependent: PlannedObject, { by, text }: { readonly by: string; readonly text: string }): RuleResult {
  const finding: Finding = {
    severity: 'warning',
    code: 'plan.dependencyOutside',
    message: `${describe(dependent)} depends on ${text} (${by}), which the design does not have: it is not waited for`,
    fix: 'Add the object to the design, or take the annotation away.',
    subject: dependent.component,
  };
  return { edges: [], notes: [finding] };
}
