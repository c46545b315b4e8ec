import type { Command } from 'commander';
import { operationSchema } from '../../domain/operation.ts';
import { ignoredSchema, planSchema } from '../api-schemas.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { addWaitFlags, noFlagsSchema, waitFlagsSchema } from '../flags.ts';
import type { Runner } from '../invocation.ts';
import { titleOf } from '../operation-title.ts';
import { printPlan } from '../plan-request.ts';

const planArgument = { '<plan>': 'id of the plan' };

/** `slipway plan …`: saved plans. Without a sub-command `slipway plan` makes one, see deploy.ts. */
export function addSavedPlanCommands(plan: Command, runner: Runner): void {
  addCommand(plan, {
    name: 'get',
    description: 'Show a saved plan.',
    arguments: planArgument,
    examples: [['slipway plan get plan_01h…', 'as it was shown when it was made']],
    action: runner.remote(noFlagsSchema, async (call) =>
      printPlan(call, await call.client.get({ schema: planSchema, path: apiPath('plans', call.args[0] ?? '') })),
    ),
  });
  addCommand(plan, {
    name: 'approve',
    description: 'Approve a saved plan, so that it may be applied.',
    arguments: planArgument,
    examples: [['slipway plan approve plan_01h…', 'by you, now']],
    action: runner.remote(noFlagsSchema, async ({ client, say, args: [id = ''] }) => {
      await client.post({ schema: ignoredSchema, path: apiPath('plans', id, 'approve') });
      say(`plan ${id} is approved: slipway plan apply ${id}`);
    }),
  });
  addCommand(plan, {
    name: 'apply',
    description: 'Do exactly what a saved plan says; refused when the cluster has changed since (exit 5).',
    arguments: planArgument,
    flags: [addWaitFlags],
    examples: [['slipway plan apply plan_01h…', 'and watch it']],
    action: runner.remote(waitFlagsSchema, async (call) => {
      const [id = ''] = call.args;
      const path = apiPath('plans', id, 'apply');
      const operation = await call.client.post({ schema: operationSchema, path });
      return awaitOperation(call, operation, await titleOf(call.client, operation));
    }),
  });
}
