import { SlipwayError } from '../domain/errors.ts';
import { hasErrors } from '../domain/finding.ts';
import { operationSchema } from '../domain/operation.ts';
import type { Operation } from '../domain/operation.ts';
import { planSchema } from './api-schemas.ts';
import type { Plan } from './api-schemas.ts';
import { printTrouble, watchOperation } from './await-operation.ts';
import type { WaitFlags } from './await-operation.ts';
import { apiPath } from './client.ts';
import { chooseDesign, sayFindings } from './design-store.ts';
import type { DesignFlags } from './design-store.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { deployOptionsOf, undeployOptionsOf } from './flags.ts';
import type { DeployFlags, UndeployFlags } from './flags.ts';
import type { RemoteInvocation } from './invocation.ts';
import { isChange, renderDiff, renderPlan } from './plan-text.ts';
import { resolveConnection } from './resolve.ts';
import { planView } from './views.ts';

type PlanFlags = DesignFlags &
  DeployFlags &
  UndeployFlags & { readonly connection?: string | undefined; readonly undeploy: boolean };

export type PlanRequest = { readonly operation: Operation; readonly title: string };

/** Asks the server to plan; the answer is an operation whose result is the plan. */
export async function makePlan(call: RemoteInvocation<PlanFlags>): Promise<PlanRequest> {
  const { client, flags } = call;
  const kind = flags.undeploy ? 'undeploy' : 'deploy';
  const options = flags.undeploy ? undeployOptionsOf(flags) : deployOptionsOf(flags);
  const connection = await resolveConnection(client, flags.connection);
  const chosen = await chooseDesign(call);
  const operation = await client.post({
    schema: operationSchema,
    path: apiPath('plans'),
    json: { ...chosen, connection, kind, options },
  });
  return { operation, title: `${chosen.design} → ${connection}` };
}

/** Waits for a plan and prints it. */
export async function showPlanOf(
  call: RemoteInvocation<WaitFlags>,
  { operation, title }: PlanRequest,
  print: (plan: Plan) => Promise<ExitCode>,
): Promise<ExitCode> {
  const ended = await watchOperation({ ...call, printer: call.printer.as('table') }, operation, title);
  if (ended === undefined) return exitCodes.interrupted;
  if (ended.state !== 'succeeded') {
    await printTrouble(call, ended);
    return exitCodes.usage;
  }
  if (ended.planId === null) throw new SlipwayError('failed', `${ended.id} ended without a plan`);
  return print(await call.client.get({ schema: planSchema, path: apiPath('plans', ended.planId) }));
}

/** The whole plan on stdout; exit 2 for one that would be refused. */
export async function printPlan(call: RemoteInvocation<unknown>, plan: Plan, saved = false): Promise<ExitCode> {
  const { printer } = call;
  if (!printer.isForPeople) await printer.item(planView, plan);
  else printer.lines(renderPlan(plan, printer.paint));
  if (saved && printer.isForPeople) printer.lines([plan.id]);
  if (saved) call.say(`saved: slipway plan approve ${plan.id}  then  slipway plan apply ${plan.id}`);
  return hasErrors(plan.findings) ? exitCodes.usage : exitCodes.ok;
}

/** What differs on stdout; the exit code tells whether anything does, as that of kubectl diff. */
export async function printDiff(call: RemoteInvocation<unknown>, plan: Plan): Promise<ExitCode> {
  const { printer } = call;
  const changes = plan.changes.filter(isChange);
  if (hasErrors(plan.findings)) sayFindings(call, plan.findings);
  if (printer.isForPeople) printer.lines(renderDiff(plan, printer.paint));
  else await printer.data({ changes });
  if (hasErrors(plan.findings)) return exitCodes.usage;
  return changes.length === 0 ? exitCodes.ok : exitCodes.failed;
}
