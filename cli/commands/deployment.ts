import type { Command } from 'commander';
import { z } from 'zod';
import { deploymentSchema, deploymentStates, inventoryItemSchema } from '../../domain/deployment.ts';
import { operationSchema } from '../../domain/operation.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { ExitCode } from '../exit-codes.ts';
import {
  addConnectionFlag,
  addListFlags,
  addWaitFlags,
  connectionFlagSchema,
  listFlagsSchema,
  waitFlagsSchema,
} from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { checkOrphans } from '../orphan-check.ts';
import { printPages } from '../read-pages.ts';
import { resolveDeployment } from '../resolve.ts';
import { deploymentView, inventoryView, operationView } from '../views.ts';

const deploymentArgument = { '<deployment>': 'id of the deployment, or name of its design' };
const listedSchema = z.object({
  ...listFlagsSchema.shape,
  ...connectionFlagSchema.shape,
  design: z.string().optional(),
  state: z.enum(deploymentStates).optional(),
});
const pagedSchema = z.object({ ...listFlagsSchema.shape, ...connectionFlagSchema.shape });
const orphansSchema = z.object({
  ...connectionFlagSchema.shape,
  ...waitFlagsSchema.shape,
  clean: z.boolean().default(false),
});

/** `slipway deployment …`: what runs where. */
export function addDeploymentCommands(program: Command, runner: Runner): void {
  const deployment = addGroup(program, {
    name: 'deployment',
    description: 'Deployments: one design on one cluster, and what it owns there.',
    examples: [
      ['slipway deployment list', 'what runs where'],
      ['slipway deployment resources shop', 'the objects that it owns'],
      ['slipway deployment history shop', 'who did what, and how it ended'],
    ],
  });
  addReading(deployment, runner);
  addCommand(deployment, {
    name: 'orphans',
    description: 'Look for objects that are left in the cluster and no longer wanted (exit 1); --clean removes them.',
    arguments: deploymentArgument,
    flags: [(command) => command.option('--clean', 'remove what is found'), addConnectionFlag, addWaitFlags],
    examples: [
      ['slipway deployment orphans shop', 'report only'],
      ['slipway deployment orphans shop --clean --yes', 'and remove them'],
    ],
    action: runner.remote(orphansSchema, reportOrphans),
  });
  addCommand(deployment, {
    name: 'delete',
    description: 'Forget a deployment that is undeployed; what still runs is refused (exit 5).',
    arguments: deploymentArgument,
    flags: [addConnectionFlag],
    examples: [['slipway deployment delete shop -c staging', 'its history goes with it']],
    action: runner.remote(connectionFlagSchema, deleteDeployment),
  });
}

function addReading(deployment: Command, runner: Runner): void {
  addCommand(deployment, {
    name: 'list',
    description: 'List deployments.',
    flags: [
      (command) =>
        command
          .option('--design <design>', 'only of this design')
          .option('--state <state>', deploymentStates.join(', ')),
      addConnectionFlag,
      addListFlags,
    ],
    examples: [
      ['slipway deployment list', 'what runs where'],
      ['slipway deployment list --state degraded', 'what needs attention'],
    ],
    action: runner.remote(listedSchema, (call) => {
      const { design, connection, state } = call.flags;
      const query = { design, connection, state };
      return printPages(call, deploymentView, {
        item: deploymentSchema,
        path: apiPath('deployments'),
        query,
        flags: call.flags,
      });
    }),
  });
  addCommand(deployment, {
    name: 'get',
    description: 'Show a deployment.',
    arguments: deploymentArgument,
    flags: [addConnectionFlag],
    examples: [['slipway deployment get shop -o json', 'its state, revision and operation']],
    action: runner.remote(connectionFlagSchema, async (call) =>
      call.printer.item(deploymentView, await deploymentOf(call)),
    ),
  });
  addContents(deployment, runner);
}

function addContents(deployment: Command, runner: Runner): void {
  addCommand(deployment, {
    name: 'resources',
    description: 'List the objects that a deployment owns, with their state.',
    arguments: deploymentArgument,
    flags: [addConnectionFlag, addListFlags],
    examples: [['slipway deployment resources shop -o wide', 'with UID and API version']],
    action: runner.remote(pagedSchema, async (call) => {
      const { id } = await deploymentOf(call);
      const path = apiPath('deployments', id, 'inventory');
      return printPages(call, inventoryView, { item: inventoryItemSchema, path, flags: call.flags });
    }),
  });
  addCommand(deployment, {
    name: 'history',
    description: 'List the operations of a deployment, newest first.',
    arguments: deploymentArgument,
    flags: [addConnectionFlag, addListFlags],
    examples: [['slipway deployment history shop', 'who did what, and how it ended']],
    action: runner.remote(pagedSchema, async (call) => {
      const { id } = await deploymentOf(call);
      const path = apiPath('deployments', id, 'operations');
      return printPages(call, operationView, { item: operationSchema, path, flags: call.flags });
    }),
  });
}

type DeploymentCall = RemoteInvocation<{ readonly connection?: string | undefined }>;

function deploymentOf({ client, args, flags }: DeploymentCall): ReturnType<typeof resolveDeployment> {
  return resolveDeployment(client, args[0] ?? '', flags.connection);
}

async function reportOrphans(call: RemoteInvocation<z.infer<typeof orphansSchema>>): Promise<ExitCode> {
  const { id, designName, connectionName } = await deploymentOf(call);
  const { clean } = call.flags;
  if (clean) await confirm(call, `Remove what is left of ${designName} on ${connectionName}`);
  return checkOrphans(call, { deploymentId: id, title: `${designName} → ${connectionName}`, clean });
}

async function deleteDeployment(call: DeploymentCall): Promise<void> {
  const { id, designName, connectionName } = await deploymentOf(call);
  await confirm(call, `Forget the deployment of ${designName} on ${connectionName}`);
  await call.client.delete({ schema: ignoredSchema, path: apiPath('deployments', id) });
  call.say(`the deployment of ${designName} on ${connectionName} is forgotten`);
}
