import { definitionType } from '../../../domain/custom-resource-definition.ts';
import type { Component, Design } from '../../../domain/design.ts';
import { SlipwayError } from '../../../domain/errors.ts';
import { type JsonObject, jsonObjectSchema } from '../../../domain/json.ts';
import { objectKey } from '../../../domain/kubernetes-object.ts';
import { deployOptionsSchema, undeployOptionsSchema } from '../../../domain/operation.ts';
import { workflowTypeOf } from '../../../domain/operation-workflow.ts';
import type { ComponentKind } from '../../../domain/registry/component-definition.ts';
import { installationDesign } from '../../../domain/registry/installation-design.ts';
import { acceptOperation } from '../../../infra/database/accept-operation.ts';
import { ensureDeployment, requireDeployment } from '../../../infra/database/deployments.ts';
import { findDesign } from '../../../infra/database/designs.ts';
import { findOperation, operationChain, type StoredOperation } from '../../../infra/database/operations.ts';
import {
  linkPrerequisites,
  listPrerequisites,
  listUnsharedPrerequisites,
  prerequisitesOwning,
} from '../../../infra/database/prerequisites.ts';
import { modelsBringing } from '../../../infra/database/registry/components.ts';
import { readInstallations } from '../../../infra/database/registry/members.ts';
import type { PrerequisiteSummary } from '../adapter.ts';
import { saveInstallationDesign } from './installation-design.ts';
import { enterPhase, type OperationContext } from './operation-context.ts';
import { resolveDesign } from './resolve-design.ts';

/** How many installations may follow one from another: ids of operations stay short, and models that need each other end. */
const maximumDepth = 3;

/** Accepts what has to come before a deploy, or what may go after an undeploy. Repeated, it gives the same operations. */
export async function acceptPrerequisites(context: OperationContext): Promise<PrerequisiteSummary> {
  await enterPhase(context, 'prerequisites');
  const deploymentIds =
    context.operation.kind === 'undeploy'
      ? await listUnsharedPrerequisites(context.database, context.deployment.id)
      : await prepareInstallations(context);
  const accepted: StoredOperation[] = [];
  for (const deploymentId of deploymentIds) accepted.push(await acceptFor(context, deploymentId));
  return {
    operations: accepted.map(({ id, workflowId, kind }) => ({
      operationId: id,
      workflowId,
      workflowType: workflowTypeOf(kind),
    })),
  };
}

/** The deployments of the models that bring what the target lacks, with those that an earlier try has begun. */
async function prepareInstallations(context: OperationContext): Promise<readonly string[]> {
  const { database, operation, deployment } = context;
  const { components, unserved } = await resolveDesign(context, deployOptionsSchema.parse(context.options));
  const designs = new Map<string, Design>();
  for (const { object } of unserved) {
    const design = await designBringing(context, object);
    if (design !== undefined) designs.set(design.name, design);
  }
  const installations: string[] = [];
  const chain = await operationChain(database, operation.id);
  for (const design of designs.values()) installations.push(await prepareInstallation(context, design, chain));
  const present = await installedFor(context, components);
  await linkPrerequisites(database, { deploymentId: deployment.id, prerequisiteIds: [...installations, ...present] });

  const linked = await listPrerequisites(database, deployment.id);
  const begun = await Promise.all(
    linked.map((id) => findOperation(database, prerequisiteOperationId(operation.id, id))),
  );
  return linked.filter((id, index) => begun[index] !== undefined || installations.includes(id));
}

/** The deployments that were made for others and bring kinds of this design too. */
async function installedFor(
  { database, client, deployment, signal }: OperationContext,
  components: readonly Component[],
): Promise<readonly string[]> {
  const { resources } = await client.discovery.all({ signal });
  const declared = new Set(components.map(({ object }) => `${object.apiVersion}/${object.kind}`));
  const keys = resources
    .filter(({ apiVersion, kind, group }) => group !== '' && declared.has(`${apiVersion}/${kind}`))
    .map(({ plural, group }) => objectKey({ ...definitionType, name: `${plural}.${group}` }));
  const owners = await prerequisitesOwning(database, { connectionId: deployment.connectionId, keys });
  return owners.filter((id) => id !== deployment.id);
}

/** What the best of the registry's models that bring the kind puts into a cluster, or undefined where none brings it. */
async function designBringing({ database }: OperationContext, kind: ComponentKind): Promise<Design | undefined> {
  const models = await modelsBringing(database, kind);
  for (const model of models.filter(({ installs }) => installs)) {
    const installations = await readInstallations(database, model.id);
    if (installations.length > 0) return installationDesign(model, installations);
  }
  return undefined;
}

/** The deployment of the model's design on the same connection, with the design at that content. */
async function prepareInstallation(
  context: OperationContext,
  design: Design,
  chain: readonly StoredOperation[],
): Promise<string> {
  const { database, operation, deployment } = context;
  const stored = await saveInstallationDesign(database, { design, actor: operation.actor });
  const { id } = await ensureDeployment(database, { designId: stored.id, connectionId: deployment.connectionId });
  if (chain.some(({ deploymentId }) => deploymentId === id)) throw needsItself(design.name);
  return id;
}

/** The operation on that deployment which goes before, or after, this one. Repeated, it is the same. */
async function acceptFor(context: OperationContext, deploymentId: string): Promise<StoredOperation> {
  const { database, operation } = context;
  const id = prerequisiteOperationId(operation.id, deploymentId);
  const begun = await findOperation(database, id);
  if (begun !== undefined) return begun;
  const { designId, connectionId } = await requireDeployment(database, deploymentId);
  const { id: acceptedFor, actor } = operation;
  const target = { id, acceptedFor, deploymentId, designId, connectionId, actor, queue: true };
  return acceptOperation(
    database,
    operation.kind === 'undeploy'
      ? { ...target, kind: 'undeploy', options: releaseOptions(context) }
      : {
          ...target,
          kind: 'deploy',
          revision: (await findDesign(database, designId))?.revision,
          options: await installationOptions(context),
        },
  );
}

function releaseOptions({ options }: OperationContext): JsonObject {
  const { timeoutSeconds } = undeployOptionsSchema.parse(options);
  return jsonObjectSchema.parse(undeployOptionsSchema.parse({ timeoutSeconds, removePrerequisites: true }));
}

async function installationOptions({ database, operation, options }: OperationContext): Promise<JsonObject> {
  const { timeoutSeconds, readiness } = deployOptionsSchema.parse(options);
  const installMissing = (await operationChain(database, operation.id)).length < maximumDepth;
  return jsonObjectSchema.parse(
    deployOptionsSchema.parse({ timeoutSeconds, readiness, installMissing, createNamespace: true }),
  );
}

/** Told by both, so that no second one is made. */
function prerequisiteOperationId(operationId: string, deploymentId: string): string {
  return `${operationId}-${deploymentId}`;
}

function needsItself(name: string): SlipwayError {
  return new SlipwayError('invalid', `${name} lacks a kind that only ${name} itself would bring`, {
    fix: 'Install what is missing by hand, or take the model out of use with `slipway model disable`.',
  });
}
