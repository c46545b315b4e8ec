import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { connectionSchema } from '../../domain/connection.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { operationSchema } from '../../domain/operation.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { addListFlags, addWaitFlags, listFlagsSchema, noFlagsSchema, waitFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { printPages } from '../read-pages.ts';
import { readAll } from '../shell.ts';
import type { Shell } from '../shell.ts';
import { connectionView } from '../views.ts';

const addSchema = z.object({ kubeconfig: z.string(), kubeContext: z.string().optional(), name: z.string().optional() });
const connectionArgument = { '<connection>': 'name or id' };

/** `slipway connection …`: the clusters that designs go to. */
export function addConnectionCommands(program: Command, runner: Runner): void {
  const connection = program
    .command('connection')
    .alias('conn')
    .description('Connections: the clusters that designs go to.');
  addCommand(connection, {
    name: 'list',
    description: 'List connections.',
    flags: [addListFlags],
    examples: [['slipway connection list -o wide', 'with ids']],
    action: runner.remote(listFlagsSchema, (call) =>
      printPages(call, connectionView, { item: connectionSchema, path: apiPath('connections'), flags: call.flags }),
    ),
  });
  addAdding(connection, runner);
  addCommand(connection, {
    name: 'get',
    description: 'Show a connection. Its credential never leaves the server.',
    arguments: connectionArgument,
    examples: [['slipway connection get prod -o yaml', 'address, version and status']],
    action: runner.remote(noFlagsSchema, async ({ client, printer, args: [name = ''] }) =>
      printer.item(connectionView, await client.get({ schema: connectionSchema, path: apiPath('connections', name) })),
    ),
  });
  addCommand(connection, {
    name: 'test',
    description: 'Try a connection: is the cluster there, and may Slipway in?',
    arguments: connectionArgument,
    flags: [addWaitFlags],
    examples: [['slipway connection test prod', 'exit 1 when it does not work']],
    action: runner.remote(waitFlagsSchema, async (call) => {
      const [name = ''] = call.args;
      const path = apiPath('connections', name, 'test');
      return awaitOperation(call, await call.client.post({ schema: operationSchema, path }), name);
    }),
  });
  addCommand(connection, {
    name: 'delete',
    description: 'Forget a cluster and its credential; refused while something is deployed there (exit 5).',
    arguments: connectionArgument,
    examples: [['slipway connection delete staging --yes', 'without a question']],
    action: runner.remote(noFlagsSchema, deleteConnection),
  });
}

function addAdding(connection: Command, runner: Runner): void {
  const add = connection.command('add').description('Register a piece of infrastructure.');
  addCommand(add, {
    name: 'kubernetes',
    description:
      'Register a cluster by a kubeconfig. Only the context that is used is sent, with the files that it names.',
    flags: [
      (command) =>
        command
          .requiredOption(
            '--kubeconfig <file>',
            'the kubeconfig, or - for stdin; never taken from KUBECONFIG or ~/.kube',
          )
          .option('--kube-context <name>', 'the context in it (default: its current one)')
          .option('--name <name>', 'the name of the connection (default: that of the context)'),
    ],
    examples: [
      ['slipway connection add kubernetes --kubeconfig prod.yaml --name prod', 'the current context of the file'],
      ['kind get kubeconfig | slipway connection add kubernetes --kubeconfig - --name kind', 'from another program'],
    ],
    action: runner.remote(addSchema, addKubernetes),
  });
}

async function addKubernetes(call: RemoteInvocation<z.infer<typeof addSchema>>): Promise<void> {
  const { client, flags, printer, say } = call;
  const kubeconfig = await readKubeconfig(call.shell, flags.kubeconfig);
  const { flattenKubeconfig } = await import('../../infra/kubernetes/kubeconfig.ts');
  const flat = flattenKubeconfig(kubeconfig, {
    trusted: true,
    ...(flags.kubeContext === undefined ? {} : { context: flags.kubeContext }),
    ...(flags.kubeconfig === '-' ? {} : { directory: dirname(flags.kubeconfig) }),
  });
  const connection = await client.post({
    schema: connectionSchema,
    path: apiPath('connections'),
    json: { name: flags.name ?? connectionNameOf(flat.context), kubeconfig: flat.text, context: flat.context },
  });
  if (!printer.isForPeople) return printer.item(connectionView, connection);
  printer.lines([`connection ${connection.name}  ${connection.server}`]);
  say(`try it: slipway connection test ${connection.name}`);
}

/** A context's name as the name of a connection: `admin@prod_eu` becomes `admin-prod-eu`. */
export function connectionNameOf(context: string): string {
  const name = context
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, 63)
    .replace(/^[-.]+|[-.]+$/g, '');
  return name === '' ? 'cluster' : name;
}

async function readKubeconfig(shell: Shell, file: string): Promise<string> {
  if (file === '-') return (await readAll(shell.stdin)).toString('utf8');
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${file}`, { cause: error, fix: '--kubeconfig FILE' });
  });
}

async function deleteConnection(call: RemoteInvocation<unknown>): Promise<void> {
  const [name = ''] = call.args;
  await confirm(call, `Delete connection ${name} and its credential`);
  await call.client.delete({ schema: ignoredSchema, path: apiPath('connections', name) });
  call.say(`connection ${name} is deleted`);
}
