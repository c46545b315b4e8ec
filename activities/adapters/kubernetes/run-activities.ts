import { SlipwayError } from '../../../domain/errors.ts';
import { describeObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import { deployOptionsSchema, type OperationStep, undeployOptionsSchema } from '../../../domain/operation.ts';
import { deploymentLabel } from '../../../domain/ownership.ts';
import type { PlanBody } from '../../../domain/plan-changes.ts';
import {
  type InventoryRow,
  readInventory,
  recordIntended,
  removeFromInventory,
  updateInventory,
} from '../../../infra/database/inventory.ts';
import { readStepsForResume } from '../../../infra/database/operation-steps.ts';
import { readPlan } from '../../../infra/database/plans.ts';
import { digestOf } from '../../../infra/digest.ts';
import type { RunSummary } from '../adapter.ts';
import { runApply } from './apply-run.ts';
import { type Journal, openJournal } from './journal.ts';
import { takeBackKept } from './kept-objects.ts';
import { enterPhase, type OperationContext } from './operation-context.ts';
import { intendedObjects } from './plan-steps.ts';
import { releaseKept } from './release-kept.ts';
import { runRemove } from './remove-run.ts';
import { openStuckChoices } from './stuck-choices.ts';

/** Applies the operation's plan, from where an earlier attempt stopped. Throws `failed` when an object failed. */
export async function applyPlan(context: OperationContext): Promise<RunSummary> {
  const { database, operation, deployment, client, signal } = context;
  await enterPhase(context, 'apply');
  const body = await requirePlanBody(context);
  const steps = await readStepsForResume(database, { operationId: operation.id, phase: 'apply' });
  await recordIntended(database, {
    deploymentId: deployment.id,
    connectionId: deployment.connectionId,
    objects: intendedObjects(steps, { deploymentId: deployment.id, revision: operation.revision ?? 0 }),
  });
  const journal = openJournal({ database, operationId: operation.id, phase: 'apply', steps });
  const policy = deployOptionsSchema.parse(context.options);
  await withJournal(journal, () =>
    runApply({
      client,
      deploymentId: deployment.id,
      graph: body.graph,
      objects: body.objects,
      steps,
      journal,
      policy,
      signal,
    }),
  );
  return concludeRun(journal, steps);
}

/** Removes what the operation's plan no longer wants. Throws `failed` when an object could not be removed. */
export async function removePlanned(context: OperationContext): Promise<RunSummary> {
  const { database, operation, deployment, client, signal } = context;
  const isUndeploy = operation.kind === 'undeploy';
  const phase = isUndeploy ? 'remove' : 'prune';
  await enterPhase(context, phase);
  const body = await requirePlanBody(context);
  const steps = await readStepsForResume(database, { operationId: operation.id, phase });
  if (isUndeploy) await takeBackKept(context, body);
  const inventory = await Array.fromAsync(readInventory(database, deployment.id));
  const journal = openJournal({ database, operationId: operation.id, phase, steps });
  const policy = isUndeploy
    ? undeployOptionsSchema.parse(context.options)
    : undeployOptionsSchema.parse({ timeoutSeconds: deployOptionsSchema.parse(context.options).timeoutSeconds });
  try {
    await withJournal(journal, () =>
      runRemove({
        client,
        deploymentId: deployment.id,
        graph: isUndeploy ? body.graph : body.prune,
        steps,
        ...factsOf(inventory),
        journal,
        choices: openStuckChoices(context),
        policy,
        signal,
      }),
    );
    if (isUndeploy) await forgetLeft(context, journal, steps);
  } finally {
    // What is gone is out of the inventory even when the rest fails: the next undeploy has less to do.
    if (isUndeploy) await dropRemoved(context, journal, steps);
  }
  return concludeRun(journal, steps);
}

/** What a removal needs to know of the inventory. */
export function factsOf(inventory: readonly InventoryRow[]) {
  return {
    originals: new Map(inventory.flatMap(({ key, original }) => (original === null ? [] : [[key, original] as const]))),
    uids: new Map(inventory.flatMap(({ key, uid }) => (uid === null ? [] : [[key, uid] as const]))),
  };
}

/** Takes what is gone or kept out of the inventory, and the mark of the deployment off what is kept. */
export async function dropRemoved(
  context: OperationContext,
  journal: Journal,
  steps: readonly OperationStep[],
): Promise<void> {
  const ended = steps.map(({ key }) => journal.step(key)).filter((step) => step !== undefined);
  const kept = ended.filter(({ state }) => state === 'kept').map(({ reference }) => reference);
  await releaseKept(context, kept);
  const keys = ended.filter(({ state }) => state === 'gone' || state === 'kept').map(({ key }) => key);
  await removeFromInventory(context.database, { deploymentId: context.deployment.id, keys });
}

/** What people chose to leave is no longer the deployment's: the orphan check finds it by its mark, and can remove it later. */
async function forgetLeft(
  { database, deployment }: OperationContext,
  journal: Journal,
  steps: readonly OperationStep[],
): Promise<void> {
  const keys = steps.map(({ key }) => key).filter((key) => journal.step(key)?.state === 'left');
  await removeFromInventory(database, { deploymentId: deployment.id, keys });
}

/** Records what is live as what the deployment owns, and compares the two. */
export async function observePlan(context: OperationContext): Promise<RunSummary> {
  const { database, operation, deployment } = context;
  await enterPhase(context, 'sync');
  const body = await requirePlanBody(context);
  const applied = await readStepsForResume(database, { operationId: operation.id, phase: 'apply' });
  const pruned = await readStepsForResume(database, { operationId: operation.id, phase: 'prune' });
  if (applied.every(({ state }) => state === 'unchanged') && pruned.length === 0) {
    return { doneCount: applied.length, failedCount: 0, blockedCount: 0 };
  }
  const present = await liveKeys(context, body);
  const changes = applied.flatMap((step) => {
    const object = body.objects[step.key];
    if (object === undefined || step.state === 'unchanged') return [];
    const isLive = present.has(step.key);
    const isReady = step.state === 'ready' || step.state === 'kept';
    return [
      {
        key: step.key,
        state: isLive ? (isReady ? ('ready' as const) : ('notReady' as const)) : ('missing' as const),
        ...(step.uid === null ? {} : { uid: step.uid }),
        ...(isReady || step.state === 'applied' ? { applied: object, appliedDigest: digestOf(object) } : {}),
      },
    ];
  });
  await updateInventory(database, { deploymentId: deployment.id, changes });
  const neverApplied = applied.filter(
    ({ key, state }) => (state === 'waiting' || state === 'blocked' || state === 'failed') && !present.has(key),
  );
  const gone = pruned.filter(({ state }) => state === 'gone' || state === 'kept');
  await releaseKept(
    context,
    gone.filter(({ state }) => state === 'kept').map(({ reference }) => reference),
  );
  await removeFromInventory(database, {
    deploymentId: deployment.id,
    keys: [...neverApplied, ...gone].map(({ key }) => key),
  });
  const missing = changes.filter(({ state }) => state === 'missing').length;
  return { doneCount: applied.length - missing, failedCount: missing, blockedCount: 0 };
}

/** The keys of the plan's objects that are live: those with the deployment's mark, and shared ones. */
async function liveKeys(
  { client, deployment, signal }: OperationContext,
  body: PlanBody,
): Promise<ReadonlySet<string>> {
  const kinds = new Map(
    body.graph.nodes.map(({ reference }) => [`${reference.apiVersion}/${reference.kind}`, reference]),
  );
  const labelSelector = `${deploymentLabel}=${deployment.id}`;
  const lists = await Promise.all(
    [...kinds.values()].map(async (kind) => {
      const resource = await client.discovery.resourceFor(kind.apiVersion, kind.kind, { signal });
      return resource === undefined
        ? []
        : (await client.list(resource, { labelSelector, metadataOnly: true, signal })).objects;
    }),
  );
  const shared = body.changes.filter(({ action }) => action === 'keep').map(({ key }) => key);
  return new Set([...lists.flat().map((object) => objectKey(referenceOf(object))), ...shared]);
}

async function requirePlanBody({ database, operation }: OperationContext): Promise<PlanBody> {
  const { planId } = operation;
  const plan = planId === null ? undefined : await readPlan<PlanBody>(database, planId);
  if (plan === undefined) throw new SlipwayError('notFound', 'the plan of the operation is not there any more');
  return plan.body;
}

/** Runs the work and stores the last of its journal, whatever becomes of the work. */
export async function withJournal(journal: Journal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await journal.close();
  }
}

function concludeRun(journal: Journal, steps: readonly OperationStep[]): RunSummary {
  const { done, failed, blocked } = journal.counts();
  if (failed === 0 && blocked === 0) return { doneCount: done, failedCount: 0, blockedCount: 0 };
  const first = steps.map(({ key }) => journal.step(key)).find((step) => step?.state === 'failed');
  const subject = first === undefined ? 'an object' : describeObject(first.reference);
  const others = failed > 1 ? ` (and ${failed - 1} more failed)` : '';
  const waiting = blocked > 0 ? `; ${blocked} that depend on it were not started` : '';
  throw new SlipwayError(
    'failed',
    `${subject}: ${first?.message ?? 'failed'}${others}${waiting}`,
    typeof first?.fix === 'string' ? { fix: first.fix } : {},
  );
}
