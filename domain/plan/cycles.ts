import { SlipwayError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { createAcyclicEdges } from './acyclic-edges.ts';
import type { CandidateEdge } from './candidate-edge.ts';
import { grouped } from './design-index.ts';

/** `refuse` throws for a cycle of hard edges; `drop` lets one of them go with a warning. */
export type HardCycles = 'refuse' | 'drop';

type Cycle = { readonly dropped: CandidateEdge; readonly back: readonly CandidateEdge[] };

/** At most so many cycles are reported at once. */
const reportedCycles = 20;

/**
 * The edges that remain when no cycle does. The lightest edges go in first, so that what closes a cycle, and is dropped,
 * is the heaviest of it. Throws `invalid` for a cycle of hard edges unless they may be dropped.
 */
export function resolveCycles(
  edges: readonly CandidateEdge[],
  { nameOf, hardCycles }: { readonly nameOf: (key: string) => string; readonly hardCycles: HardCycles },
): { readonly edges: readonly CandidateEdge[]; readonly notes: readonly Finding[] } {
  const doubtful = edgesOfCycles(edges);
  if (doubtful.length === 0) return { edges, notes: [] };
  const ordered = doubtful.toSorted(byImportance);
  const acyclic = createAcyclicEdges(startingOrder(ordered));
  const cycles = ordered.flatMap((edge): readonly Cycle[] => {
    const back = acyclic.add(edge);
    return back === undefined ? [] : [{ dropped: edge, back }];
  });
  const hard = cycles.filter(({ dropped }) => dropped.strength === 'hard');
  if (hard.length > 0 && hardCycles === 'refuse') throw cycleError(hard, nameOf);
  const dropped = new Set(cycles.map((cycle) => cycle.dropped));
  return {
    edges: edges.filter((edge) => !dropped.has(edge)),
    notes: cycles.map((cycle) => droppedNote(cycle, nameOf)),
  };
}

/** The edges between nodes that remain after taking away, again and again, what nothing leads to and what leads nowhere. */
function edgesOfCycles(edges: readonly CandidateEdge[]): readonly CandidateEdge[] {
  return withoutEnds(withoutEnds(edges, forwards), backwards);
}

function withoutEnds(edges: readonly CandidateEdge[], direction: Direction): readonly CandidateEdge[] {
  const { from } = direction;
  const taken = walk([...new Set(edges.map((edge) => edge[from]))], edges, direction);
  return edges.filter((edge) => !taken.has(edge[from]));
}

type Direction = { readonly from: 'prerequisite' | 'dependent'; readonly to: 'prerequisite' | 'dependent' };

const forwards: Direction = { from: 'prerequisite', to: 'dependent' };
const backwards: Direction = { from: 'dependent', to: 'prerequisite' };

/** The keys that can be taken one after another, each when no edge leads to it any more, in that order. */
function walk(keys: readonly string[], edges: readonly CandidateEdge[], { from, to }: Direction): ReadonlySet<string> {
  const leaving = grouped(edges, (edge) => [edge[from]]);
  const entering = new Map<string, number>();
  for (const edge of edges) entering.set(edge[to], (entering.get(edge[to]) ?? 0) + 1);
  // A Set is walked in insertion order, with what is added on the way.
  const taken = new Set(keys.filter((key) => !entering.has(key)));
  for (const key of taken) {
    for (const edge of leaving.get(key) ?? []) {
      const count = (entering.get(edge[to]) ?? 0) - 1;
      entering.set(edge[to], count);
      if (count === 0) taken.add(edge[to]);
    }
  }
  return taken;
}

function byImportance(a: CandidateEdge, b: CandidateEdge): number {
  return a.weight - b.weight || compare(a.prerequisite, b.prerequisite) || compare(a.dependent, b.dependent);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** An order that the hard edges agree with where they can, so that only soft edges have to turn parts of it round. */
function startingOrder(edges: readonly CandidateEdge[]): readonly string[] {
  const keys = [...new Set(edges.flatMap(({ prerequisite, dependent }) => [prerequisite, dependent]))].toSorted(
    compare,
  );
  const hard = edges.filter(({ strength }) => strength === 'hard');
  const first = walk(keys, hard, forwards);
  return [...first, ...keys.filter((key) => !first.has(key))];
}

/** The members in the order in which each would have to come before the next, the first one again at the end. */
function membersOf({ dropped, back }: Cycle): readonly string[] {
  return [dropped.dependent, ...back.map(({ dependent }) => dependent), dropped.dependent];
}

function cycleError(cycles: readonly Cycle[], nameOf: (key: string) => string): SlipwayError {
  const findings = cycles.slice(0, reportedCycles).map((cycle) => cycleFinding(cycle, nameOf));
  const [first] = findings;
  return new SlipwayError('invalid', `the design has a circle of dependencies: ${first?.message ?? ''}`, {
    fix: 'Take away one of the dependencies, for example one in dependsOn.',
    findings,
  });
}

function cycleFinding(cycle: Cycle, nameOf: (key: string) => string): Finding {
  const reasons = [...cycle.back, cycle.dropped].map(({ reason }) => reason);
  return {
    severity: 'error',
    code: 'plan.cycle',
    message: `${membersOf(cycle).map(nameOf).join(' -> ')}: ${reasons.join('; ')}`,
    fix: 'Take away one of these dependencies.',
    subject: nameOf(cycle.dropped.dependent),
  };
}

function droppedNote(cycle: Cycle, nameOf: (key: string) => string): Finding {
  const { dropped } = cycle;
  return {
    severity: dropped.strength === 'hard' ? 'warning' : 'note',
    code: 'plan.edgeDropped',
    message: `${nameOf(dropped.dependent)} does not wait for ${nameOf(dropped.prerequisite)} (${dropped.reason}), as that would close the circle ${membersOf(cycle).map(nameOf).join(' -> ')}`,
    subject: nameOf(dropped.dependent),
  };
}
