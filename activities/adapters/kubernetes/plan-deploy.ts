import { type ChangeDecision, decideChange, type OtherOwner } from '../../../domain/change-decision.ts';
import type { Component } from '../../../domain/design.ts';
import { SlipwayError } from '../../../domain/errors.ts';
import { type Finding, hasErrors } from '../../../domain/finding.ts';
import { groupOf, type KubernetesObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { DeployOptions, StepAction } from '../../../domain/operation.ts';
import type { ImpliedEdge } from '../../../domain/plan/design-index.ts';
import { planDeploy } from '../../../domain/plan.ts';
import type { PlanBody, PlanChange } from '../../../domain/plan-changes.ts';
import type { PlanGraph } from '../../../domain/plan-graph.ts';
import { type InventoryRow, otherOwners, readInventory } from '../../../infra/database/inventory.ts';
import { digestOf } from '../../../infra/digest.ts';
import { checkDeclarations } from '../../../infra/registry/check-declarations.ts';
import { checkAgainstDefinitions } from './checks/definition-schema.ts';
import { dryRun, type DryRunOutcome, representatives } from './checks/dry-run.ts';
import { checkPermissions } from './checks/permissions.ts';
import { checkMissingKinds } from './checks/missing-kinds.ts';
import { checkReferences } from './checks/references.ts';
import { dryRunInStandIn } from './checks/stand-in-dry-run.ts';
import { readLive } from './live-state.ts';
import type { OperationContext } from './operation-context.ts';
import { planRemoval } from './plan-removal.ts';
import { relateComponents } from './relationships.ts';
import { resolveDesign } from './resolve-design.ts';

export type DeployPlanOptions = {
  readonly options: DeployOptions;
  /** Ask the server about every object, for a preview, and not only about one of each shape. */
  readonly everyObject: boolean;
};

/** A plan, and the state that it was made from. */
export type DeployPlan = {
  readonly body: PlanBody;
  readonly live: ReadonlyMap<string, KubernetesObject>;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
};

/** How many objects the server is asked about before a deploy that was not previewed. */
const dryRunSample = 40;
/** How many objects are checked by the schemas of the registry. */
const schemaSample = 200;

export const emptyGraph: PlanGraph = { nodes: [], edges: [], stageCount: 0, notes: [] };

/** The plan of a deploy, with all that was found to be wrong with it. Nothing is written to the cluster. */
export async function planDeployment(
  context: OperationContext,
  { options, everyObject }: DeployPlanOptions,
): Promise<DeployPlan> {
  const { components, ...resolved } = await resolveDesign(context, options);
  const findings = [...resolved.findings, ...(await checkMissingKinds(context.database, resolved.unserved))];
  if (hasErrors(findings)) return refusedPlan(findings);
  const objects = new Map(components.map(({ object }) => [objectKey(referenceOf(object)), object]));
  const references = [...objects.values()].map(referenceOf);
  const inventory = await readInventoryMap(context);
  const [live, others] = await Promise.all([
    readLive(context.client, references, context.signal),
    readOtherOwners(context, [...objects.keys()]),
  ]);
  const decisions = decideAll({ context, options, objects, live, inventory, others });
  const related = await relateComponents(context, components);
  const graph = orderOf(components, related);
  const [checked, outcomes, removal] = await Promise.all([
    checkCluster(context, components),
    dryRunObjects({ context, options, everyObject, objects, live, decisions }),
    planPrune(context, { options, inventory, objects }),
  ]);
  const declared = await checkUnasked(context, components, { decisions, outcomes });
  const body = {
    graph: graph.graph,
    prune: removal.graph,
    changes: [...changesOf(decisions, outcomes), ...removal.changes],
    findings: [
      ...findings,
      ...graph.findings,
      ...related.findings,
      ...checked,
      ...declared,
      ...checkAgainstDefinitions([...objects.values()]),
      ...[...decisions.values()].flatMap(({ finding }) => finding ?? []),
      ...[...outcomes.values()].flatMap((outcome) => outcome.findings),
    ],
    objects: Object.fromEntries(objects),
    observed: observedOf(live),
  };
  return { body, live, inventory };
}

type Answers = {
  readonly decisions: ReadonlyMap<string, ChangeDecision>;
  readonly outcomes: ReadonlyMap<string, DryRunOutcome>;
};

/** The registry's schemas, for one of each shape of what changes and the server did not refuse itself: it knows its own kinds better. */
function checkUnasked(
  { database }: OperationContext,
  components: readonly Component[],
  { decisions, outcomes }: Answers,
): Promise<readonly Finding[]> {
  const unasked = components.filter(({ object }) => {
    const key = objectKey(referenceOf(object));
    return !isLeftAlone(decisions.get(key)?.action) && (outcomes.get(key)?.findings ?? []).length === 0;
  });
  const objects = unasked.map(({ object }) => object);
  const chosen = new Set(representatives(objects, schemaSample));
  return checkDeclarations(database, {
    components: unasked.filter(({ object }) => chosen.has(object)),
    severityOf: () => 'warning',
  });
}

function refusedPlan(findings: readonly Finding[]): DeployPlan {
  const body = {
    graph: emptyGraph,
    prune: emptyGraph,
    changes: [],
    findings: [...findings],
    objects: {},
    observed: {},
  };
  return { body, live: new Map(), inventory: new Map() };
}

async function readInventoryMap({
  database,
  deployment,
}: OperationContext): Promise<ReadonlyMap<string, InventoryRow>> {
  const rows = await Array.fromAsync(readInventory(database, deployment.id));
  return new Map(rows.map((row) => [row.key, row]));
}

async function readOtherOwners(
  { database, deployment }: OperationContext,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly OtherOwner[]>> {
  const owners = await otherOwners(database, {
    connectionId: deployment.connectionId,
    keys,
    exceptDeploymentId: deployment.id,
  });
  return Map.groupBy(owners, ({ key }) => key);
}

type DecisionInput = {
  readonly context: OperationContext;
  readonly options: DeployOptions;
  readonly objects: ReadonlyMap<string, KubernetesObject>;
  readonly live: ReadonlyMap<string, KubernetesObject>;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly others: ReadonlyMap<string, readonly OtherOwner[]>;
};

function decideAll(input: DecisionInput): ReadonlyMap<string, ChangeDecision> {
  const { context, options, objects, live, inventory, others } = input;
  return new Map(
    [...objects].map(([key, desired]) => [
      key,
      decideChange({
        deploymentId: context.deployment.id,
        desired,
        digest: digestOf(desired),
        live: live.get(key),
        inventory: inventory.get(key),
        otherOwners: others.get(key) ?? [],
        forceConflicts: options.forceConflicts,
      }),
    ]),
  );
}

function orderOf(
  components: readonly Component[],
  { implied }: { readonly implied: readonly ImpliedEdge[] },
): {
  readonly graph: PlanGraph;
  readonly findings: readonly Finding[];
} {
  try {
    const graph = planDeploy(components, { implied });
    return { graph, findings: graph.notes };
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.findings.length === 0) throw error;
    return { graph: emptyGraph, findings: error.findings };
  }
}

async function checkCluster(
  { client, signal }: OperationContext,
  components: readonly Component[],
): Promise<readonly Finding[]> {
  const references = components.map(({ object }) => referenceOf(object));
  const checks = await Promise.all([
    checkPermissions(client, references, signal),
    checkReferences(client, components, signal),
  ]);
  return checks.flat();
}

type DryRunInput = Omit<DecisionInput, 'inventory' | 'others'> & {
  readonly everyObject: boolean;
  readonly decisions: ReadonlyMap<string, ChangeDecision>;
};

/** Only objects whose kind is served can be asked about, in another namespace where theirs is not there; the others are predicted. */
async function dryRunObjects(input: DryRunInput): Promise<ReadonlyMap<string, DryRunOutcome>> {
  const { context, options, everyObject, objects, live, decisions } = input;
  const { client, signal } = context;
  const changed = [...objects].filter(([key]) => !isLeftAlone(decisions.get(key)?.action)).map(([, object]) => object);
  const { present = [], homeless = [] } = await askable(context, changed);
  const choose = (from: readonly KubernetesObject[]) => (everyObject ? from : representatives(from, dryRunSample));
  const outcomes = await Promise.all([
    dryRun({ client, objects: choose(present), live, policy: options, signal }),
    dryRunInStandIn({ client, objects: choose(homeless), signal }),
  ]);
  return new Map(outcomes.flat().map((outcome) => [outcome.key, outcome]));
}

function isLeftAlone(action: StepAction | undefined): boolean {
  return action === 'unchanged' || action === 'keep';
}

/** The objects whose kind is served, by whether their namespace is there. */
async function askable(
  { client, signal }: OperationContext,
  objects: readonly KubernetesObject[],
): Promise<Partial<Record<'present' | 'homeless', readonly KubernetesObject[]>>> {
  const { resources } = await client.discovery.all({ signal });
  const served = new Set(resources.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`));
  const names = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  const namespaces = await readLive(
    client,
    [...names].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', name })),
    signal,
  );
  const isThere = (namespace: string | undefined): boolean =>
    namespace === undefined || namespaces.has(`/Namespace//${namespace}`);
  return Object.groupBy(
    objects.filter(({ apiVersion, kind }) => served.has(`${apiVersion}/${kind}`)),
    ({ metadata }) => (isThere(metadata.namespace) ? 'present' : 'homeless'),
  );
}

async function planPrune(
  context: OperationContext,
  { options, inventory, objects }: Pick<DecisionInput, 'options' | 'inventory' | 'objects'>,
) {
  const dropped = options.prune ? [...inventory.values()].filter(({ key }) => !objects.has(key)) : [];
  return planRemoval(context, {
    rows: dropped,
    policy: { removeCrds: 'if-unused', purgeVolumes: false, timeoutSeconds: options.timeoutSeconds },
  });
}

function changesOf(
  decisions: ReadonlyMap<string, ChangeDecision>,
  outcomes: ReadonlyMap<string, DryRunOutcome>,
): readonly PlanChange[] {
  return [...decisions].map(([key, { action, message }]) => {
    const outcome = outcomes.get(key);
    return {
      key,
      action: outcome?.recreate === true ? 'recreate' : action,
      predicted: outcome?.predicted !== false && !isLeftAlone(action),
      diff: [...(outcome?.diff ?? [])],
      ...(message === undefined ? {} : { message }),
    };
  });
}

/** What the plan was made against: the generation where the kind counts one, as a status alone makes no plan stale. */
export function observedOf(live: ReadonlyMap<string, KubernetesObject>): Record<string, string> {
  return Object.fromEntries([...live].map(([key, object]) => [key, versionSeen(object)]));
}

function versionSeen({ apiVersion, metadata }: KubernetesObject): string {
  const { uid = '', generation, resourceVersion = '' } = metadata;
  const hasGeneration = generation !== undefined && groupOf(apiVersion) !== '';
  return hasGeneration ? `${uid}/g${generation}` : `${uid}/v${resourceVersion}`;
}
