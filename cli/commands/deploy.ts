import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { operationSchema } from '../../domain/operation.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { chooseDesign, designNameOf, revisionOf } from '../design-store.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import {
  addConnectionFlag,
  addDeployFlags,
  addDesignFlags,
  addQueueFlag,
  addTimeoutFlag,
  addUndeployFlags,
  addWaitFlags,
  connectionFlagSchema,
  deployFlagsSchema,
  deployOptionsOf,
  designFlagsSchema,
  queueFlagSchema,
  undeployFlagsSchema,
  undeployOptionsOf,
  waitFlagsSchema,
} from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { makePlan, printDiff, printPlan, showPlanOf } from '../plan-request.ts';
import { resolveConnection, resolveDeployment } from '../resolve.ts';

const targetShape = { ...designFlagsSchema.shape, ...connectionFlagSchema.shape, ...waitFlagsSchema.shape };

const deployCommandSchema = z.object({
  ...targetShape,
  ...queueFlagSchema.shape,
  ...undeployFlagsSchema.shape,
  ...deployFlagsSchema.shape,
  undeploy: z.boolean().default(false),
  ignoreNotFound: z.boolean().default(false),
});
const undeployCommandSchema = deployCommandSchema.omit({ undeploy: true });
const planCommandSchema = z.object({
  ...targetShape,
  ...undeployFlagsSchema.shape,
  ...deployFlagsSchema.shape,
  undeploy: z.boolean().default(false),
  save: z.boolean().default(false),
});
const rollbackCommandSchema = z.object({
  ...connectionFlagSchema.shape,
  ...waitFlagsSchema.shape,
  ...queueFlagSchema.shape,
  ...deployFlagsSchema.shape,
  toRevision: z.string().optional(),
});

type UndeployCall = RemoteInvocation<z.infer<typeof undeployCommandSchema>>;
type PlanCall = RemoteInvocation<z.infer<typeof planCommandSchema>>;

const designArgument = { '[design]': 'name or id of a stored design; or give -f' };
const targetFlags = [addDesignFlags, addConnectionFlag];

/** `deploy`, `undeploy`, `diff` and `plan`, below `design` and at the top; gives the last, to which more is added. */
export function addDeployCommands(parent: Command, runner: Runner): { readonly plan: Command } {
  addDeploy(parent, runner);
  addUndeploy(parent, runner);
  addDiff(parent, runner);
  return { plan: addPlan(parent, runner) };
}

/** `slipway design rollback`. */
export function addRollbackCommand(parent: Command, runner: Runner): void {
  addCommand(parent, {
    name: 'rollback',
    description: 'Bring back an earlier revision of what is deployed.',
    arguments: { '<design>': 'name or id of the design, or id of the deployment' },
    flags: [
      (command) => command.option('--to-revision <n>', 'the revision to bring back (default: the one before)'),
      addConnectionFlag,
      addQueueFlag,
      addWaitFlags,
      addDeployFlags,
      addTimeoutFlag,
    ],
    examples: [
      ['slipway design rollback shop', 'to the revision before'],
      ['slipway design rollback shop --to-revision 3 -c prod', 'to a certain one'],
    ],
    action: runner.remote(rollbackCommandSchema, rollback),
  });
}

function addDeploy(parent: Command, runner: Runner): void {
  addCommand(parent, {
    name: 'deploy',
    description: 'Deploy a design and watch it go live. Ctrl-C detaches; the deploy goes on.',
    arguments: designArgument,
    flags: [
      ...targetFlags,
      (command) =>
        command
          .option('--dry-run', 'show the plan, change nothing')
          .option('--undeploy', 'take it out instead: the same as slipway undeploy'),
      addQueueFlag,
      addWaitFlags,
      addDeployFlags,
      addTimeoutFlag,
      hidden(addUndeployFlags),
    ],
    examples: [
      ['slipway deploy -f shop.yaml', 'store the file as a design and deploy it'],
      ['slipway deploy shop -c prod --on-failure keep', 'leave what went live when something fails'],
      ['kustomize build . | slipway deploy -f - --name shop', 'whatever writes manifests'],
      ['slipway deploy shop --no-wait', 'print the id of the operation and go'],
      ['slipway deploy shop -o jsonl', 'every step as JSON, for programs'],
    ],
    action: runner.remote(deployCommandSchema, async (call) => {
      if (call.flags.undeploy) return undeploy(call);
      return call.flags.dryRun ? showPlan({ ...call, flags: { ...call.flags, save: false } }) : deploy(call);
    }),
  });
}

function addUndeploy(parent: Command, runner: Runner): void {
  addCommand(parent, {
    name: 'undeploy',
    description: 'Take a design out of a cluster, in order, and prove that nothing is left. The design stays stored.',
    arguments: designArgument,
    flags: [
      ...targetFlags,
      (command) =>
        command
          .option('--dry-run', 'show what goes in which order, change nothing')
          .option('--ignore-not-found', 'nothing deployed is fine (exit 0)'),
      addQueueFlag,
      addWaitFlags,
      addUndeployFlags,
      addTimeoutFlag,
    ],
    examples: [
      ['slipway undeploy shop', 'persistent volumes and CRDs in use stay'],
      ['slipway undeploy shop -c prod --dry-run', 'the order, and nothing else'],
      ['slipway undeploy shop --purge-volumes --remove-crds always', 'everything that it brought'],
    ],
    action: runner.remote(undeployCommandSchema, undeploy),
  });
}

function addPlan(parent: Command, runner: Runner): Command {
  return addCommand(parent, {
    name: 'plan',
    description: 'Show what a deploy would do, stage by stage with every field that changes; nothing is written.',
    arguments: designArgument,
    flags: [
      ...targetFlags,
      (command) =>
        command
          .option('--undeploy', 'plan the undeploy instead')
          .option('--save', 'print the id of the plan, to approve and apply exactly this one later'),
      addWaitFlags,
      addDeployFlags,
      addTimeoutFlag,
      hidden(addUndeployFlags),
    ],
    examples: [
      ['slipway plan -f shop.yaml', 'before → after of every field'],
      ['slipway plan shop -c prod --save', 'then: slipway plan approve ID; slipway plan apply ID'],
      ['slipway plan shop --undeploy', 'what would go, in which order'],
    ],
    action: runner.remote(planCommandSchema, showPlan),
  });
}

function addDiff(parent: Command, runner: Runner): void {
  addCommand(parent, {
    name: 'diff',
    description: 'Show the fields that a deploy would change. Exit 0: none, 1: some, 2 and up: an error.',
    arguments: designArgument,
    flags: [...targetFlags, addWaitFlags, addDeployFlags, addTimeoutFlag],
    examples: [
      ['slipway diff -f shop.yaml -c prod', 'against what is live'],
      ['slipway diff shop -q > /dev/null || echo drifted', 'in a script'],
    ],
    action: runner.remote(planCommandSchema, diff, { failed: exitCodes.usage }),
  });
}

async function deploy(call: RemoteInvocation<z.infer<typeof deployCommandSchema>>): Promise<ExitCode> {
  const { client, flags } = call;
  const options = deployOptionsOf(flags);
  const connection = await resolveConnection(client, flags.connection);
  const chosen = await chooseDesign(call);
  const operation = await client.post({
    schema: operationSchema,
    path: apiPath('deployments'),
    json: { ...chosen, connection, options, queue: flags.queue },
  });
  return awaitOperation(call, operation, `${chosen.design} → ${connection}`);
}

async function undeploy(call: UndeployCall): Promise<ExitCode> {
  const { client, flags } = call;
  const options = undeployOptionsOf(flags);
  const deployment = await findDeployed(call);
  if (deployment === undefined) return exitCodes.ok;
  const operation = await client.post({
    schema: operationSchema,
    path: apiPath('deployments', deployment.id, 'undeploy'),
    json: { options, dryRun: flags.dryRun, queue: flags.queue },
  });
  const title = `${deployment.designName} → ${deployment.connectionName}`;
  if (!flags.dryRun) return awaitOperation(call, operation, title);
  return showPlanOf(call, { operation, title }, (plan) => printPlan(call, plan));
}

async function findDeployed(call: UndeployCall): Promise<Awaited<ReturnType<typeof resolveDeployment>> | undefined> {
  const name = await designNameOf(call);
  try {
    return await resolveDeployment(call.client, name, call.flags.connection);
  } catch (error) {
    if (!call.flags.ignoreNotFound || !(error instanceof SlipwayError) || error.code !== 'notFound') throw error;
    call.say(`${name} is not deployed: nothing to do`);
    return undefined;
  }
}

async function showPlan(call: PlanCall): Promise<ExitCode> {
  const request = await makePlan(call);
  return showPlanOf(call, request, (plan) => printPlan(call, plan, call.flags.save));
}

async function diff(call: PlanCall): Promise<ExitCode> {
  const request = await makePlan(call);
  return showPlanOf(call, request, (plan) => printDiff(call, plan));
}

async function rollback(call: RemoteInvocation<z.infer<typeof rollbackCommandSchema>>): Promise<ExitCode> {
  const { client, flags, args } = call;
  const deployment = await resolveDeployment(client, args[0] ?? '', flags.connection);
  const toRevision = flags.toRevision === undefined ? undefined : revisionOf(flags.toRevision);
  const operation = await client.post({
    schema: operationSchema,
    path: apiPath('deployments', deployment.id, 'rollback'),
    json: { toRevision, options: deployOptionsOf(flags), queue: flags.queue },
  });
  return awaitOperation(call, operation, `${deployment.designName} → ${deployment.connectionName}`);
}

/** Flags that only count together with --undeploy: they work, and do not lengthen the help. */
function hidden(add: (command: Command) => Command): (command: Command) => Command {
  return (command) => {
    const known = new Set(command.options);
    add(command);
    for (const option of command.options) if (!known.has(option)) option.hideHelp();
    return command;
  };
}
