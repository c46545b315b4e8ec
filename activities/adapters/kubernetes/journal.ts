import { setTimeout as sleep } from 'node:timers/promises';
import type {
  OperationPhase,
  OperationProgress,
  OperationStep,
  StepAction,
  StepState,
} from '../../../domain/operation.ts';
import type { Database } from '../../../infra/database/database.ts';
import { recordTransitions, type StepChange } from '../../../infra/database/transitions.ts';

/** What became of one object; what is absent stays as it was. */
export type Transition = {
  readonly state: StepState;
  readonly action?: StepAction;
  readonly message?: string | null;
  readonly fix?: string | null;
  readonly uid?: string | null;
};

export type JournalOptions = {
  readonly database: Database;
  readonly operationId: string;
  readonly phase: OperationPhase;
  readonly steps: readonly OperationStep[];
};

const flushIntervalMs = 100;

const doneStates: ReadonlySet<StepState> = new Set(['ready', 'unchanged', 'gone', 'kept', 'left']);

/** Opens the record of a phase whose steps are stored already. */
export function openJournal(options: JournalOptions): Journal {
  return new Journal(options);
}

/** The written record of a phase: what a person follows live, and what a worker goes on from after another one died. */
export class Journal {
  readonly #options: JournalOptions;
  readonly #current: Map<string, OperationStep>;
  readonly #unsaved = new Map<string, StepChange>();
  readonly #tally = new Map<StepState, number>();
  readonly #closing = new AbortController();
  readonly #flushing: Promise<void>;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#current = new Map(options.steps.map((step) => [step.key, step]));
    for (const { state } of options.steps) this.#count(state, 1);
    this.#flushing = this.#flushRegularly();
    // A failure is told by `close`; until then it must not end the process.
    this.#flushing.catch(() => undefined);
  }

  /** Takes note of a transition. It is stored within a tenth of a second, many at a time. */
  record(key: string, transition: Transition): void {
    const before = this.#current.get(key);
    if (before === undefined) throw new Error(`the phase ${this.#options.phase} has no step for ${key}`);
    this.#count(before.state, -1);
    this.#count(transition.state, 1);
    this.#current.set(key, { ...before, ...transition, updatedAt: new Date().toISOString() });
    this.#unsaved.set(key, { ...this.#unsaved.get(key), ...transition, position: before.position });
  }

  /** The step of an object as it stands, stored or not. */
  step(key: string): OperationStep | undefined {
    return this.#current.get(key);
  }

  counts(): OperationProgress {
    const count = (state: StepState): number => this.#tally.get(state) ?? 0;
    return {
      phase: this.#options.phase,
      total: this.#current.size,
      done: [...doneStates].reduce((sum, state) => sum + count(state), 0),
      failed: count('failed'),
      blocked: count('blocked'),
    };
  }

  /** Stores what is not stored yet, and ends. Throws what kept it from storing. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#flushing;
    await this.#flush();
  }

  async #flushRegularly(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(flushIntervalMs, undefined, { signal }).catch(() => undefined);
      if (this.#unsaved.size > 0) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    const { database, operationId, phase } = this.#options;
    const steps = [...this.#unsaved.values()];
    this.#unsaved.clear();
    await recordTransitions(database, { operationId, phase, steps, progress: this.counts() });
  }

  #count(state: StepState, change: number): void {
    this.#tally.set(state, (this.#tally.get(state) ?? 0) + change);
  }
}
