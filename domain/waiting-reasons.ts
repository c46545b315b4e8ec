import { createFrontier, type Waiting } from './frontier.ts';
import { describeObject } from './kubernetes-object.ts';
import type { OperationStep, StepState } from './operation.ts';
import type { NeededState, PlanGraph } from './plan-graph.ts';

const reachedStates: Partial<Record<StepState, NeededState>> = {
  applied: 'exists',
  ready: 'ready',
  unchanged: 'ready',
  gone: 'gone',
  left: 'gone',
};

/** The steps with, for those that wait, what they wait for now and where that stands: `why is this waiting`. */
export function withWaitingReasons(graph: PlanGraph, steps: readonly OperationStep[]): readonly OperationStep[] {
  const frontier = createFrontier(graph);
  const inGraph = new Set(graph.nodes.map(({ key }) => key));
  const isRemoval = graph.edges.some(({ needs }) => needs === 'gone');
  const states = new Map<string, NeededState>();
  for (const { key, state } of steps) {
    const reached = state === 'kept' ? (isRemoval ? 'gone' : 'ready') : reachedStates[state];
    if (reached !== undefined && inGraph.has(key)) states.set(key, reached);
  }
  frontier.resume(states);
  const byKey = new Map(steps.map((step) => [step.key, step]));
  return steps.map((step) => {
    if (step.state !== 'waiting' || !inGraph.has(step.key)) return step;
    const reasons = frontier
      .waitingFor(step.key)
      .map((waiting) => describeWaiting(waiting, byKey.get(waiting.prerequisite)));
    return reasons.length === 0 ? step : { ...step, message: reasons.join('; ') };
  });
}

function describeWaiting({ prerequisite, needs, reason }: Waiting, step: OperationStep | undefined): string {
  const subject = step === undefined ? prerequisite : describeObject(step.reference);
  const stands =
    step === undefined ? '' : `, which is ${step.state}${step.message === null ? '' : `: ${step.message}`}`;
  return `${reason}: waits until ${subject} is ${needs}${stands}`;
}
