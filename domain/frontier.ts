import type { NeededState, PlanEdge, PlanGraph, PlanNode } from './plan-graph.ts';

/** What a node is waiting for now: one entry for each prerequisite that has not the state that it needs. */
export type Waiting = {
  readonly prerequisite: string;
  readonly needs: NeededState;
  /** Where the prerequisite stands: the state it reached last, or what it is doing. */
  readonly current: NodeStatus;
  readonly reason: string;
};

export type NodeStatus = NeededState | 'waiting' | 'running' | 'failed' | 'blocked';

/** The node at which a chain of blocked nodes begins. */
export type RootCause = { readonly key: string; readonly message: string };

/** A node that cannot start any more. `edge` leads one step towards the root; `blockedBecause` gives all steps. */
export type BlockedNode = { readonly key: string; readonly edge: PlanEdge; readonly root: RootCause };

/** Why a node is blocked: the edges from it back to the node that failed, nearest first. */
export type Blockage = { readonly key: string; readonly chain: readonly PlanEdge[]; readonly root: RootCause };

export type FrontierCounts = {
  readonly total: number;
  readonly waiting: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly blocked: number;
};

const stateLevel: Readonly<Record<NeededState, number>> = { exists: 1, established: 2, ready: 3, gone: 4 };

type Phase = 'waiting' | 'running' | 'done' | 'failed' | 'blocked';

type Vertex = {
  readonly key: string;
  /** Absent for a gate. */
  readonly node: PlanNode | undefined;
  readonly position: number;
  readonly incoming: PlanEdge[];
  readonly outgoing: PlanEdge[];
  unmet: number;
  phase: Phase;
  state: NeededState | undefined;
  message: string;
  blockedBy: PlanEdge | undefined;
};

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
  readonly #counts: Record<Phase, number> = { waiting: 0, running: 0, done: 0, failed: 0, blocked: 0 };

  constructor(graph: PlanGraph) {
    this.#vertices = verticesOf(graph);
    this.#counts.waiting = graph.nodes.length;
    for (const vertex of this.#vertices.values()) {
      if (vertex.node === undefined && vertex.unmet === 0) this.#reach(vertex, gateState(vertex));
    }
  }

  /** Marks every node that may start now as running and gives their keys, best rank first. */
  start(): readonly string[] {
    const free = [...this.#vertices.values()].filter((vertex) => vertex.phase === 'waiting' && vertex.unmet === 0);
    return this.#begin(free);
  }

  /** Takes note that `key` reached `state`, and gives the keys that may start because of it, best rank first. */
  reached(key: string, state: NeededState): readonly string[] {
    return this.#begin(this.#reach(this.#vertex(key), state));
  }

  /** Takes note that `key` failed, and gives what is blocked by it, nearest first. */
  failed(key: string, message: string): readonly BlockedNode[] {
    const failed = this.#vertex(key);
    if (failed.phase === 'failed' || failed.phase === 'blocked') return [];
    this.#move(failed, 'failed');
    failed.message = message;
    return this.#blockFrom(failed);
  }

  /**
   * Restores what was reached before an interruption, on a fresh frontier, and gives what to run now, best rank first:
   * nodes that may start, and nodes that had started and are not done.
   */
  resume(states: ReadonlyMap<string, NeededState>): readonly string[] {
    for (const [key, state] of states) {
      const vertex = this.#vertices.get(key);
      if (vertex !== undefined) this.#reach(vertex, state);
    }
    const unfinished = [...this.#vertices.values()].filter((vertex) => vertex.phase === 'running');
    const startable = [...this.#vertices.values()].filter((vertex) => vertex.phase === 'waiting' && vertex.unmet === 0);
    return byRank([...unfinished, ...this.#marked(startable)]);
  }

  /** What `key` waits for now; empty when it started, or may. A gate is shown as the nodes that it waits for. */
  waitingFor(key: string): readonly Waiting[] {
    const vertex = this.#vertex(key);
    if (vertex.phase !== 'waiting' && vertex.phase !== 'blocked') return [];
    return this.#unmetEdges(vertex).map(({ prerequisite, needs, reason }) => ({
      prerequisite,
      needs,
      reason,
      current: statusOf(this.#vertex(prerequisite)),
    }));
  }

  /** Why `key` cannot start any more, or undefined where it is not blocked. */
  blockedBecause(key: string): Blockage | undefined {
    const vertex = this.#vertex(key);
    if (vertex.phase !== 'blocked') return undefined;
    const chain = this.#chainFrom(vertex);
    const root = this.#vertex(chain.at(-1)?.prerequisite ?? key);
    return { key, chain, root: { key: root.key, message: root.message } };
  }

  /** Where `key` stands. */
  status(key: string): NodeStatus {
    return statusOf(this.#vertex(key));
  }

  /** How many nodes are in which phase. */
  counts(): FrontierCounts {
    return { ...this.#counts, total: Object.values(this.#counts).reduce((sum, count) => sum + count, 0) };
  }

  /** Whether nothing runs and nothing can start any more. */
  isFinished(): boolean {
    return this.#counts.running === 0 && this.#counts.waiting === 0;
  }

  #vertex(key: string): Vertex {
    const vertex = this.#vertices.get(key);
    if (vertex === undefined) throw new Error(`the plan has no node ${key}`);
    return vertex;
  }

  #move(vertex: Vertex, phase: Phase): void {
    if (vertex.node !== undefined) {
      this.#counts[vertex.phase] -= 1;
      this.#counts[phase] += 1;
    }
    vertex.phase = phase;
  }

  #begin(vertices: readonly Vertex[]): readonly string[] {
    return byRank(this.#marked(vertices));
  }

  #marked(vertices: readonly Vertex[]): readonly Vertex[] {
    for (const vertex of vertices) this.#move(vertex, 'running');
    return vertices;
  }

  /** Raises `vertex` to `state` and gives the nodes that no edge holds back any more; passes through gates. */
  #reach(vertex: Vertex, state: NeededState): readonly Vertex[] {
    const free: Vertex[] = [];
    const pending: { readonly vertex: Vertex; readonly state: NeededState }[] = [{ vertex, state }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const dependent of this.#raise(next.vertex, next.state)) {
        if (dependent.node === undefined) pending.push({ vertex: dependent, state: gateState(dependent) });
        else free.push(dependent);
      }
    }
    return free;
  }

  #raise(vertex: Vertex, state: NeededState): readonly Vertex[] {
    if (vertex.phase === 'failed' || vertex.phase === 'blocked') return [];
    if (vertex.state !== undefined && stateLevel[vertex.state] >= stateLevel[state]) return [];
    const before = vertex.state;
    vertex.state = state;
    this.#move(vertex, state === 'ready' || state === 'gone' ? 'done' : 'running');
    const freed: Vertex[] = [];
    for (const edge of vertex.outgoing) {
      if (satisfies(before, edge.needs) || !satisfies(state, edge.needs)) continue;
      const dependent = this.#vertex(edge.dependent);
      dependent.unmet -= 1;
      if (dependent.unmet === 0 && dependent.phase === 'waiting') freed.push(dependent);
    }
    return freed;
  }

  #blockFrom(failed: Vertex): readonly BlockedNode[] {
    const root = { key: failed.key, message: failed.message };
    const blocked: BlockedNode[] = [];
    const queue: Vertex[] = [failed];
    for (const vertex of queue) {
      for (const edge of vertex.outgoing) {
        const dependent = this.#vertex(edge.dependent);
        if (satisfies(vertex.state, edge.needs) || dependent.phase !== 'waiting') continue;
        this.#move(dependent, 'blocked');
        dependent.blockedBy = edge;
        queue.push(dependent);
        if (dependent.node !== undefined) blocked.push({ key: dependent.key, edge: this.#throughGates(edge), root });
      }
    }
    return blocked;
  }

  /** The same edge, with a gate replaced by the node whose failure blocked it. */
  #throughGates(edge: PlanEdge): PlanEdge {
    let current = edge;
    for (;;) {
      const { node, blockedBy } = this.#vertex(current.prerequisite);
      if (node !== undefined || blockedBy === undefined) return current;
      current = { ...blockedBy, dependent: edge.dependent, reason: edge.reason };
    }
  }

  #chainFrom(blocked: Vertex): readonly PlanEdge[] {
    const chain: PlanEdge[] = [];
    let { blockedBy } = blocked;
    while (blockedBy !== undefined) {
      const edge = this.#throughGates(blockedBy);
      chain.push(edge);
      blockedBy = this.#vertex(edge.prerequisite).blockedBy;
    }
    return chain;
  }

  #unmetEdges(vertex: Vertex): readonly PlanEdge[] {
    return vertex.incoming
      .filter((edge) => !satisfies(this.#vertex(edge.prerequisite).state, edge.needs))
      .flatMap((edge) => {
        const prerequisite = this.#vertex(edge.prerequisite);
        if (prerequisite.node !== undefined) return [edge];
        return this.#unmetEdges(prerequisite).map((inner) => ({
          ...inner,
          dependent: edge.dependent,
          reason: edge.reason,
        }));
      });
  }
}

/** Why a node is blocked, in one sentence for people; a long chain is shortened in the middle. */
export function describeBlockage({ chain, root }: Blockage): string {
  const shownLinks = 6;
  const links = chain.map(({ prerequisite, needs, reason }) => `${reason}: needs ${prerequisite} ${needs}`);
  const hidden = links.length - shownLinks;
  const shown = hidden > 0 ? [...links.slice(0, shownLinks - 1), `${hidden} more`, ...links.slice(-1)] : links;
  return `${shown.join(', which waits: ')}, which failed: ${root.message}`;
}

function verticesOf({ nodes, gates = [], edges }: PlanGraph): ReadonlyMap<string, Vertex> {
  const vertices = new Map<string, Vertex>();
  nodes.forEach((node, position) => vertices.set(node.key, vertexOf({ key: node.key, node, position })));
  gates.forEach(({ key }) => vertices.set(key, vertexOf({ key, node: undefined, position: -1 })));
  for (const edge of edges) {
    const prerequisite = vertices.get(edge.prerequisite);
    const dependent = vertices.get(edge.dependent);
    if (prerequisite === undefined || dependent === undefined)
      throw new Error(`the plan has an edge between unknown nodes: ${edge.prerequisite} -> ${edge.dependent}`);
    prerequisite.outgoing.push(edge);
    dependent.incoming.push(edge);
    dependent.unmet += 1;
  }
  return vertices;
}

function vertexOf(identity: Pick<Vertex, 'key' | 'node' | 'position'>): Vertex {
  return {
    ...identity,
    incoming: [],
    outgoing: [],
    unmet: 0,
    phase: 'waiting',
    state: undefined,
    message: '',
    blockedBy: undefined,
  };
}

/** `ready` implies `established` implies `exists`; `gone` implies none of them. */
function satisfies(state: NeededState | undefined, needs: NeededState): boolean {
  if (state === undefined) return false;
  if (state === 'gone' || needs === 'gone') return state === needs;
  return stateLevel[state] >= stateLevel[needs];
}

function gateState(gate: Vertex): NeededState {
  return gate.outgoing.some(({ needs }) => needs === 'gone') ? 'gone' : 'ready';
}

function statusOf({ phase, state }: Vertex): NodeStatus {
  if (phase === 'failed' || phase === 'blocked') return phase;
  return state ?? (phase === 'running' ? 'running' : 'waiting');
}

function byRank(vertices: readonly Vertex[]): readonly string[] {
  const rankOf = ({ node }: Vertex) => node?.rank ?? 0;
  return vertices.toSorted((a, b) => rankOf(a) - rankOf(b) || a.position - b.position).map(({ key }) => key);
}
