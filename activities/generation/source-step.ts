import type { OperationInput, StepState } from '../../domain/operation.ts';
import { describeReport, type SourceReport } from '../../domain/registry/generation.ts';
import type { Database } from '../../infra/database/database.ts';
import { countSteps } from '../../infra/database/operation-steps.ts';
import { setProgress } from '../../infra/database/operations.ts';
import { putReport } from '../../infra/database/registry/sources.ts';
import { updateSteps } from '../../infra/database/transitions.ts';
import type { SourceInput } from './source-input.ts';

/** Tells people how far a source is. */
export type SourceStep = {
  /** At most one message a second is shown; what comes sooner is left out. */
  readonly say: (message: string) => Promise<void>;
};

const phase = 'generate';
const messageEveryMs = 1_000;

const stepStates: Readonly<Record<SourceReport['outcome'], StepState>> = {
  stored: 'ready',
  checked: 'ready',
  unchanged: 'unchanged',
  failed: 'failed',
  cancelled: 'blocked',
};

export function openSourceStep(database: Database, { operationId, position }: SourceInput): SourceStep {
  let saidAt = Number.NEGATIVE_INFINITY;
  return {
    say: async (message) => {
      const now = performance.now();
      if (now - saidAt < messageEveryMs) return;
      saidAt = now;
      await updateSteps(database, { operationId, phase, steps: [{ position, state: 'running', message }] });
    },
  };
}

/** Stores what became of a source, and shows it. */
export async function endSource(database: Database, operationId: string, report: SourceReport): Promise<void> {
  await putReport(database, { operationId, report });
  await showEnd(database, operationId, report);
}

/** Shows the end of a source whose report is stored. */
export async function showEnd(database: Database, operationId: string, report: SourceReport): Promise<void> {
  const { position, outcome, error } = report;
  const message = describeReport(report);
  const step = { position, state: stepStates[outcome], message, fix: error?.fix ?? null };
  await updateSteps(database, { operationId, phase, steps: [step] });
  await recountSources(database, operationId);
}

/** Sets the counts that people see of an operation to what its steps say. */
export async function recountSources(database: Database, operationId: OperationInput['operationId']): Promise<void> {
  const counts = await countSteps(database, { operationId, phase });
  const count = (...states: readonly StepState[]): number =>
    states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  const total = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const progress = {
    phase,
    total,
    done: count('ready', 'unchanged'),
    failed: count('failed'),
    blocked: count('blocked'),
  } as const;
  await setProgress(database, { id: operationId, progress });
}
