import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import type { StepState } from '../../../domain/operation.ts';
import { keptForLabel } from '../../../domain/ownership.ts';
import type { PlanBody, PlanChange } from '../../../domain/plan-changes.ts';
import type { PlanGraph } from '../../../domain/plan-graph.ts';
import type { InventoryRow, IntendedObject } from '../../../infra/database/inventory.ts';
import type { NewStep, ResumableStep } from '../../../infra/database/operation-steps.ts';
import type { ReadinessJudge } from './readiness-judge.ts';

/** The steps of a graph as they begin. What is kept or unchanged is done already. */
export function stepsOf(graph: PlanGraph, changes: readonly PlanChange[]): readonly NewStep[] {
  const byKey = new Map(changes.map((change) => [change.key, change]));
  return graph.nodes.map((node, position) => {
    const change = byKey.get(node.key);
    return {
      position,
      key: node.key,
      reference: node.reference,
      component: node.component,
      stage: node.stage,
      action: change?.action ?? null,
      state: change?.action === 'keep' ? 'kept' : 'waiting',
      message: change?.message ?? null,
    };
  });
}

export type ApplyStepsInput = {
  readonly body: PlanBody;
  readonly live: ReadonlyMap<string, KubernetesObject>;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly judge: ReadinessJudge;
};

/** The steps of an apply, with what is there already settled, and the before-images of objects that are adopted. */
export async function applyStepsOf({ body, live, inventory, judge }: ApplyStepsInput): Promise<readonly NewStep[]> {
  return Promise.all(
    stepsOf(body.graph, body.changes).map(async (step) => {
      const object = live.get(step.key);
      if (object === undefined) return step;
      if (step.action === 'unchanged' || step.action === 'keep')
        return { ...step, state: await settledState(step, object, judge) };
      return inventory.has(step.key) ? step : { ...step, before: object };
    }),
  );
}

async function settledState(step: NewStep, object: KubernetesObject, judge: ReadinessJudge): Promise<StepState> {
  const { status } = await judge(object);
  if (status !== 'ready' && status !== 'suspended') return 'waiting';
  return step.action === 'keep' ? 'kept' : 'unchanged';
}

/** What an apply is about to own, for the inventory. */
export function intendedObjects(
  steps: readonly ResumableStep[],
  { deploymentId, revision }: { readonly deploymentId: string; readonly revision: number },
): readonly IntendedObject[] {
  return steps.map(({ key, reference, component, before }) => {
    const isAdopted = before !== null && before.metadata.labels?.[keptForLabel] !== deploymentId;
    return {
      key,
      reference,
      component,
      revision,
      created: !isAdopted,
      ...(isAdopted ? { original: before } : {}),
    };
  });
}
