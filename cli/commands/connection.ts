import type { Command } from 'commander';
import { z } from 'zod';
import { connectionKinds, connectionSchema } from '../../domain/connection.ts';
import { operationSchema } from '../../domain/operation.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { confirm } from '../confirm.ts';
import { connectionNameOf } from '../connection-name.ts';
import { addListFlags, addWaitFlags, listFlagsSchema, noFlagsSchema, waitFlagsSchema } from '../flags.ts';
import { describeEndedDeployments } from '../ended-deployments.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { kubeconfigFlagsSchema, readKubeconfigFlags } from '../kubeconfig-flags.ts';
import { printPages } from '../read-pages.ts';
import { connectionView } from '../views.ts';
import { addConnectionCredentialCommands } from './connection-credential.ts';
import { addSourceCommands } from './connection-sources.ts';

const addSchema = kubeconfigFlagsSchema.extend({ name: z.string().optional() });
const listSchema = listFlagsSchema.extend({ kind: z.enum(connectionKinds).optional() });
const connectionArgument = { '<connection>': 'name or id' };

/** `slipway connection …`: the clusters that designs go to, and where models come from. */
export function addConnectionCommands(program: Command, runner: Runner): void {
  const connection = addGroup(program, {
    name: 'connection',
    alias: 'conn',
    description: 'Connections: the clusters that designs go to, the repositories and registries that models come from.',
    examples: [
      ['slipway connection add kubernetes --kubeconfig prod.yaml --name prod', 'a cluster'],
      ['slipway connection add git --url https://github.com/acme/models', 'where models come from'],
      ['slipway connection test prod', 'is it there, and may Slipway in?'],
    ],
  });
  addList(connection, runner);
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
    description: 'Try a connection: is the cluster, repository or registry there, and may Slipway in?',
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
    description:
      'Forget a connection, its credential and the records of its undeployed deployments; refused while something is deployed there (exit 5).',
    arguments: connectionArgument,
    examples: [['slipway connection delete staging --yes', 'without a question']],
    action: runner.remote(noFlagsSchema, deleteConnection),
  });
  addConnectionCredentialCommands(connection, runner);
}

function addList(connection: Command, runner: Runner): void {
  addCommand(connection, {
    name: 'list',
    description: 'List connections.',
    flags: [(command) => command.option('--kind <kind>', connectionKinds.join(', ')), addListFlags],
    examples: [
      ['slipway connection list -o wide', 'with ids'],
      ['slipway connection list --kind kubernetes', 'only clusters'],
    ],
    action: runner.remote(listSchema, (call) =>
      printPages(call, connectionView, {
        item: connectionSchema,
        path: apiPath('connections'),
        query: { kind: call.flags.kind },
        flags: call.flags,
      }),
    ),
  });
}

function addAdding(connection: Command, runner: Runner): void {
  const add = addGroup(connection, {
    name: 'add',
    description: 'Register a cluster, a repository or a registry.',
    examples: [
      ['slipway connection add kubernetes --kubeconfig prod.yaml --name prod', 'a cluster'],
      ['slipway connection add git --url https://github.com/acme/models', 'a Git repository'],
      ['slipway connection add helm --url https://charts.acme.dev', 'a chart repository'],
      ['slipway connection add oci --url ghcr.io', 'a registry'],
    ],
  });
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
  addSourceCommands(add, runner);
}

async function addKubernetes(call: RemoteInvocation<z.infer<typeof addSchema>>): Promise<void> {
  const { client, flags, printer, say } = call;
  const flat = await readKubeconfigFlags(call.shell, flags);
  const connection = await client.post({
    schema: connectionSchema,
    path: apiPath('connections'),
    json: { name: flags.name ?? connectionNameOf(flat.context), kubeconfig: flat.text, context: flat.context },
  });
  if (!printer.isForPeople) return printer.item(connectionView, connection);
  printer.lines([`connection ${connection.name}  ${connection.server}`]);
  say(`try it: slipway connection test ${connection.name}`);
}

async function deleteConnection(call: RemoteInvocation<unknown>): Promise<void> {
  const [name = ''] = call.args;
  const records = await describeEndedDeployments(call.client, { connection: name });
  await confirm(call, `Delete connection ${name} and its credential${records}`);
  await call.client.delete({ schema: ignoredSchema, path: apiPath('connections', name) });
  call.say(`connection ${name} is deleted${records}`);
}
