import { arrayAt } from '../domain/json.ts';
import { operationSchema } from '../domain/operation.ts';
import { awaitOperation } from './await-operation.ts';
import type { WaitFlags } from './await-operation.ts';
import { apiPath } from './client.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { RemoteInvocation } from './invocation.ts';
import { count, printable } from './output/text.ts';

export type OrphanCheck = { readonly deploymentId: string; readonly title: string; readonly clean: boolean };

/** Looks for what a deployment left behind and names it on stderr; exit 1 where something is left. */
export async function checkOrphans(
  call: RemoteInvocation<WaitFlags>,
  { deploymentId, title, clean }: OrphanCheck,
): Promise<ExitCode> {
  const path = apiPath('deployments', deploymentId, 'orphan-check');
  const operation = await call.client.post({ schema: operationSchema, path, json: { clean } });
  const code = await awaitOperation(call, operation, title);
  if (code !== exitCodes.ok || !call.flags.wait) return code;
  const ended = await call.client.get({ schema: operationSchema, path: apiPath('operations', operation.id) });
  const orphans = arrayAt(ended.result, 'orphans').map(String);
  if (orphans.length === 0) return exitCodes.ok;
  const lines = [`${count(orphans.length, 'object')} left:`, ...orphans.map((name) => `  ${printable(name)}`)];
  call.shell.stderr.write(`${lines.join('\n')}\n  fix:   slipway deployment orphans ${deploymentId} --clean\n`);
  return exitCodes.failed;
}
