import { SlipwayError } from '../../../domain/errors.ts';
import { type Finding, hasErrors } from '../../../domain/finding.ts';
import { describeKey, objectKey } from '../../../domain/kubernetes-object.ts';
import {
  deployOptionsSchema,
  planOptionsSchema,
  type UndeployOptions,
  undeployOptionsSchema,
} from '../../../domain/operation.ts';
import type { PlanBody } from '../../../domain/plan-changes.ts';
import { type InventoryRow, readInventory } from '../../../infra/database/inventory.ts';
import { insertSteps } from '../../../infra/database/operation-steps.ts';
import { setFindings, setPlan } from '../../../infra/database/operations.ts';
import { readPlan, savePlan } from '../../../infra/database/plans.ts';
import type { PlanSummary } from '../adapter.ts';
import { foreseeKept } from './foresee-kept.ts';
import { readKept } from './kept-objects.ts';
import { readLive } from './live-state.ts';
import { checkDependents } from './checks/dependents.ts';
import { unconfirmedLoss } from './loss-confirmation.ts';
import { enterPhase, type OperationContext } from './operation-context.ts';
import { type DeployPlan, emptyGraph, observedOf, planDeployment } from './plan-deploy.ts';
import { planRemoval } from './plan-removal.ts';
import { applyStepsOf, stepsOf } from './plan-steps.ts';
import { createReadinessJudge } from './readiness-judge.ts';

/** Checks an operation against its cluster and saves the plan. Throws `invalid` when a deploy has errors. */
export async function planOperation(context: OperationContext): Promise<PlanSummary> {
  const { operation, options } = context;
  await enterPhase(context, 'validate');
  // Kinds come and go without our doing; asking again costs an answer that nothing has changed.
  context.client.discovery.invalidate();
  if (operation.kind === 'plan') return preview(context);
  if (operation.kind === 'undeploy') return planUndeployment(context);
  const plan = await planDeployment(context, { options: deployOptionsSchema.parse(options), everyObject: false });
  await reportFindings(context, plan.body.findings);
  refuseErrors(plan.body.findings);
  const summary = await keepPlan(context, 'deploy', plan.body);
  await insertDeploySteps(context, plan);
  return summary;
}

async function preview(context: OperationContext): Promise<PlanSummary> {
  const options = planOptionsSchema.parse(context.options);
  const body =
    options.kind === 'deploy'
      ? (await planDeployment(context, { options, everyObject: true })).body
      : await undeployBody(context, options, foreseeKept);
  await reportFindings(context, body.findings);
  return keepPlan(context, options.kind, body);
}

async function planUndeployment(context: OperationContext): Promise<PlanSummary> {
  const body = await undeployBody(context, undeployOptionsSchema.parse(context.options), asDecided);
  await reportFindings(context, body.findings);
  refuseErrors(body.findings, 'removed');
  const summary = await keepPlan(context, 'undeploy', body);
  await insertSteps(context.database, {
    operationId: context.operation.id,
    phase: 'remove',
    steps: stepsOf(body.graph, body.changes),
  });
  return summary;
}

/** The run asks just before each removal, when more is gone: its plan does not foresee. */
const asDecided: typeof foreseeKept = async (_context, { changes }) => changes;

async function undeployBody(
  context: OperationContext,
  policy: UndeployOptions,
  changesOf: typeof foreseeKept,
): Promise<PlanBody> {
  const removal = await planRemoval(context, { rows: await readOwned(context), policy });
  const { graph, live } = removal;
  const findings = [
    ...graph.notes,
    ...(await checkDependents(context)),
    ...(await unconfirmedLoss(context, removal, policy)),
  ];
  const changes = await changesOf(context, removal, policy);
  return { graph, prune: emptyGraph, changes: [...changes], findings, objects: {}, observed: observedOf(live) };
}

/** What the deployment owns, and what an earlier undeploy or prune kept for it. */
async function readOwned(context: OperationContext): Promise<readonly InventoryRow[]> {
  const rows = await Array.fromAsync(readInventory(context.database, context.deployment.id));
  const known = new Set(rows.map(({ key }) => key));
  return [...rows, ...(await readKept(context)).filter(({ key }) => !known.has(key))];
}

/** Checks that nothing the plan was made from has changed, and makes its steps those of the operation. */
export async function adoptPlan(context: OperationContext): Promise<PlanSummary> {
  const { database, operation, client, signal } = context;
  await enterPhase(context, 'validate');
  const plan = operation.planId === null ? undefined : await readPlan<PlanBody>(database, operation.planId);
  if (plan === undefined) throw new SlipwayError('notFound', 'the plan of the operation is not there any more');
  const { body } = plan;
  await reportFindings(context, body.findings);
  refuseErrors(body.findings);
  const references = [...body.graph.nodes, ...body.prune.nodes].map(({ reference }) => reference);
  const live = await readLive(client, references, signal);
  refuseStale(body, observedOf(live));
  if (plan.kind === 'undeploy') {
    await insertSteps(database, {
      operationId: operation.id,
      phase: 'remove',
      steps: stepsOf(body.graph, body.changes),
    });
  } else {
    const rows = await Array.fromAsync(readInventory(database, context.deployment.id));
    await insertDeploySteps(context, { body, live, inventory: new Map(rows.map((row) => [row.key, row])) });
  }
  return summaryOf(plan.id, body);
}

function refuseStale(body: PlanBody, now: Readonly<Record<string, string>>): void {
  const keys = body.graph.nodes.map(({ reference }) => objectKey(reference));
  const changed = keys.filter((key) => body.observed[key] !== now[key]);
  if (changed.length === 0) return;
  const named = changed.slice(0, 5).map(describeKey).join(', ');
  const more = changed.length > 5 ? ` and ${changed.length - 5} more` : '';
  throw new SlipwayError('conflict', `the cluster has changed since the plan was made: ${named}${more}`, {
    fix: 'make a new plan, look at it, and apply that',
  });
}

async function insertDeploySteps(context: OperationContext, { body, live, inventory }: DeployPlan): Promise<void> {
  const { database, operation, client, signal, options } = context;
  const { readiness } = deployOptionsSchema.parse(options);
  const judge = createReadinessJudge({ client, objects: body.objects, mode: readiness, signal });
  const steps = await applyStepsOf({ body, live, inventory, judge });
  await insertSteps(database, { operationId: operation.id, phase: 'apply', steps });
  await insertSteps(database, { operationId: operation.id, phase: 'prune', steps: stepsOf(body.prune, body.changes) });
}

async function reportFindings({ database, operation }: OperationContext, findings: readonly Finding[]): Promise<void> {
  await setFindings(database, { id: operation.id, findings: [...operation.findings, ...findings] });
}

function refuseErrors(findings: readonly Finding[], what: 'deployed' | 'removed' = 'deployed'): void {
  if (!hasErrors(findings)) return;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  throw new SlipwayError('invalid', `nothing was ${what}: ${first?.message ?? 'the design has errors'}${more}`, {
    ...(first?.fix === undefined ? {} : { fix: first.fix }),
    findings: errors,
  });
}

async function keepPlan(context: OperationContext, kind: 'deploy' | 'undeploy', body: PlanBody): Promise<PlanSummary> {
  const { database, operation, deployment } = context;
  await enterPhase(context, 'plan');
  const id = `plan_${operation.id.replace(/^op_/, '')}`;
  await savePlan(database, {
    id,
    operationId: operation.id,
    deploymentId: deployment.id,
    kind,
    revision: operation.revision,
    body,
  });
  await setPlan(database, { id: operation.id, planId: id });
  return summaryOf(id, body);
}

function summaryOf(planId: string, body: PlanBody): PlanSummary {
  return {
    planId,
    errorCount: body.findings.filter(({ severity }) => severity === 'error').length,
    objectCount: body.graph.nodes.length,
    pruneCount: body.prune.nodes.length,
  };
}
