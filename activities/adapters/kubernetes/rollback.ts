import type { Component } from '../../../domain/design.ts';
import { describeObject, type KubernetesObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import { deployOptionsSchema, type OperationStep, type RemovalPolicy } from '../../../domain/operation.ts';
import { deploymentLabel } from '../../../domain/ownership.ts';
import { planDeploy } from '../../../domain/plan.ts';
import type { PlanChange } from '../../../domain/plan-changes.ts';
import type { PlanGraph } from '../../../domain/plan-graph.ts';
import {
  type InventoryRow,
  readApplied,
  readInventory,
  removeFromInventory,
  updateInventory,
} from '../../../infra/database/inventory.ts';
import {
  insertSteps,
  type NewStep,
  readStepsForResume,
  type ResumableStep,
} from '../../../infra/database/operation-steps.ts';
import type { CompensationSummary } from '../adapter.ts';
import { runApply } from './apply-run.ts';
import { type Journal, openJournal } from './journal.ts';
import { readLive } from './live-state.ts';
import { enterPhase, type OperationContext } from './operation-context.ts';
import { planRemoval } from './plan-removal.ts';
import { stepsOf } from './plan-steps.ts';
import { restoreOriginal } from './restore-original.ts';
import { dropRemoved, factsOf, withJournal } from './run-activities.ts';
import { runRemove } from './remove-run.ts';
import { openStuckChoices } from './stuck-choices.ts';

/** What an operation changed, by what undoes it. */
type Undo = {
  /** Objects that the deployment owned before: as they were last applied. */
  readonly reapply: readonly Component[];
  /** Objects that were there before and belonged to nobody: as they were. */
  readonly originals: readonly KubernetesObject[];
  /** Objects that the operation created. */
  readonly created: readonly InventoryRow[];
};

/**
 * Undoes what the operation changed: what it created goes in reverse order, then what it changed or pruned comes back as it
 * was. It looks at the cluster and not only at the record, as a lost worker may have written more than it recorded.
 */
export async function rollBack(context: OperationContext): Promise<CompensationSummary> {
  await enterPhase(context, 'rollback');
  const undo = await findWhatToUndo(context);
  const restoreGraph = planDeploy(undo.reapply);
  const removal = await planRemoval(context, { rows: undo.created, policy: rollbackPolicy(context) });
  const journal = await openPhase(context, [
    ...stepsOf(removal.graph, removal.changes),
    ...stepsOf(
      restoreGraph,
      undo.reapply.map(({ object }) => restoreChange(object)),
    ),
  ]);
  await withJournal(journal, async () => {
    await remove(context, { journal, graph: removal.graph, rows: undo.created });
    await reapply(context, { journal, graph: restoreGraph, components: undo.reapply });
    await giveBack(context, undo.originals);
  });
  await settleInventory(context, journal, { undo, removal: removal.graph, restored: restoreGraph });
  return {
    left: leftOver(
      journal,
      [...removal.graph.nodes, ...restoreGraph.nodes].map(({ key }) => key),
    ),
  };
}

/** Removes everything that the deployment owns. */
export async function removeAll(context: OperationContext): Promise<CompensationSummary> {
  await enterPhase(context, 'remove');
  const rows = await Array.fromAsync(readInventory(context.database, context.deployment.id));
  const removal = await planRemoval(context, { rows, policy: rollbackPolicy(context) });
  const journal = await openPhase(context, stepsOf(removal.graph, removal.changes));
  await withJournal(journal, () => remove(context, { journal, graph: removal.graph, rows }));
  await dropRemoved(context, journal, stepsIn(journal, removal.graph));
  return {
    left: leftOver(
      journal,
      removal.graph.nodes.map(({ key }) => key),
    ),
  };
}

/** Impatience with a deploy is no reason to leave its rollback half done. */
const minimumPatienceSeconds = 600;

function patienceOf({ options }: OperationContext): number {
  return Math.max(deployOptionsSchema.parse(options).timeoutSeconds, minimumPatienceSeconds);
}

/** What a failed operation created holds nobody's data yet. */
function rollbackPolicy(context: OperationContext): RemovalPolicy {
  return { removeCrds: 'if-unused', purgeVolumes: true, timeoutSeconds: patienceOf(context) };
}

async function findWhatToUndo(context: OperationContext): Promise<Undo> {
  const { database, operation, deployment, client, signal } = context;
  const [applied, pruned, rows] = await Promise.all([
    readStepsForResume(database, { operationId: operation.id, phase: 'apply' }),
    readStepsForResume(database, { operationId: operation.id, phase: 'prune' }),
    Array.fromAsync(readInventory(database, deployment.id)),
  ]);
  const inventory = new Map(rows.map((row) => [row.key, row]));
  const changed = applied.filter(({ action, state }) => isChange(action) && state !== 'kept');
  const removed = pruned.filter(({ action }) => action === 'delete' || action === 'restore');
  const undone = [...changed, ...removed];
  const [previous, live] = await Promise.all([
    readApplied(database, { deploymentId: deployment.id, keys: undone.map(({ key }) => key) }),
    readLive(
      client,
      changed.map(({ reference }) => reference),
      signal,
    ),
  ]);
  return {
    reapply: undone.flatMap((step) => previousOf(step, previous)),
    originals: changed.flatMap(({ action, before }) => (action === 'update' && before !== null ? [before] : [])),
    created: changed
      .filter(
        ({ action, key }) => action === 'create' && live.get(key)?.metadata.labels?.[deploymentLabel] === deployment.id,
      )
      .flatMap(({ key }) => {
        const row = inventory.get(key);
        return row === undefined || row.appliedDigest !== null
          ? []
          : [{ ...row, uid: live.get(key)?.metadata.uid ?? null }];
      }),
  };
}

function isChange(action: ResumableStep['action']): boolean {
  return action === 'create' || action === 'update' || action === 'recreate';
}

/** The manifest as the revision before applied it; the inventory keeps it until an operation has succeeded. */
function previousOf(step: ResumableStep, previous: ReadonlyMap<string, KubernetesObject>): readonly Component[] {
  const object = previous.get(step.key);
  return object === undefined ? [] : [{ name: step.component, adapter: 'kubernetes', dependsOn: [], object }];
}

function restoreChange(object: KubernetesObject): PlanChange {
  return { key: objectKey(referenceOf(object)), action: 'restore', predicted: false, diff: [] };
}

/** Both halves of a rollback are one phase, so that people see one list and a resumed worker finds its place. */
async function openPhase(context: OperationContext, planned: readonly NewStep[]): Promise<Journal> {
  const { database, operation } = context;
  const place = { operationId: operation.id, phase: 'rollback' } as const;
  const recorded = await readStepsForResume(database, place);
  const known = new Set(recorded.map(({ key }) => key));
  const added = planned.filter(({ key }) => !known.has(key));
  const steps = added.map((step, index) => ({ ...step, position: recorded.length + index }));
  await insertSteps(database, { ...place, steps });
  return openJournal({ ...place, database, steps: await readStepsForResume(database, place) });
}

async function remove(
  context: OperationContext,
  {
    journal,
    graph,
    rows,
  }: { readonly journal: Journal; readonly graph: PlanGraph; readonly rows: readonly InventoryRow[] },
): Promise<void> {
  const { client, deployment, signal } = context;
  const steps = stepsIn(journal, graph);
  const policy = rollbackPolicy(context);
  const choices = openStuckChoices(context);
  const facts = factsOf(rows);
  await runRemove({ client, deploymentId: deployment.id, graph, steps, ...facts, journal, choices, policy, signal });
}

async function reapply(
  context: OperationContext,
  {
    journal,
    graph,
    components,
  }: { readonly journal: Journal; readonly graph: PlanGraph; readonly components: readonly Component[] },
): Promise<void> {
  const { client, deployment, signal, options } = context;
  const { readiness } = deployOptionsSchema.parse(options);
  await runApply({
    client,
    deploymentId: deployment.id,
    graph,
    objects: Object.fromEntries(components.map(({ object }) => [objectKey(referenceOf(object)), object])),
    steps: stepsIn(journal, graph),
    journal,
    policy: { readiness, timeoutSeconds: patienceOf(context), forceConflicts: true, replace: true },
    signal,
  });
}

async function giveBack({ client, signal }: OperationContext, originals: readonly KubernetesObject[]): Promise<void> {
  await Promise.all(
    originals.map(async (original) => {
      const live = await client.find(referenceOf(original), { signal });
      if (live !== undefined && live.metadata.uid === original.metadata.uid)
        await restoreOriginal(client, { original, live }, signal);
    }),
  );
}

function stepsIn(journal: Journal, graph: PlanGraph) {
  return graph.nodes.map(({ key }) => journal.step(key)).filter((step) => step !== undefined);
}

type Settled = { readonly undo: Undo; readonly removal: PlanGraph; readonly restored: PlanGraph };

async function settleInventory(
  context: OperationContext,
  journal: Journal,
  { undo, removal, restored }: Settled,
): Promise<void> {
  const { database, operation, deployment } = context;
  await dropRemoved(context, journal, stepsIn(journal, removal));
  const steps = await readStepsForResume(database, { operationId: operation.id, phase: 'rollback' });
  const restoredKeys = new Set(restored.nodes.map(({ key }) => key));
  const changes = steps
    .filter(({ key, state }) => restoredKeys.has(key) && state === 'ready')
    .map(({ key, uid }) => ({ key, state: 'ready' as const, ...(uid === null ? {} : { uid }) }));
  await updateInventory(database, { deploymentId: deployment.id, changes });
  const rows = await Array.fromAsync(readInventory(database, deployment.id));
  const failed = new Set(steps.filter(isUndone).map(({ key }) => key));
  const adopted = new Set(undo.originals.map((original) => objectKey(referenceOf(original))));
  const neverOwned = rows.filter(
    ({ key, appliedDigest }) => !failed.has(key) && (appliedDigest === null || adopted.has(key)),
  );
  await removeFromInventory(database, { deploymentId: deployment.id, keys: neverOwned.map(({ key }) => key) });
}

/** What could not be undone, for people. */
function leftOver(journal: Journal, keys: readonly string[]): readonly string[] {
  return keys
    .map((key) => journal.step(key))
    .filter((step) => step !== undefined)
    .filter(isUndone)
    .map(({ reference, message }) => `${describeObject(reference)} (${message ?? 'no reason is known'})`);
}

function isUndone({ state }: OperationStep): boolean {
  return state === 'failed' || state === 'blocked' || state === 'left';
}
