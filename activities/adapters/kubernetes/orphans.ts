import { describeObject, type KubernetesObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import { orphanCheckOptionsSchema, undeployOptionsSchema } from '../../../domain/operation.ts';
import { deploymentLabel } from '../../../domain/ownership.ts';
import { planUndeploy } from '../../../domain/plan.ts';
import type { PlanChange } from '../../../domain/plan-changes.ts';
import { readInventory } from '../../../infra/database/inventory.ts';
import { insertSteps, listSteps, readStepsForResume } from '../../../infra/database/operation-steps.ts';
import { setResult } from '../../../infra/database/operations.ts';
import { isApiError } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import type { OrphanSummary } from '../adapter.ts';
import { openJournal } from './journal.ts';
import { readKept } from './kept-objects.ts';
import { enterPhase, type OperationContext } from './operation-context.ts';
import { stepsOf } from './plan-steps.ts';
import { preferredOnly } from './removal-guards.ts';
import { runRemove } from './remove-run.ts';
import { withJournal } from './run-activities.ts';
import { openStuckChoices } from './stuck-choices.ts';

const maximumReported = 500;

/**
 * Looks through all kinds of the cluster for objects with the deployment's mark that its inventory does not know: the proof
 * that nothing is left, or the list of what is. Removes them, in order, where the operation asks for that.
 */
export async function checkOrphans(context: OperationContext): Promise<OrphanSummary> {
  const { database, operation, deployment } = context;
  await enterPhase(context, 'orphanCheck');
  const marked = await findMarked(context);
  const owned = new Set((await Array.fromAsync(readInventory(database, deployment.id))).map(({ key }) => key));
  const orphans = marked.filter((object) => !owned.has(objectKey(referenceOf(object))));
  const clean = operation.kind === 'orphanCheck' && orphanCheckOptionsSchema.parse(context.options).clean;
  if (clean && orphans.length > 0) await removeOrphans(context, orphans);
  const names = orphans.map((object) => describeObject(referenceOf(object))).slice(0, maximumReported);
  await setResult(database, {
    id: operation.id,
    result: {
      orphans: clean ? [] : names,
      ...(clean ? { removed: names } : {}),
      kept: [...(await keptObjects(context))],
      checkedAt: new Date().toISOString(),
    },
  });
  return { orphans: clean ? [] : names };
}

async function findMarked({ client, deployment, signal }: OperationContext): Promise<readonly KubernetesObject[]> {
  const { resources } = await client.discovery.all({ signal });
  const listable = preferredOnly(resources.filter(({ verbs }) => verbs.includes('list')));
  const labelSelector = `${deploymentLabel}=${deployment.id}`;
  const lists = await Promise.all(
    listable.map((resource) => listOrNone(client, resource, { labelSelector, metadataOnly: true, signal })),
  );
  return lists.flat();
}

/** A kind that may not be listed, or whose server is away, hides nothing that Slipway could have made there. */
async function listOrNone(...[client, resource, options]: [ClusterClient, ...Parameters<ClusterClient['list']>]) {
  try {
    return (await client.list(resource, options)).objects;
  } catch (error) {
    if (isApiError(error) && [403, 404, 405, 503].includes(error.status)) return [];
    throw error;
  }
}

async function removeOrphans(context: OperationContext, orphans: readonly KubernetesObject[]): Promise<void> {
  const { database, operation, deployment, client, signal } = context;
  const graph = planUndeploy(orphans.map((object) => ({ component: 'orphan', object })));
  const changes = graph.nodes.map(({ key }): PlanChange => ({ key, action: 'delete', predicted: false, diff: [] }));
  const place = { operationId: operation.id, phase: 'orphanCheck' } as const;
  await insertSteps(database, { ...place, steps: stepsOf(graph, changes) });
  const steps = await readStepsForResume(database, place);
  const journal = openJournal({ ...place, database, steps });
  const uids = new Map(orphans.map((object) => [objectKey(referenceOf(object)), object.metadata.uid ?? '']));
  const policy = undeployOptionsSchema.parse({ purgeVolumes: true });
  await withJournal(journal, () =>
    runRemove({
      client,
      deploymentId: deployment.id,
      graph,
      steps,
      originals: new Map(),
      uids,
      journal,
      choices: openStuckChoices(context),
      policy,
      signal,
    }),
  );
}

/** What this undeploy left on purpose, and why; or, of a check by itself, what any operation before it left. */
async function keptObjects(context: OperationContext): Promise<readonly string[]> {
  const { database, operation } = context;
  if (operation.kind === 'orphanCheck') {
    const kept = await readKept(context);
    return kept.map(({ reference }) => `${describeObject(reference)}: kept by an earlier undeploy or prune`);
  }
  const { items } = await listSteps(database, {
    operationId: operation.id,
    phase: 'remove',
    states: ['kept'],
    limit: maximumReported,
  });
  return items.map(({ reference, message }) => `${describeObject(reference)}${message === null ? '' : `: ${message}`}`);
}
