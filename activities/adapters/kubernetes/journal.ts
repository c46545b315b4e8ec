import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationPhase, OperationProgress, OperationStep, StepAction, StepState } from '../../../domain/operation.ts';
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

export type Journal = {
  /** Takes note of a transition. It is stored within a tenth of a second, many at a time. */
  readonly record: (key: string, transition: Transition) => void;
  /** The step of an object as it stands, stored or not. */
  readonly step: (key: string) => OperationStep | undefined;
  readonly counts: () => OperationProgress;
  /** Stores what is not stored yet, and ends. Throws what kept it from storing. */
  readonly close: () => Promise<void>;
};

export type JournalOptions = {
  readonly database: Database;
  readonly operationId: string;
  readonly phase: OperationPhase;
  readonly steps: readonly OperationStep[];
};

const flushIntervalMs = 100;

const doneStates: ReadonlySet<StepState> = new Set(['ready', 'unchanged', 'gone', 'kept']);

/** The written record of a phase: what a person follows live, and what a worker goes on from after another one died. */
export function openJournal({ database, operationId, phase, steps }: JournalOptions): Journal {
  const current = new Map(steps.map((step) => [step.key, step]));
  const unsaved = new Map<string, StepChange>();
  const tally = countStates(steps);
  let closed = false;
  let failure: unknown;

  const record = (key: string, transition: Transition): void => {
    const before = current.get(key);
    if (before === undefined) throw new Error(`the phase ${phase} has no step for ${key}`);
    const step = { ...before, ...transition, updatedAt: new Date().toISOString() };
    tally.set(before.state, (tally.get(before.state) ?? 0) - 1);
    tally.set(step.state, (tally.get(step.state) ?? 0) + 1);
    current.set(key, step);
    unsaved.set(key, { ...unsaved.get(key), ...transition, position: before.position });
  };

  const counts = (): OperationProgress => ({
    phase,
    total: current.size,
    done: [...doneStates].reduce((sum, state) => sum + (tally.get(state) ?? 0), 0),
    failed: tally.get('failed') ?? 0,
    blocked: tally.get('blocked') ?? 0,
  });

  const flush = async (): Promise<void> => {
    const changes = [...unsaved.values()];
    unsaved.clear();
    await recordTransitions(database, { operationId, phase, steps: changes, progress: counts() });
  };

  const loop = (async () => {
    while (!closed) {
      await sleep(flushIntervalMs);
      if (unsaved.size > 0) await flush();
    }
  })().catch((error: unknown) => {
    failure = error;
  });

  return {
    record,
    step: (key) => current.get(key),
    counts,
    async close() {
      closed = true;
      await loop;
      if (failure !== undefined) throw failure;
      await flush();
    },
  };
}

function countStates(steps: readonly OperationStep[]): Map<StepState, number> {
  const tally = new Map<StepState, number>();
  for (const { state } of steps) tally.set(state, (tally.get(state) ?? 0) + 1);
  return tally;
}
