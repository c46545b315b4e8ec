import { z } from 'zod';
import type { Finding } from './finding.ts';

/** Git repositories, chart repositories and OCI registries: where models come from. */
export const sourceKinds = ['git', 'helm', 'oci'] as const;

const pemSchema = z.string().max(100_000);
const authority = {
  /** Of the authority that signed the server's certificate, in PEM form. */
  caCertificate: pemSchema.regex(/-----BEGIN CERTIFICATE-----/, 'must be a certificate in PEM form').optional(),
};
const secretSchema = z.string().min(1).max(20_000);

/** How to get in at a source: by name and password, by a token, by an SSH key, or as anybody. */
export const sourceCredentialSchema = z.union(
  [
    z.strictObject({ ...authority, username: z.string().min(1).max(500), password: secretSchema }),
    z.strictObject({ ...authority, token: secretSchema }),
    z.strictObject({
      ...authority,
      sshPrivateKey: pemSchema.regex(/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'must be a private key in PEM form'),
      /** Lines as in a `known_hosts` file. */
      knownHosts: z.string().max(100_000).optional(),
    }),
    z.strictObject(authority),
  ],
  'must hold username and password, a token, an sshPrivateKey (with knownHosts), or nothing; and a caCertificate if needed',
);

export type SourceKind = (typeof sourceKinds)[number];
export type SourceCredential = z.infer<typeof sourceCredentialSchema>;

export type SourceConnection = {
  readonly kind: SourceKind;
  /** An `https` address; for `git` also `ssh://…` and `git@host:path`; for `oci` the host of the registry. */
  readonly server: string;
  readonly credential: SourceCredential;
};

/** The address as it is stored: without blanks and a slash at its end, for a registry without `oci://`. */
export function normalizeSourceAddress(kind: SourceKind, address: string): string {
  const trimmed = address.trim().replace(/\/+$/, '');
  return kind === 'oci' ? trimmed.replace(/^oci:\/\//, '').toLowerCase() : trimmed;
}

/** What is wrong with an address, or with a credential for that address; `path` is `url` or within `credential`. */
export function checkSourceConnection({ kind, server, credential }: SourceConnection): readonly Finding[] {
  const problem = addressProblem(kind, server);
  if (problem !== undefined) return [finding('connection.invalidAddress', 'url', problem)];
  const isSsh = isSshAddress(server);
  if ('sshPrivateKey' in credential !== isSsh) {
    const message = isSsh ? 'an SSH address needs an SSH key' : `an SSH key does not open ${server}`;
    return [finding('connection.wrongCredential', 'credential', message)];
  }
  const isOpen = !('password' in credential) && !('token' in credential);
  if (server.startsWith('http:') && !isOpen && !isLoopback(server)) {
    const message = 'a credential would be sent without encryption; use the https address';
    return [finding('connection.unencrypted', 'url', message)];
  }
  return [];
}

/** Whether a git address is reached by SSH: `ssh://…`, or `user@host:path` as git itself reads it. */
export function isSshAddress(address: string): boolean {
  return /^ssh:\/\/[^/\s-]/.test(address) || /^[\w.-]+@[\w[][\w.:-]*\]?:(?!\/\/)\S+$/.test(address);
}

function addressProblem(kind: SourceKind, address: string): string | undefined {
  if (kind === 'oci') return isHost(address) ? undefined : 'must be the host of a registry, such as ghcr.io';
  if (kind === 'git' && isSshAddress(address)) {
    return /^ssh:\/\/[^/@]*:[^/@]*@/.test(address) ? 'must not hold a password' : undefined;
  }
  if (/^https?:/.test(address) && URL.canParse(address)) return webAddressProblem(new URL(address));
  return kind === 'git' ? 'must begin with https:// or ssh://, or be git@host:path' : 'must begin with https://';
}

/** What is in an address is shown and logged. */
function webAddressProblem({ username, password, search, hash }: URL): string | undefined {
  if (`${username}${password}` !== '') return 'must not hold a user or a password: give them as credential';
  return `${search}${hash}` === '' ? undefined : 'must not hold a query or a fragment';
}

function isHost(text: string): boolean {
  if (!URL.canParse(`https://${text}`)) return false;
  const { host, pathname, search, hash, username } = new URL(`https://${text}`);
  return pathname === '/' && `${search}${hash}${username}` === '' && (host === text || `${host}:443` === text);
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(address).hostname);
}

function finding(code: string, path: string, message: string): Finding {
  return { severity: 'error', code, path, message };
}
