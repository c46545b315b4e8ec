import { isIP } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '../../../domain/errors.ts';
import type { SourceCredential } from '../../../domain/source-connection.ts';
import { portOf, type AddressGuard } from '../address-guard.ts';

/** What git needs to reach one repository and no other: settings as in its configuration files, and variables. */
export type GitAccess = {
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly variables: Readonly<Record<string, string>>;
};

export type AccessRequest = {
  readonly url: string;
  readonly credential: SourceCredential | undefined;
  /** Whether a host (with its port) may be spoken to without TLS. */
  readonly plainHttp: (host: string) => boolean;
  readonly guard: AddressGuard;
  /** A private folder for keys and certificates. */
  readonly folder: string;
};

/**
 * Checks the address and ties git to what was checked, so that a name that leads elsewhere a moment later changes nothing. No secret is in
 * an argument or a URL. Throws SlipwayError `forbidden` for an address that is not allowed, `invalid` for a credential that does not fit.
 */
export async function openAccess(request: AccessRequest): Promise<GitAccess> {
  const url = urlOf(request.url);
  request.guard.checkUrl(url, ['https:', 'http:', 'ssh:']);
  if (url.protocol === 'http:' && !request.plainHttp(url.host)) throw plain(url);
  const addresses = await request.guard.resolve({ host: url.hostname, port: portOf(url) });
  return url.protocol === 'ssh:' ? sshAccess(request, url, addresses) : webAccess(request, url, addresses);
}

type Addresses = Awaited<ReturnType<AddressGuard['resolve']>>;

/** `git@host:path` in the form of a URL, for its host. */
function urlOf(text: string): URL {
  const [, userAndHost] = text.includes('://') ? [] : (/^([^/]+?):/.exec(text) ?? []);
  return new URL(userAndHost === undefined ? text : `ssh://${userAndHost}/`);
}

async function webAccess({ credential, folder }: AccessRequest, url: URL, addresses: Addresses): Promise<GitAccess> {
  if (credential !== undefined && 'sshPrivateKey' in credential) throw wrongCredential('an SSH key does not open it');
  return {
    settings: [
      ...pinned(url, addresses),
      ...authorization(credential),
      ...(await trusted(credential?.caCertificate, join(folder, 'authority.pem'))),
    ],
    variables: { GIT_ALLOW_PROTOCOL: url.protocol.replace(':', '') },
  };
}

/** What stands for "connect to these addresses only" (CURLOPT_RESOLVE). An address in the URL itself was checked as it is. */
function pinned(url: URL, addresses: Addresses): GitAccess['settings'] {
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return [];
  const list = addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(',');
  return [['http.curloptResolve', `${url.hostname}:${portOf(url)}:${list}`]];
}

async function trusted(authority: string | undefined, file: string): Promise<GitAccess['settings']> {
  if (authority === undefined) return [];
  await writeFile(file, authority, { mode: 0o600 });
  return [['http.sslCAInfo', file]];
}

/** A token goes as the password of any user, as all large hosts take it. */
function authorization(credential: SourceCredential | undefined): GitAccess['settings'] {
  if (credential === undefined) return [];
  if ('password' in credential) return basic(credential.username, credential.password);
  return 'token' in credential ? basic('x-access-token', credential.token) : [];
}

function basic(username: string, password: string): GitAccess['settings'] {
  return [['http.extraHeader', `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]];
}

async function sshAccess({ credential, folder }: AccessRequest, url: URL, addresses: Addresses): Promise<GitAccess> {
  if (credential === undefined || !('sshPrivateKey' in credential)) throw wrongCredential('it is opened by an SSH key');
  const { sshPrivateKey, knownHosts } = credential;
  if (knownHosts === undefined) throw wrongCredential('without knownHosts, nobody knows whether it is the right host');
  const [key, hosts, config] = [join(folder, 'key'), join(folder, 'known_hosts'), join(folder, 'ssh_config')];
  // Both must end with a line break to be read.
  await writeFile(key, `${sshPrivateKey.trimEnd()}\n`, { mode: 0o600 });
  await writeFile(hosts, `${knownHosts.trimEnd()}\n`, { mode: 0o600 });
  await writeFile(config, sshConfiguration({ url, key, hosts, address: addresses[0]?.address ?? url.hostname }), {
    mode: 0o600,
  });
  return {
    settings: [],
    variables: {
      GIT_ALLOW_PROTOCOL: 'ssh',
      GIT_SSH_VARIANT: 'ssh',
      // Git hands this to a shell, which takes the path from the variable as one word, whatever is in it.
      GIT_SSH_COMMAND: 'ssh -F "$SLIPWAY_SSH_CONFIG"',
      SLIPWAY_SSH_CONFIG: config,
    },
  };
}

type SshFiles = { readonly url: URL; readonly key: string; readonly hosts: string; readonly address: string };

/** Connects to the address that was checked and expects the key of the name. */
function sshConfiguration({ url, key, hosts, address }: SshFiles): string {
  const port = portOf(url);
  const options = {
    HostName: address,
    HostKeyAlias: port === 22 ? url.hostname : `[${url.hostname.replace(/^\[|\]$/g, '')}]:${port}`,
    IdentityFile: `"${key}"`,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: `"${hosts}"`,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    CheckHostIP: 'no',
    UpdateHostKeys: 'no',
    BatchMode: 'yes',
    ForwardAgent: 'no',
    PermitLocalCommand: 'no',
    ControlPath: 'none',
    ConnectTimeout: '20',
    ServerAliveInterval: '15',
  };
  const lines = Object.entries(options).map(([name, value]) => `  ${name} ${value}`);
  return `Host *\n${lines.join('\n')}\n`;
}

function plain(url: URL): SlipwayError {
  return new SlipwayError('forbidden', `the Git repository on ${url.host} is not read without encryption`, {
    fix: 'Give its https address.',
  });
}

function wrongCredential(problem: string): SlipwayError {
  return new SlipwayError('invalid', `the credential does not fit the address of the Git repository: ${problem}`, {
    fix: 'Give a name and a password, or a token, for https; an SSH key with knownHosts for ssh.',
  });
}
