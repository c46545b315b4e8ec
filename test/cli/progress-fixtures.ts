import type {
  OperationPhase,
  OperationStep,
  ProgressChange,
  ProgressEntry,
  StepState,
} from '../../domain/operation.ts';
import { ProgressTracker } from '../../cli/progress/progress-state.ts';

export const startMs = Date.parse('2026-01-01T00:00:00.000Z');

/** The view's builder with an operation that began at `startMs`. */
export function trackDeploy(): ProgressTracker {
  return new ProgressTracker({ id: 'op_1', kind: 'deploy', title: 'shop → prod' }, startMs);
}

/** An entry of the stream, `seconds` after the start. */
export function entry(change: ProgressChange, seconds = 0): ProgressEntry {
  return { sequence: 1, operationId: 'op_1', time: new Date(startMs + seconds * 1000).toISOString(), change };
}

export type StepInput = {
  readonly position: number;
  readonly state: StepState;
  readonly stage?: number;
  readonly phase?: OperationPhase;
  readonly message?: string;
  readonly seconds?: number;
};

/** An entry in which one ConfigMap moves. */
export function stepEntry({
  position,
  state,
  stage = 1,
  phase = 'apply',
  message,
  seconds = 0,
}: StepInput): ProgressEntry {
  const step: OperationStep = {
    phase,
    position,
    key: `/ConfigMap/shop/object-${position}`,
    reference: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: `object-${position}` },
    component: `object-${position}`,
    stage,
    action: 'create',
    state,
    message: message ?? null,
    fix: null,
    updatedAt: new Date(startMs).toISOString(),
  };
  return entry({ type: 'step', step }, seconds);
}
