import type { Finding } from '../finding.ts';
import { canonicalJson, formatPath } from '../json.ts';
import type { RelationshipDefinition } from '../registry/relationship-definition.ts';
import { decide } from './decide.ts';
import type { RelationChange, RelationEdge, TraceEntry } from './evaluation.ts';
import { withValueAt } from './field-values.ts';
import { declaredFills, type Mismatch, type Proposal, sayingOf } from './fills.ts';
import { type MissingCounterpart, missingCounterparts } from './missing-counterparts.ts';
import {
  conflictFinding,
  deniedFindings,
  depthFinding,
  limitFinding,
  mismatchFinding,
  sortedFindings,
} from './relation-findings.ts';
import { orderOf, relationWords } from './relation-words.ts';
import type { Relation, World } from './relations.ts';
import { type RegisteredRelationship, type Rule, rulesOf } from './rules.ts';
import { createSelection, type KnownDefinition } from './selection.ts';
import { relationsBy } from './siblings.ts';
import { type RelatedComponent, subjectOf, type Surroundings } from './subject.ts';
import { createSubjectIndex } from './subject-index.ts';
import { filledEntry, traceOf } from './trace.ts';

export type EvaluationInput = Surroundings & {
  readonly components: readonly RelatedComponent[];
  /** Those that are enabled. */
  readonly relationships: readonly RegisteredRelationship[];
  /** Kinds of the registry with their models, for selectors that name a model. */
  readonly definitions?: readonly KnownDefinition[];
  readonly preferences?: RelationshipPreferences;
  readonly trace?: boolean;
};

/** Relationships that a design does not want: `edge`, `edge/binding` or `edge/binding/mount`. */
export type RelationshipPreferences = { readonly disabled?: readonly string[] };

export type Evaluation = {
  readonly edges: readonly RelationEdge[];
  readonly changes: readonly RelationChange[];
  /** All but what is missing. */
  readonly findings: readonly Finding[];
  /** Named but not among the components; they may be in the cluster. */
  readonly missing: readonly MissingCounterpart[];
  readonly trace: readonly TraceEntry[];
  /** The components with the changes made. */
  readonly components: readonly RelatedComponent[];
};

/** What is filled may lead to more; longer chains are cut with a note. */
const maxRounds = 10;
/** More edges than people or plans can use. */
const maxEdges = 50_000;

/**
 * What relationship definitions say of components: which go together, what an empty field is to be, and what is denied,
 * missing or different. The same whatever the order of components and relationships. Evaluated again, the changed components
 * change no more.
 */
export function evaluateRelationships(input: EvaluationInput): Evaluation {
  const rules = rulesFor(input);
  const start = { input, rules, components: input.components.toSorted(byName), changes: [], trace: [] };
  return settle(start, 1);
}

type State = {
  readonly input: EvaluationInput;
  readonly rules: readonly Rule[];
  readonly components: readonly RelatedComponent[];
  readonly changes: readonly RelationChange[];
  readonly trace: readonly TraceEntry[];
};

/** Round after round until a round changes nothing. */
function settle(state: State, round: number): Evaluation {
  const seen = look(state);
  const { changes, conflicts } = decide(seen.proposals);
  if (changes.length > 0 && round < maxRounds) return settle(applied(state, { changes, round }), round + 1);
  const missing = missingCounterparts(seen.rules, seen.world);
  return {
    edges: edgesOf(seen.relations),
    changes: state.changes,
    findings: sortedFindings([
      ...deniedFindings(seen.relations),
      ...seen.mismatches.map(mismatchFinding),
      ...conflicts.map(conflictFinding),
      ...(changes.length > 0 ? [depthFinding(changes, maxRounds)] : []),
      ...(seen.relations.length > maxEdges ? [limitFinding(seen.relations.length, maxEdges)] : []),
    ]),
    missing,
    trace: state.input.trace === true ? [...state.trace, ...traceOf({ ...seen, round, conflicts, missing })] : [],
    components: inOrderOf(state.input.components, state.components),
  };
}

type Seen = {
  readonly rules: readonly Rule[];
  readonly world: World;
  readonly relations: readonly Relation[];
  readonly proposals: readonly Proposal[];
  readonly mismatches: readonly Mismatch[];
};

function look({ input, rules, components }: State): Seen {
  const subjects = components.map((component) => subjectOf(component, input));
  const world = { index: createSubjectIndex(subjects), selects: createSelection(input.definitions ?? []) };
  const relations = settledDenials(rules.flatMap((rule) => relationsBy(rule, world)));
  const sayings = relations.map(sayingOf);
  return {
    rules,
    world,
    relations,
    proposals: [...sayings.flatMap(({ proposals }) => proposals), ...declaredFills(rules, world)],
    mismatches: sayings.flatMap(({ mismatches }) => mismatches),
  };
}

function rulesFor({ relationships, preferences }: EvaluationInput): readonly Rule[] {
  const disabled = new Set(preferences?.disabled ?? []);
  return relationships
    .filter(({ definition }) => !prefixesOf(definition).some((prefix) => disabled.has(prefix)))
    .map((relationship) => ({ relationship, key: canonicalJson(relationship) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ relationship }) => rulesOf(relationship));
}

function prefixesOf({ kind, type, subType }: RelationshipDefinition): readonly string[] {
  return [kind, `${kind}/${type}`, `${kind}/${type}/${subType}`];
}

/** Sets are alternatives: what one allows, the denial of another does not forbid. */
function settledDenials(relations: readonly Relation[]): readonly Relation[] {
  if (!relations.some(({ isDenied }) => isDenied)) return relations;
  const allowed = new Set(relations.filter(({ isDenied }) => !isDenied).map(relationKey));
  return relations.filter((relation) => !relation.isDenied || !allowed.has(relationKey(relation)));
}

function relationKey({ rule: { relationship }, from, to }: Relation): string {
  return [relationship.model, relationship.name, from.name, to.name].join('\n');
}

function edgesOf(relations: readonly Relation[]): readonly RelationEdge[] {
  const kept = new Map<string, RelationEdge>();
  for (const relation of relations.filter(({ isDenied }) => !isDenied)) {
    const key = relationKey(relation);
    if (!kept.has(key)) kept.set(key, edgeOf(relation));
  }
  const sorted = [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.slice(0, maxEdges).map(([, edge]) => edge);
}

function edgeOf(relation: Relation): RelationEdge {
  const { rule, from, to, via, takerPath } = relation;
  const order = orderOf(rule);
  return {
    from: from.name,
    to: to.name,
    relationship: rule.relationship,
    why: relationWords(relation),
    ...(via === undefined ? {} : { via: via.name }),
    ...(takerPath === undefined ? {} : { path: formatPath(takerPath) }),
    ...(order === undefined ? {} : { order }),
  };
}

function applied(
  state: State,
  { changes, round }: { readonly changes: readonly RelationChange[]; readonly round: number },
): State {
  const byComponent = Map.groupBy(changes, ({ component }) => component);
  return {
    ...state,
    components: state.components.map((component) =>
      (byComponent.get(component.name) ?? []).reduce(
        (changed, { steps, value }) => ({ ...changed, object: withValueAt(changed.object, steps, value) }),
        component,
      ),
    ),
    changes: [...state.changes, ...changes],
    trace: [...state.trace, ...changes.map((change) => filledEntry(change, round))],
  };
}

function byName(a: RelatedComponent, b: RelatedComponent): number {
  return a.name < b.name ? -1 : 1;
}

function inOrderOf(
  given: readonly RelatedComponent[],
  changed: readonly RelatedComponent[],
): readonly RelatedComponent[] {
  const byNames = new Map(changed.map((component) => [component.name, component]));
  return given.map((component) => byNames.get(component.name) ?? component);
}
