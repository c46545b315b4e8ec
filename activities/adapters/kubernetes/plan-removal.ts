import { arrayAt, stringAt } from '../../../domain/json.ts';
import {
  type KubernetesObject,
  objectKey,
  type ObjectReference,
  referenceOf,
} from '../../../domain/kubernetes-object.ts';
import type { RemovalPolicy } from '../../../domain/operation.ts';
import { planUndeploy } from '../../../domain/plan.ts';
import type { PlanChange } from '../../../domain/plan-changes.ts';
import type { PlanGraph } from '../../../domain/plan-graph.ts';
import { decideRemoval, isTemplateClaim } from '../../../domain/removal-decision.ts';
import { type InventoryRow, otherOwners, readApplied } from '../../../infra/database/inventory.ts';
import { readLive } from './live-state.ts';
import type { OperationContext } from './operation-context.ts';
import { impliedOrder } from './relationships.ts';

export type RemovalRequest = { readonly rows: readonly InventoryRow[]; readonly policy: RemovalPolicy };

export type RemovalPlan = {
  readonly graph: PlanGraph;
  readonly changes: readonly PlanChange[];
  readonly live: ReadonlyMap<string, KubernetesObject>;
};

/** The order in which inventory goes, and what becomes of each object: deleted, kept or given back. */
export async function planRemoval(context: OperationContext, { rows, policy }: RemovalRequest): Promise<RemovalPlan> {
  const { client, deployment, signal } = context;
  const live = await readLive(
    client,
    rows.map(({ reference }) => reference),
    signal,
  );
  const gone = rows.filter(({ key }) => !live.has(key)).map(({ key }) => key);
  const applied = await readApplied(context.database, { deploymentId: deployment.id, keys: gone });
  const shared = await readShares(context, rows);
  const known = new Set(rows.map(({ key }) => key));
  const claims = (await templateClaims(context, [...live.values()])).filter(
    ({ object }) => !known.has(objectKey(referenceOf(object))),
  );
  const items = rows.map(({ key, component, reference }) => ({
    key,
    component,
    object: live.get(key) ?? applied.get(key) ?? nameOnly(reference),
  }));
  const implied = await impliedOrder(context.database, items);
  const graph = planUndeploy([...items, ...claims], { implied });
  const changes = rows.map((candidate) => {
    const decision = decideRemoval({
      deploymentId: deployment.id,
      candidate,
      live: live.get(candidate.key),
      policy,
      sharedWith: shared.get(candidate.key) ?? [],
    });
    return { key: candidate.key, predicted: false, diff: [], ...decision };
  });
  return { graph, changes: [...changes, ...claims.map(({ object }) => claimChange(object, policy))], live };
}

async function readShares(
  { database, deployment }: OperationContext,
  rows: readonly InventoryRow[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const owners = await otherOwners(database, {
    connectionId: deployment.connectionId,
    keys: rows.map(({ key }) => key),
    exceptDeploymentId: deployment.id,
  });
  const byKey = Map.groupBy(owners, ({ key }) => key);
  return new Map([...byKey].map(([key, sharers]) => [key, sharers.map(({ designName }) => designName)]));
}

/** An object that was never applied or is not live any more still has its place in the order. */
function nameOnly({ apiVersion, kind, name, namespace }: ObjectReference): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

type ClaimItem = { readonly component: string; readonly object: KubernetesObject };

/** Claims that the templates of StatefulSets made: no manifest names them, and they hold the data. */
async function templateClaims(
  { client, signal }: OperationContext,
  live: readonly KubernetesObject[],
): Promise<readonly ClaimItem[]> {
  const sets = live.filter(({ apiVersion, kind }) => apiVersion.startsWith('apps/') && kind === 'StatefulSet');
  const found = await Promise.all(sets.map((set) => claimsOf(set)));
  return found.flat();

  async function claimsOf(set: KubernetesObject): Promise<readonly ClaimItem[]> {
    const templates = arrayAt(set, 'spec', 'volumeClaimTemplates').map(
      (template) => stringAt(template, 'metadata', 'name') ?? '',
    );
    if (templates.length === 0) return [];
    const { objects } = await client.list(
      { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
      { namespace: set.metadata.namespace, signal },
    );
    return objects
      .filter((claim) => isTemplateClaim(claim, set, templates))
      .map((object) => ({ component: `${set.metadata.name}-claims`, object }));
  }
}

function claimChange(claim: KubernetesObject, { purgeVolumes }: RemovalPolicy): PlanChange {
  return {
    key: objectKey(referenceOf(claim)),
    action: purgeVolumes ? 'delete' : 'keep',
    predicted: false,
    diff: [],
    message: purgeVolumes
      ? 'a claim of a StatefulSet, with its data'
      : 'volumes keep their data unless --purge-volumes is given',
  };
}
