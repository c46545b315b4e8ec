import type { NeededState, PlanEdge, PlanNode } from './plan-graph.ts';

/** Where a node is on its way; `waiting` nodes may become `blocked`, which is for good, as `failed` is. */
export type Phase = 'waiting' | 'running' | 'done' | 'failed' | 'blocked';

/** Where a node stands: the state it reached last, or what it is doing. */
export type NodeStatus = NeededState | 'waiting' | 'running' | 'failed' | 'blocked';

const stateLevel: Readonly<Record<NeededState, number>> = { exists: 1, established: 2, ready: 3, gone: 4 };

/** `ready` implies `established` implies `exists`; `gone` implies none of them. */
export function satisfies(state: NeededState | undefined, needs: NeededState): boolean {
  if (state === undefined) return false;
  if (state === 'gone' || needs === 'gone') return state === needs;
  return stateLevel[state] >= stateLevel[needs];
}

/** A node or gate of a running plan, with the edges that meet in it. */
export class Vertex {
  readonly key: string;
  /** Absent for a gate. */
  readonly node: PlanNode | undefined;
  /** In the order of the graph. */
  readonly position: number;
  readonly incoming: PlanEdge[] = [];
  readonly outgoing: PlanEdge[] = [];
  #phase: Phase = 'waiting';
  #state: NeededState | undefined;
  #unmet = 0;
  #message = '';
  #blockedBy: PlanEdge | undefined;

  constructor(key: string, position: number, node?: PlanNode) {
    this.key = key;
    this.position = position;
    this.node = node;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The state reached last. */
  get state(): NeededState | undefined {
    return this.#state;
  }

  /** Why it failed, empty where it did not. */
  get message(): string {
    return this.#message;
  }

  /** The edge by which a failure came, where it is blocked. */
  get blockedBy(): PlanEdge | undefined {
    return this.#blockedBy;
  }

  get status(): NodeStatus {
    if (this.#phase === 'failed' || this.#phase === 'blocked') return this.#phase;
    return this.#state ?? (this.#phase === 'running' ? 'running' : 'waiting');
  }

  /** Whether nothing holds it back and it has not started. */
  get isFree(): boolean {
    return this.#phase === 'waiting' && this.#unmet === 0;
  }

  get hasEnded(): boolean {
    return this.#phase === 'failed' || this.#phase === 'blocked';
  }

  addIncoming(edge: PlanEdge): void {
    this.incoming.push(edge);
    this.#unmet += 1;
  }

  /** Takes note that one of the incoming edges has what it needs. */
  meetOne(): void {
    this.#unmet -= 1;
  }

  begin(): void {
    this.#phase = 'running';
  }

  /** Raises it to `state` and gives the outgoing edges that have what they need only now. */
  raiseTo(state: NeededState): readonly PlanEdge[] {
    const before = this.#state;
    if (before !== undefined && stateLevel[before] >= stateLevel[state]) return [];
    this.#state = state;
    this.#phase = state === 'ready' || state === 'gone' ? 'done' : 'running';
    return this.outgoing.filter(({ needs }) => !satisfies(before, needs) && satisfies(state, needs));
  }

  fail(message: string): void {
    this.#phase = 'failed';
    this.#message = message;
  }

  block(by: PlanEdge): void {
    this.#phase = 'blocked';
    this.#blockedBy = by;
  }
}
