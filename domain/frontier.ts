import { satisfies, Vertex, type NodeStatus, type Phase } from './frontier-vertex.ts';
import { describeKey } from './kubernetes-object.ts';
import type { NeededState, PlanEdge, PlanGraph } from './plan-graph.ts';

/** What a node is waiting for now: one entry for each prerequisite that has not the state that it needs. */
export type Waiting = {
  readonly prerequisite: string;
  readonly needs: NeededState;
  readonly current: NodeStatus;
  readonly reason: string;
};

/** The node at which a chain of blocked nodes begins. */
export type RootCause = { readonly key: string; readonly message: string };

/** A node that cannot start any more. `edge` leads one step towards the root; `blockedBecause` gives all steps. */
export type BlockedNode = { readonly key: string; readonly edge: PlanEdge; readonly root: RootCause };

/** Why a node is blocked: the edges from it back to the node that failed, nearest first. */
export type Blockage = { readonly key: string; readonly chain: readonly PlanEdge[]; readonly root: RootCause };

/** How many nodes are in which phase; the five add up to `total`. */
export type FrontierCounts = Readonly<Record<Phase | 'total', number>>;

/** The frontier of `graph`: what may start, what waits and why, as its nodes reach states or fail. */
export function createFrontier(graph: PlanGraph): Frontier {
  return new Frontier(graph);
}

/**
 * The state machine that a deploy or an undeploy runs on. Each node starts once, when every edge into it has the state
 * that it needs; each transition costs the degree of the node. Unknown keys throw, as they are a bug of the caller.
 */
export class Frontier {
  readonly #vertices: ReadonlyMap<string, Vertex>;
  readonly #counts: Record<Phase, number>;

  constructor(graph: PlanGraph) {
    this.#vertices = verticesOf(graph);
    this.#counts = { waiting: graph.nodes.length, running: 0, done: 0, failed: 0, blocked: 0 };
    for (const vertex of this.#vertices.values()) {
      if (vertex.node === undefined && vertex.isFree) this.#reach(vertex, gateState(vertex));
    }
  }

  /** Marks every node that may start now as running and gives their keys, best rank first. */
  start(): readonly string[] {
    return this.#begin(this.#all().filter((vertex) => vertex.isFree));
  }

  /** Takes note that `key` reached `state`, and gives the keys that may start because of it, best rank first. */
  reached(key: string, state: NeededState): readonly string[] {
    return this.#begin(this.#reach(this.#vertex(key), state));
  }

  /** Takes note that `key` failed, and gives what is blocked by it, nearest first. */
  failed(key: string, message: string): readonly BlockedNode[] {
    const vertex = this.#vertex(key);
    if (vertex.hasEnded) return [];
    this.#counted(vertex, () => vertex.fail(message));
    return this.#blockFrom(vertex);
  }

  /**
   * Restores what was reached before an interruption, on a fresh frontier, and gives what to run now, best rank first:
   * nodes that may start, and nodes that had started and are not done. Keys that the plan does not have are passed over.
   */
  resume(states: ReadonlyMap<string, NeededState>): readonly string[] {
    for (const [key, state] of states) {
      const vertex = this.#vertices.get(key);
      if (vertex !== undefined) this.#reach(vertex, state);
    }
    const unfinished = this.#all().filter(({ phase, node }) => phase === 'running' && node !== undefined);
    return this.#begin([...unfinished, ...this.#all().filter((vertex) => vertex.isFree)]);
  }

  /** What `key` waits for now; empty when it started, or may. A gate is shown as the nodes that it waits for. */
  waitingFor(key: string): readonly Waiting[] {
    const vertex = this.#vertex(key);
    if (vertex.phase !== 'waiting' && vertex.phase !== 'blocked') return [];
    return this.#unmetEdges(vertex).map(({ prerequisite, needs, reason }) => ({
      prerequisite,
      needs,
      reason,
      current: this.status(prerequisite),
    }));
  }

  /** Why `key` cannot start any more, or undefined where it is not blocked. */
  blockedBecause(key: string): Blockage | undefined {
    const chain: PlanEdge[] = [];
    let { blockedBy } = this.#vertex(key);
    while (blockedBy !== undefined) {
      const edge = this.#throughGates(blockedBy);
      chain.push(edge);
      blockedBy = this.#vertex(edge.prerequisite).blockedBy;
    }
    const last = chain.at(-1);
    if (last === undefined) return undefined;
    return { key, chain, root: { key: last.prerequisite, message: this.#vertex(last.prerequisite).message } };
  }

  /** Where `key` stands. */
  status(key: string): NodeStatus {
    return this.#vertex(key).status;
  }

  /** How many nodes are in which phase. */
  counts(): FrontierCounts {
    return { ...this.#counts, total: Object.values(this.#counts).reduce((sum, count) => sum + count, 0) };
  }

  /** Whether nothing runs and nothing can start any more. */
  isFinished(): boolean {
    return this.#counts.running === 0 && this.#counts.waiting === 0;
  }

  #all(): Vertex[] {
    return [...this.#vertices.values()];
  }

  #vertex(key: string): Vertex {
    const vertex = this.#vertices.get(key);
    if (vertex === undefined) throw new Error(`the plan has no node ${key}`);
    return vertex;
  }

  /** Makes a change to `vertex` and keeps the counts right; gates are not counted. */
  #counted<Result>(vertex: Vertex, change: () => Result): Result {
    const before = vertex.phase;
    const result = change();
    if (vertex.node !== undefined) {
      this.#counts[before] -= 1;
      this.#counts[vertex.phase] += 1;
    }
    return result;
  }

  #begin(vertices: readonly Vertex[]): readonly string[] {
    for (const vertex of vertices) this.#counted(vertex, () => vertex.begin());
    return byRank(vertices).map(({ key }) => key);
  }

  /** Raises `vertex` to `state` and gives the nodes that nothing holds back any more; passes through gates. */
  #reach(vertex: Vertex, state: NeededState): readonly Vertex[] {
    if (vertex.hasEnded) return [];
    const free: Vertex[] = [];
    const risen: Vertex[] = [vertex];
    for (const next of risen) {
      const reached = next === vertex ? state : gateState(next);
      for (const edge of this.#counted(next, () => next.raiseTo(reached))) {
        const dependent = this.#vertex(edge.dependent);
        dependent.meetOne();
        if (dependent.isFree) (dependent.node === undefined ? risen : free).push(dependent);
      }
    }
    return free;
  }

  #blockFrom(failed: Vertex): readonly BlockedNode[] {
    const root = { key: failed.key, message: failed.message };
    const blocked: BlockedNode[] = [];
    const queue: Vertex[] = [failed];
    for (const vertex of queue) {
      for (const edge of vertex.outgoing) {
        const dependent = this.#vertex(edge.dependent);
        if (satisfies(vertex.state, edge.needs) || dependent.phase !== 'waiting') continue;
        this.#counted(dependent, () => dependent.block(edge));
        queue.push(dependent);
        if (dependent.node !== undefined) blocked.push({ key: dependent.key, edge: this.#throughGates(edge), root });
      }
    }
    return blocked;
  }

  /** The same edge, with a gate replaced by the node that blocked the gate. */
  #throughGates(edge: PlanEdge): PlanEdge {
    const { node, blockedBy } = this.#vertex(edge.prerequisite);
    if (node !== undefined || blockedBy === undefined) return edge;
    return this.#throughGates({ ...edge, prerequisite: blockedBy.prerequisite, needs: blockedBy.needs });
  }

  #unmetEdges(vertex: Vertex): readonly PlanEdge[] {
    return vertex.incoming
      .filter((edge) => !satisfies(this.#vertex(edge.prerequisite).state, edge.needs))
      .flatMap((edge) => {
        const prerequisite = this.#vertex(edge.prerequisite);
        if (prerequisite.node !== undefined) return [edge];
        return this.#unmetEdges(prerequisite).map(({ prerequisite: key, needs }) => ({
          ...edge,
          prerequisite: key,
          needs,
        }));
      });
  }
}

/** At most so many links of a chain are told; the rest is counted. */
const toldLinks = 6;

/** Why a node is blocked, in one sentence for people; a long chain is shortened in the middle. */
export function describeBlockage({ chain, root }: Blockage): string {
  const links = chain.map(
    ({ prerequisite, needs, reason }) => `needs ${describeKey(prerequisite)} ${needs} (${reason})`,
  );
  const hidden = links.length - toldLinks;
  const told = hidden > 0 ? [...links.slice(0, toldLinks - 1), `${hidden} more steps`, ...links.slice(-1)] : links;
  return `${told.join(', which ')}, which failed: ${root.message}`;
}

function verticesOf({ nodes, gates = [], edges }: PlanGraph): ReadonlyMap<string, Vertex> {
  const vertices = new Map(
    [
      ...nodes.map((node, position) => new Vertex(node.key, position, node)),
      ...gates.map(({ key }, position) => new Vertex(key, position)),
    ].map((vertex) => [vertex.key, vertex]),
  );
  for (const edge of edges) {
    const prerequisite = vertices.get(edge.prerequisite);
    const dependent = vertices.get(edge.dependent);
    if (prerequisite === undefined || dependent === undefined)
      throw new Error(`the plan has an edge between unknown nodes: ${edge.prerequisite} -> ${edge.dependent}`);
    prerequisite.outgoing.push(edge);
    dependent.addIncoming(edge);
  }
  return vertices;
}

/** A gate reaches what its dependents need of it. */
function gateState({ outgoing }: Vertex): NeededState {
  return outgoing.some(({ needs }) => needs === 'gone') ? 'gone' : 'ready';
}

function byRank(vertices: readonly Vertex[]): readonly Vertex[] {
  return vertices.toSorted((a, b) => (a.node?.rank ?? 0) - (b.node?.rank ?? 0) || a.position - b.position);
}
