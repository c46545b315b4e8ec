import type { Command } from 'commander';
import { z } from 'zod';
import { connectionSchema } from '../../domain/connection.ts';
import type { Connection } from '../../domain/connection.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import {
  addCredentialFlags,
  addSshFlags,
  credentialFlagsSchema,
  namesCredential,
  readCredential,
} from '../credential-flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { kubeconfigFlagsSchema, readKubeconfigFlags } from '../kubeconfig-flags.ts';
import { connectionView } from '../views.ts';

const flagsSchema = z.object({
  ...credentialFlagsSchema.shape,
  ...kubeconfigFlagsSchema.partial().shape,
  acceptNewServer: z.boolean().default(false),
});

type SetCall = RemoteInvocation<z.infer<typeof flagsSchema>>;

/** `slipway connection credential …`: what gets in at a connection. */
export function addConnectionCredentialCommands(connection: Command, runner: Runner): void {
  const credential = addGroup(connection, {
    name: 'credential',
    description: 'Change how Slipway gets in at a connection.',
    examples: [
      ['slipway connection credential set prod --kubeconfig prod.yaml', 'what starts from now on uses the new one'],
    ],
  });
  addCommand(credential, {
    name: 'set',
    description: 'Replace the credential of a connection; what starts from now on uses the new one.',
    arguments: { '<connection>': 'name or id' },
    flags: [addKubeconfigFlags, addCredentialFlags, addSshFlags],
    examples: [
      ['slipway connection credential set prod --kubeconfig prod.yaml', 'a new token or certificate for a cluster'],
      ['pass show git | slipway connection credential set models --token-stdin', 'a new token for a repository'],
    ],
    action: runner.remote(flagsSchema, setCredential),
  }).alias('rotate');
}

function addKubeconfigFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'for a cluster: the kubeconfig, or - for stdin')
    .option('--kube-context <name>', 'the context in it (default: its current one)')
    .option('--accept-new-server', 'it may name another address: it is the same cluster');
}

async function setCredential(call: SetCall): Promise<void> {
  const { client, printer, args } = call;
  const path = apiPath('connections', args[0] ?? '');
  const connection = await client.get({ schema: connectionSchema, path });
  const json = connection.kind === 'kubernetes' ? await kubeconfigBody(call) : await sourceBody(call, connection);
  const changed = await client.put({ schema: connectionSchema, path: `${path}/credential`, json });
  if (!printer.isForPeople) return printer.item(connectionView, changed);
  call.say(`connection ${changed.name} has a new credential`);
  call.say(`try it: slipway connection test ${changed.name}`);
}

async function kubeconfigBody({ shell, flags }: SetCall) {
  const { kubeconfig, kubeContext, acceptNewServer } = flags;
  if (kubeconfig === undefined || namesCredential(credentialFlagsSchema.parse(flags))) {
    throw new SlipwayError('invalid', 'a cluster is reached by a kubeconfig', { fix: '--kubeconfig FILE' });
  }
  const flat = await readKubeconfigFlags(shell, { kubeconfig, kubeContext });
  return { kubeconfig: flat.text, context: flat.context, acceptNewServer };
}

async function sourceBody({ shell, flags }: SetCall, { name, kind }: Connection) {
  if (flags.kubeconfig === undefined) return { kind, credential: await readCredential(shell, flags) };
  throw new SlipwayError('invalid', `connection ${name} is a ${kind} connection, which has no kubeconfig`, {
    fix: '--token-stdin, or see --help of the command',
  });
}
