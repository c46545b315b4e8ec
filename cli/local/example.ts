import { deploymentSchema, inventoryItemSchema } from '../../domain/deployment.ts';
import type { Deployment } from '../../domain/deployment.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { describeObject } from '../../domain/kubernetes-object.ts';
import { deployOptionsSchema, operationSchema, undeployOptionsSchema } from '../../domain/operation.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { readDesignSource } from '../design-source.ts';
import { applyDesign, sayFindings } from '../design-store.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { RemoteInvocation } from '../invocation.ts';
import { checkOrphans } from '../orphan-check.ts';
import { count } from '../output/text.ts';
import { readPages } from '../read-pages.ts';
import { resolveDeployment } from '../resolve.ts';

type Call = RemoteInvocation<unknown>;
type Target = { readonly design: string; readonly connection: string };

/** Stores a file as a design and deploys it, shown live. */
export async function deployFile(
  call: Call,
  { file, connection }: { readonly file: string; readonly connection: string },
): Promise<{ readonly design: string; readonly code: ExitCode }> {
  const stored = await applyDesign(call.client, await readDesignSource(call.shell, file));
  sayFindings(call, stored.findings);
  const json = { design: stored.name, connection, options: deployOptionsSchema.parse({}), queue: true };
  const operation = await call.client.post({ schema: operationSchema, path: apiPath('deployments'), json });
  const code = await awaitOperation(waiting(call), operation, `${stored.name} → ${connection}`);
  return { design: stored.name, code };
}

/** Verifies that a design is live, takes it out, and proves that nothing is left. Throws `failed` where that is not so. */
export async function takeOutAndProve(call: Call, { design, connection }: Target): Promise<ExitCode> {
  const deployment = await resolveDeployment(call.client, design, connection);
  await verifyLive(call, deployment);
  const title = `${design} → ${connection}`;
  const undeploy = await call.client.post({
    schema: operationSchema,
    path: apiPath('deployments', deployment.id, 'undeploy'),
    json: { options: undeployOptionsSchema.parse({ purgeVolumes: true }) },
  });
  const undeployed = await awaitOperation(waiting(call), undeploy, title);
  if (undeployed !== exitCodes.ok) return undeployed;
  const checked = await checkOrphans(waiting(call), { deploymentId: deployment.id, title, clean: false });
  if (checked !== exitCodes.ok) return checked;
  await verifyGone(call, deployment);
  return exitCodes.ok;
}

async function verifyLive(call: Call, { id }: Deployment): Promise<void> {
  const deployment = await call.client.get({ schema: deploymentSchema, path: apiPath('deployments', id) });
  const objects = await readInventory(call, id);
  const notReady = objects
    .filter((object) => object.state !== 'ready')
    .map((object) => describeObject(object.reference));
  if (deployment.state !== 'live' || notReady.length > 0 || objects.length === 0) {
    throw new SlipwayError(
      'failed',
      `the deployment is ${deployment.state}; not ready: ${notReady.join(', ') || 'none'}`,
    );
  }
  call.say(`verified: live, ${count(objects.length, 'object')} ready`);
}

async function verifyGone(call: Call, { id }: Deployment): Promise<void> {
  const deployment = await call.client.get({ schema: deploymentSchema, path: apiPath('deployments', id) });
  const left = (await readInventory(call, id)).map((object) => describeObject(object.reference));
  if (deployment.state !== 'undeployed' || left.length > 0) {
    throw new SlipwayError('failed', `the deployment is ${deployment.state}; left: ${left.join(', ') || 'none'}`, {
      fix: `slipway deployment orphans ${id} --clean`,
    });
  }
  call.say('proved: nothing is left in the cluster');
}

async function readInventory(call: Call, id: string) {
  const path = apiPath('deployments', id, 'inventory');
  const { items } = await readPages(call.client, { item: inventoryItemSchema, path, flags: { limit: '100000' } });
  return items;
}

function waiting(call: Call): RemoteInvocation<{ readonly wait: true }> {
  return { ...call, flags: { wait: true } };
}
