import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import type { SourceCredential } from '../domain/source-connection.ts';
import { readAll } from './shell.ts';
import type { Shell } from './shell.ts';

/** Flags that say how to get in at a repository or registry. Secrets come from stdin or files, never from a command line. */
export const credentialFlagsSchema = z.object({
  username: z.string().optional(),
  passwordStdin: z.boolean().default(false),
  tokenStdin: z.boolean().default(false),
  sshKey: z.string().optional(),
  knownHosts: z.string().optional(),
  ca: z.string().optional(),
});

export type CredentialFlags = z.infer<typeof credentialFlagsSchema>;

export function addCredentialFlags(command: Command): Command {
  return command
    .option('--username <name>', 'with --password-stdin: who asks')
    .option('--password-stdin', 'the password, from stdin')
    .option('--token-stdin', 'an access token, from stdin')
    .option('--ca <file>', 'certificate of the authority that signed the server, in PEM form');
}

/** Only git is reached by SSH. */
export function addSshFlags(command: Command): Command {
  return command
    .option('--ssh-key <file>', 'a private key without a passphrase, for ssh:// and git@host:path')
    .option('--known-hosts <file>', 'with --ssh-key: the keys of the server, as in ~/.ssh/known_hosts');
}

/** Whether any of the flags is given. */
export function namesCredential(flags: CredentialFlags): boolean {
  return Object.values(flags).some((value) => value !== undefined && value !== false);
}

/** The credential that the flags name, with what stdin and files hold. Throws `invalid` for flags that do not go together. */
export async function readCredential(shell: Shell, flags: CredentialFlags): Promise<SourceCredential> {
  refuseContradictions(flags);
  const authority = flags.ca === undefined ? {} : { caCertificate: await readText(flags.ca, '--ca') };
  if (flags.username !== undefined) {
    return { ...authority, username: flags.username, password: await readSecret(shell, 'password') };
  }
  if (flags.tokenStdin) return { ...authority, token: await readSecret(shell, 'token') };
  if (flags.sshKey === undefined) return authority;
  const { knownHosts } = flags;
  return {
    ...authority,
    sshPrivateKey: await readText(flags.sshKey, '--ssh-key'),
    ...(knownHosts === undefined ? {} : { knownHosts: await readText(knownHosts, '--known-hosts') }),
  };
}

function refuseContradictions({ username, passwordStdin, tokenStdin, sshKey, knownHosts }: CredentialFlags): void {
  if ((username !== undefined) !== passwordStdin) throw contradiction('--username and --password-stdin go together');
  if (Number(passwordStdin) + Number(tokenStdin) + Number(sshKey !== undefined) > 1) {
    throw contradiction('a password, a token and an SSH key exclude each other');
  }
  if (knownHosts !== undefined && sshKey === undefined) throw contradiction('--known-hosts goes with --ssh-key');
}

function contradiction(message: string): SlipwayError {
  return new SlipwayError('invalid', message, { fix: 'see --help of the command' });
}

/** The line break that programs and people put behind a secret is none of it. */
async function readSecret(shell: Shell, what: string): Promise<string> {
  const secret = (await readAll(shell.stdin)).toString('utf8').replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new SlipwayError('invalid', `there is no ${what} on stdin`, { fix: `printf %s "$SECRET" | slipway …` });
}

async function readText(file: string, flag: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${file}`, { cause, fix: `${flag} FILE` });
  });
}
