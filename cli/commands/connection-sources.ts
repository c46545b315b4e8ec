import type { Command } from 'commander';
import { z } from 'zod';
import { connectionSchema } from '../../domain/connection.ts';
import type { SourceKind } from '../../domain/source-connection.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import type { CommandSpecification } from '../command.ts';
import { connectionNameOf } from '../connection-name.ts';
import { addCredentialFlags, addSshFlags, credentialFlagsSchema, readCredential } from '../credential-flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { connectionView } from '../views.ts';

const sourceSchema = z.object({ ...credentialFlagsSchema.shape, url: z.string(), name: z.string().optional() });

type Source = Pick<CommandSpecification, 'description' | 'examples'> & {
  readonly kind: SourceKind;
  readonly url: string;
};

const sources: readonly Source[] = [
  {
    kind: 'git',
    description: 'Register a Git repository, or the address that several of them begin with.',
    url: 'https://…, ssh://… or git@host:path',
    examples: [
      ['slipway connection add git --url https://github.com/acme/models', 'a public one'],
      ['slipway connection add git --url git@github.com:acme/models --ssh-key deploy_key', 'by a deploy key'],
      ['pass show git | slipway connection add git --url https://git.acme.dev/models --token-stdin', 'by a token'],
    ],
  },
  {
    kind: 'helm',
    description: 'Register a chart repository.',
    url: 'where its index.yaml is',
    examples: [
      ['slipway connection add helm --url https://charts.acme.dev', 'one that anybody may read'],
      [
        'pass show charts | slipway connection add helm --url https://charts.acme.dev --username ann --password-stdin',
        'a private one',
      ],
    ],
  },
  {
    kind: 'oci',
    description: 'Register an OCI registry.',
    url: 'its host, such as ghcr.io',
    examples: [
      ['slipway connection add oci --url ghcr.io', 'for what anybody may read'],
      ['pass show ghcr | slipway connection add oci --url ghcr.io --username ann --password-stdin', 'as a user'],
    ],
  },
];

/** `slipway connection add git|helm|oci`: where models come from. */
export function addSourceCommands(add: Command, runner: Runner): void {
  for (const { kind, description, url, examples } of sources) {
    addCommand(add, {
      name: kind,
      description,
      flags: [
        (command) =>
          command
            .requiredOption('--url <address>', url)
            .option('--name <name>', 'the name of the connection (default: taken from the address)'),
        addCredentialFlags,
        ...(kind === 'git' ? [addSshFlags] : []),
      ],
      examples,
      action: runner.remote(sourceSchema, (call) => addSource(call, kind)),
    });
  }
}

async function addSource(call: RemoteInvocation<z.infer<typeof sourceSchema>>, kind: SourceKind): Promise<void> {
  const { client, flags, printer, say, shell } = call;
  const { url, name = connectionNameOf(lastPartOf(url)) } = flags;
  const credential = await readCredential(shell, flags);
  const connection = await client.post({
    schema: connectionSchema,
    path: apiPath('connections'),
    json: { kind, name, url, credential },
  });
  if (!printer.isForPeople) return printer.item(connectionView, connection);
  printer.lines([`connection ${connection.name}  ${connection.server}`]);
  say(`try it: slipway connection test ${connection.name}`);
}

/** `models` of `https://github.com/acme/models.git`, and the host where there is no path. */
function lastPartOf(url: string): string {
  return (
    url
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .at(-1) ?? ''
  );
}
