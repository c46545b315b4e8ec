import type { Finding } from '../../domain/finding.ts';
import type {
  OperationKind,
  OperationPhase,
  OperationState,
  OperationStep,
  ProgressEntry,
  StepState,
} from '../../domain/operation.ts';

/** How a step counts for people. */
export type StepGroup = 'waiting' | 'active' | 'done' | 'failed' | 'blocked';

/** One object in one phase, with when it began to move and when it stopped. */
export type StepProgress = {
  readonly step: OperationStep;
  readonly group: StepGroup;
  readonly startedMs: number | null;
  readonly endedMs: number | null;
};

/** The steps of one stage with their counts kept ready, so that showing them costs nothing. */
export type StageProgress = {
  readonly stage: number;
  readonly steps: ReadonlyMap<number, StepProgress>;
  readonly counts: Readonly<Record<StepGroup, number>>;
  /** Steps in motion or in trouble, by position: the ones worth a line of their own. */
  readonly notable: ReadonlyMap<number, StepProgress>;
};

export type PhaseProgress = {
  readonly phase: OperationPhase;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly message: string | null;
  readonly stages: ReadonlyMap<number, StageProgress>;
};

/** Everything a frame shows. Read by renderers, written by ProgressTracker only. */
export type ProgressView = {
  readonly operation: { readonly id: string; readonly kind: OperationKind; readonly title: string };
  readonly state: OperationState;
  readonly message: string | null;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly phases: readonly PhaseProgress[];
  readonly findings: readonly Finding[];
  /** What keeps the operation from going on. */
  readonly trouble: string | null;
  /** False while the stream is being reconnected. */
  readonly connected: boolean;
};

/** A stage whose counts follow its steps. */
class StageTally implements StageProgress {
  readonly stage: number;
  readonly steps = new Map<number, StepProgress>();
  readonly notable = new Map<number, StepProgress>();
  readonly counts: Record<StepGroup, number> = { waiting: 0, active: 0, done: 0, failed: 0, blocked: 0 };

  constructor(stage: number) {
    this.stage = stage;
  }

  put(progress: StepProgress): void {
    const { position } = progress.step;
    this.steps.set(position, progress);
    this.counts[progress.group] += 1;
    if (progress.group === 'active' || progress.group === 'failed') this.notable.set(position, progress);
  }

  /** Takes a step out, as it is about to be put back changed. */
  take(position: number): StepProgress | undefined {
    const known = this.steps.get(position);
    if (known === undefined) return undefined;
    this.counts[known.group] -= 1;
    this.notable.delete(position);
    return known;
  }
}

type MutablePhase = {
  readonly phase: OperationPhase;
  readonly startedMs: number;
  endedMs: number | null;
  message: string | null;
  readonly stages: Map<number, StageTally>;
  readonly stageOf: Map<number, number>;
};

const groups: Readonly<Record<StepState, StepGroup>> = {
  waiting: 'waiting',
  running: 'active',
  applied: 'active',
  deleting: 'active',
  ready: 'done',
  unchanged: 'done',
  gone: 'done',
  kept: 'done',
  left: 'done',
  failed: 'failed',
  blocked: 'blocked',
};

/** How a step in this state counts for people. */
export function groupOfStep(state: StepState): StepGroup {
  return groups[state];
}

/** Builds the view of an operation entry by entry; an entry costs the same whether there are 5 objects or 5,000. */
export class ProgressTracker {
  readonly #operation: ProgressView['operation'];
  readonly #phases = new Map<OperationPhase, MutablePhase>();
  readonly #findings: Finding[] = [];
  readonly #startedMs: number;
  #state: OperationState = 'queued';
  #message: string | null = null;
  #trouble: string | null = null;
  #endedMs: number | null = null;
  #connected = true;

  constructor(operation: ProgressView['operation'], startedMs: number) {
    this.#operation = operation;
    this.#startedMs = startedMs;
  }

  get view(): ProgressView {
    return {
      operation: this.#operation,
      state: this.#state,
      message: this.#message,
      startedMs: this.#startedMs,
      endedMs: this.#endedMs,
      phases: [...this.#phases.values()],
      findings: this.#findings,
      trouble: this.#trouble,
      connected: this.#connected,
    };
  }

  setConnected(connected: boolean): void {
    this.#connected = connected;
  }

  add({ change, time }: ProgressEntry): void {
    const timeMs = Date.parse(time);
    if (change.type === 'operation') this.#setState(change.state, change.message ?? null, timeMs);
    else if (change.type === 'phase') this.#enterPhase(change.phase, change.message ?? null, timeMs);
    else if (change.type === 'finding') this.#findings.push(change.finding);
    else if (change.type === 'step') this.#setStep(change.step, timeMs);
    else if (change.type === 'trouble') this.#trouble = change.message;
  }

  #setState(state: OperationState, message: string | null, timeMs: number): void {
    this.#state = state;
    this.#message = message;
    if (state !== 'succeeded' && state !== 'failed' && state !== 'cancelled') return;
    this.#endedMs = timeMs;
    this.#trouble = null;
    this.#endPhases(timeMs);
  }

  #enterPhase(name: OperationPhase, message: string | null, timeMs: number): void {
    const known = this.#phases.get(name);
    if (known === undefined) this.#endPhases(timeMs);
    const phase = this.#phase(name, timeMs);
    phase.endedMs = null;
    phase.message = message ?? phase.message;
  }

  #endPhases(timeMs: number): void {
    for (const phase of this.#phases.values()) phase.endedMs ??= timeMs;
  }

  #phase(name: OperationPhase, timeMs: number): MutablePhase {
    const known = this.#phases.get(name);
    if (known !== undefined) return known;
    const created: MutablePhase = {
      phase: name,
      startedMs: timeMs,
      endedMs: null,
      message: null,
      stages: new Map(),
      stageOf: new Map(),
    };
    this.#phases.set(name, created);
    return created;
  }

  #setStep(step: OperationStep, timeMs: number): void {
    const phase = this.#phase(step.phase, timeMs);
    const before = phase.stages.get(phase.stageOf.get(step.position) ?? Number.NaN)?.take(step.position);
    const group = groups[step.state];
    const moves = group !== 'waiting' && group !== 'blocked';
    const progress: StepProgress = {
      step,
      group,
      startedMs: before?.startedMs ?? (moves ? timeMs : null),
      endedMs: group === 'done' || group === 'failed' ? timeMs : null,
    };
    stageOf(phase, step.stage).put(progress);
    phase.stageOf.set(step.position, step.stage);
  }
}

function stageOf(phase: MutablePhase, stage: number): StageTally {
  const known = phase.stages.get(stage) ?? new StageTally(stage);
  phase.stages.set(stage, known);
  return known;
}
