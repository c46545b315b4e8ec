import type { CandidateEdge } from './candidate-edge.ts';

/** A growing set of edges without a cycle. */
export type AcyclicEdges = {
  /** Takes the edge in, or gives the edges that lead from its dependent back to its prerequisite: it would close a cycle. */
  readonly add: (edge: CandidateEdge) => readonly CandidateEdge[] | undefined;
};

/**
 * Keeps a topological order up to date as edges come (Pearce and Kelly, 2006): an edge costs a search of only that part
 * of the order that it turns round.
 */
export function createAcyclicEdges(keys: readonly string[]): AcyclicEdges {
  const position = new Map(keys.map((key, at) => [key, at]));
  const outgoing = new Map<string, CandidateEdge[]>(keys.map((key) => [key, []]));
  const incoming = new Map<string, CandidateEdge[]>(keys.map((key) => [key, []]));
  const at = (key: string): number => position.get(key) ?? -1;

  const reorder = (behind: Iterable<string>, ahead: Iterable<string>): void => {
    const byPosition = (a: string, b: string) => at(a) - at(b);
    const moved = [...[...behind].toSorted(byPosition), ...[...ahead].toSorted(byPosition)];
    const places = moved.map(at).toSorted((a, b) => a - b);
    moved.forEach((key, index) => position.set(key, places[index] ?? -1));
  };

  return {
    add: (edge) => {
      const { prerequisite, dependent } = edge;
      const last = at(prerequisite);
      const first = at(dependent);
      if (last > first) {
        const ahead = reach(dependent, { edges: outgoing, end: 'dependent', isNear: (key) => at(key) <= last });
        if (ahead.has(prerequisite)) return pathTo(prerequisite, ahead);
        const behind = reach(prerequisite, { edges: incoming, end: 'prerequisite', isNear: (key) => at(key) >= first });
        reorder(behind.keys(), ahead.keys());
      }
      outgoing.get(prerequisite)?.push(edge);
      incoming.get(dependent)?.push(edge);
      return undefined;
    },
  };
}

type Search = {
  readonly edges: ReadonlyMap<string, readonly CandidateEdge[]>;
  readonly end: 'dependent' | 'prerequisite';
  readonly isNear: (key: string) => boolean;
};

/** What can be reached from `start`, nearest first, each with the edge by which it was found. */
function reach(start: string, { edges, end, isNear }: Search): ReadonlyMap<string, CandidateEdge | undefined> {
  const found = new Map<string, CandidateEdge | undefined>([[start, undefined]]);
  // A Map is walked in insertion order, with what is added on the way.
  for (const key of found.keys()) {
    for (const edge of edges.get(key) ?? []) {
      if (!found.has(edge[end]) && isNear(edge[end])) found.set(edge[end], edge);
    }
  }
  return found;
}

function pathTo(end: string, found: ReadonlyMap<string, CandidateEdge | undefined>): readonly CandidateEdge[] {
  const path: CandidateEdge[] = [];
  for (let edge = found.get(end); edge !== undefined; edge = found.get(edge.prerequisite)) path.unshift(edge);
  return path;
}
