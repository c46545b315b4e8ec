import type { OperationPhase, OperationStep } from '../domain/operation.ts';
import type { PlanBody } from '../domain/plan-changes.ts';
import type { PlanGraph } from '../domain/plan-graph.ts';
import { withWaitingReasons } from '../domain/waiting-reasons.ts';
import type { Database } from '../infra/database/database.ts';
import { readStepsForResume } from '../infra/database/operation-steps.ts';
import type { StoredOperation } from '../infra/database/operations.ts';
import { readPlan } from '../infra/database/plans.ts';

/** The steps, those that wait with what they wait for now. */
export async function explainWaiting(
  database: Database,
  operation: StoredOperation,
  steps: readonly OperationStep[],
): Promise<readonly OperationStep[]> {
  const phases = new Set(steps.filter(({ state }) => state === 'waiting').map(({ phase }) => phase));
  const plan = operation.planId === null ? undefined : await readPlan<PlanBody>(database, operation.planId);
  if (plan === undefined || phases.size === 0) return steps;
  const messages = new Map<string, string | null>();
  for (const phase of phases) {
    const graph = graphOf(plan.body, phase);
    if (graph === undefined) continue;
    const all = await readStepsForResume(database, { operationId: operation.id, phase });
    for (const { position, message } of withWaitingReasons(graph, all)) messages.set(`${phase} ${position}`, message);
  }
  return steps.map((step) => ({ ...step, message: messages.get(`${step.phase} ${step.position}`) ?? step.message }));
}

function graphOf(body: PlanBody, phase: OperationPhase): PlanGraph | undefined {
  if (phase === 'apply' || phase === 'remove') return body.graph;
  return phase === 'prune' ? body.prune : undefined;
}
