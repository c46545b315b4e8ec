/**
 * Records a history of each way through the workflows, for replay.test.ts:
 *
 *   node test/workflows/record-histories.ts --temporal 127.0.0.1:7233 --kubeconfig FILE --registry 127.0.0.1:5000 \
 *     [--folder histories/NAME] [--only WAY]
 *
 * Histories are kept for ever: they stand for workflows that still run when a new version is rolled out. Record only what
 * is new, and change a workflow so that the old ones still replay: by `patched`, with a folder named after the patch.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Operation } from '../../domain/operation.ts';
import { changesDeployment } from '../../domain/operation-workflow.ts';
import {
  configMap,
  customResource,
  definition,
  manifests,
  namespace,
  uniqueName,
  unschedulable,
} from '../e2e/manifests.ts';
import { waitFor } from '../installation/api-client.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';

const { values } = parseArgs({
  options: {
    temporal: { type: 'string' },
    kubeconfig: { type: 'string' },
    registry: { type: 'string', default: '127.0.0.1:5000' },
    folder: { type: 'string', default: 'histories' },
    only: { type: 'string' },
  },
});
if (values.temporal === undefined || values.kubeconfig === undefined)
  throw new Error('name --temporal and --kubeconfig');
const temporal = await createTemporalNamespace(values.temporal);
const environment = { SLIPWAY_ALLOWED_SOURCES: '127.0.0.1' };
const slipway = await startInstallation({ temporal, cluster: { kubeconfig: values.kubeconfig }, environment });
const connection = await Connection.connect({ address: temporal.address });
const client = new Client({ connection, namespace: temporal.namespace });

async function record(name: string, operation: Operation): Promise<void> {
  const { id, kind, deploymentId } = operation;
  const workflowId = changesDeployment(kind) ? `deployment/${deploymentId}` : `operation/${id}`;
  const handle = client.workflow.getHandle(workflowId);
  await waitFor(
    () => handle.describe(),
    ({ status }) => status.name !== 'RUNNING',
  );
  await write(name, handle);
  process.stdout.write(`${name}: ${kind} ${operation.state}\n`);
}

async function write(name: string, handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  const history = historyToJSON(await handle.fetchHistory());
  writeFileSync(
    join(import.meta.dirname, values.folder, `${name}.json`),
    `${JSON.stringify(JSON.parse(history), undefined, 1)}\n`,
  );
}

const good = (name: string): string => manifests(namespace(name), configMap(name, 'settings'));
const endless = (name: string): string =>
  manifests(namespace(name), configMap(name, 'settings'), unschedulable(name, 'web'));
const start = async (source: (name: string) => string, options: object = {}): Promise<Operation> => {
  const name = uniqueName('history');
  await slipway.api.putDesign(name, source(name));
  return slipway.api.start('/v1/deployments', { design: name, connection: slipway.connection, options });
};
const deploy = async (source: (name: string) => string, options: object = {}): Promise<Operation> =>
  slipway.api.end(await start(source, options));
const untilApplied = async (operation: Operation): Promise<void> => {
  await slipway.api.steps(operation.id, (steps) =>
    steps.some(({ key, state }) => key.startsWith('apps/') && state === 'applied'),
  );
};
const undeploy = async ({ deploymentId }: Operation, options: object = {}): Promise<Operation> =>
  slipway.api.end(await slipway.api.start(`/v1/deployments/${deploymentId}/undeploy`, { options }));
/** Deploys a custom resource whose definition only a model of the registry brings. */
const deployWithMissing = async (): Promise<Operation> => {
  const name = uniqueName('missing');
  const group = `${name}.example.com`;
  const bytes = new TextEncoder().encode(manifests(definition(group, 'Widget')));
  const uploadId = await slipway.api.upload('widgets.yaml', bytes);
  await generate([{ kind: 'upload', uploadId, model: { name, version: 'v1.0.0' } }]);
  const source = (design: string): string =>
    manifests(namespace(design), customResource(`Widget.${group}`, design, 'one'));
  return deploy(source, { installMissing: true });
};

/** Writes the history of the newest closed workflow of a type. */
async function recordNewest(name: string, workflowType: string): Promise<void> {
  const query = `WorkflowType = '${workflowType}' and ExecutionStatus != 'Running'`;
  const found = await waitFor(
    () => Array.fromAsync(client.workflow.list({ query })),
    ({ length }) => length > 0,
  );
  const [newest] = found;
  if (newest === undefined) throw new Error(`no ${workflowType} has ended`);
  await write(name, client.workflow.getHandle(newest.workflowId, newest.runId));
}

const apps = { kind: 'cluster', connection: slipway.connection, groups: ['apps'] } as const;
const nowhere = { kind: 'url', url: 'http://169.254.169.254/nothing.yaml' } as const;
const generate = async (sources: readonly object[]): Promise<Operation> =>
  slipway.api.end(await slipway.api.start('/v1/model-generations', { sources }));

/** The run of a schedule, and of one that runs when kinds change; both end when the schedule is paused. */
async function recordSchedules(): Promise<void> {
  for (const [name, workflowType, timing] of [
    ['scheduled', 'startScheduled', { every: '1s' }],
    ['schedule-watch', 'watchSchedule', { onChange: true }],
  ] as const) {
    if (values.only !== undefined && values.only !== name) continue;
    const schedule = uniqueName('history');
    await slipway.api.post('/v1/schedules', { name: schedule, timing, options: { sources: [apps] } });
    await waitFor(
      () => slipway.api.get(`/v1/schedules/${schedule}`),
      (read) => JSON.stringify(read).includes('"succeeded"'),
    );
    await slipway.api.post(`/v1/schedules/${schedule}/pause`);
    await recordNewest(name, workflowType);
  }
}

function ways(): Record<string, (on: Installation) => Promise<Operation>> {
  return {
    deploy: () => deploy(good),
    'deploy-failed-rolled-back': () => deploy(endless, { timeoutSeconds: 3 }),
    'deploy-failed-kept': () => deploy(endless, { timeoutSeconds: 3, onFailure: 'keep' }),
    'deploy-failed-removed': () => deploy(endless, { timeoutSeconds: 3, onFailure: 'remove' }),
    'deploy-cancelled': async () => {
      const operation = await start(endless);
      await untilApplied(operation);
      await slipway.api.post(`/v1/operations/${operation.id}/cancel`);
      return slipway.api.end(operation);
    },
    'deploy-paused': async () => {
      const operation = await start(endless, { timeoutSeconds: 20 });
      await untilApplied(operation);
      await slipway.api.post(`/v1/operations/${operation.id}/pause`);
      await waitFor(
        () => slipway.api.operation(operation.id),
        ({ state }) => state === 'paused',
      );
      await slipway.api.post(`/v1/operations/${operation.id}/resume`);
      return slipway.api.end(operation);
    },
    undeploy: async () => undeploy(await deploy(good)),
    'deploy-install-missing': deployWithMissing,
    'undeploy-remove-prerequisites': async () => undeploy(await deployWithMissing(), { removePrerequisites: true }),
    plan: async () => {
      const name = uniqueName('history');
      await slipway.api.putDesign(name, good(name));
      return slipway.api.end(
        await slipway.api.start('/v1/plans', { kind: 'deploy', design: name, connection: slipway.connection }),
      );
    },
    'plan-applied': async () => {
      const name = uniqueName('history');
      await slipway.api.putDesign(name, good(name));
      const target = { kind: 'deploy', design: name, connection: slipway.connection };
      const { planId } = await slipway.api.end(await slipway.api.start('/v1/plans', target));
      await slipway.api.post(`/v1/plans/${planId}/approve`);
      return slipway.api.end(await slipway.api.start(`/v1/plans/${planId}/apply`));
    },
    'orphan-check': async () => {
      const { deploymentId } = await deploy(good);
      return slipway.api.end(await slipway.api.start(`/v1/deployments/${deploymentId}/orphan-check`));
    },
    'generate-models': () => generate([apps, { ...apps, groups: ['batch'] }]),
    'generate-models-failed': () => generate([apps, nowhere]),
    'generate-models-cancelled': async () => {
      // Nothing listens there, so it is tried for a while.
      const source = { kind: 'url', url: 'http://127.0.0.1:9/nothing.yaml' };
      const operation = await slipway.api.start('/v1/model-generations', { sources: [source] });
      await slipway.api.steps(operation.id, (steps) => steps.some(({ state }) => state === 'running'));
      await slipway.api.post(`/v1/operations/${operation.id}/cancel`);
      return slipway.api.end(operation);
    },
    'push-model': async () => {
      await generate([apps]);
      const reference = `oci://${values.registry}/history/${uniqueName('kubernetes')}`;
      return slipway.api.end(await slipway.api.start('/v1/models/kubernetes/push', { reference }));
    },
    'connection-test-registry': async () => {
      const name = uniqueName('registry');
      await slipway.api.post('/v1/connections', { kind: 'oci', name, url: values.registry });
      return slipway.api.end(await slipway.api.start(`/v1/connections/${name}/test`));
    },
    'connection-test': async () =>
      slipway.api.end(await slipway.api.start(`/v1/connections/${slipway.connection}/test`)),
  };
}

try {
  for (const [name, run] of Object.entries(ways())) {
    if (values.only === undefined || values.only === name) await record(name, await run(slipway));
  }
  await recordSchedules();
} finally {
  await connection.close();
  await slipway.stop();
}
