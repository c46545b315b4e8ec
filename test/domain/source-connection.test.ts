import { describe, expect, test } from 'vitest';
import {
  checkSourceConnection,
  normalizeSourceAddress,
  sourceCredentialSchema,
  type SourceCredential,
  type SourceKind,
} from '../../domain/source-connection.ts';

const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';
const pair = { username: 'ann', password: 'secret' };

function problemOf(kind: SourceKind, server: string, credential: SourceCredential = {}): string | undefined {
  return checkSourceConnection({ kind, server, credential })[0]?.code;
}

describe('an address', () => {
  test.each<[SourceKind, string, SourceCredential]>([
    ['git', 'https://git.example.com/team/models.git', {}],
    ['git', 'https://git.example.com/team/models.git', pair],
    ['git', 'ssh://git@git.example.com:2222/team/models', { sshPrivateKey: key }],
    ['git', 'git@git.example.com:team/models.git', { sshPrivateKey: key, knownHosts: 'git.example.com ssh-ed25519 A' }],
    ['helm', 'https://charts.example.com/stable', { token: 't' }],
    ['helm', 'http://127.0.0.1:8080', pair],
    ['oci', 'ghcr.io', { token: 't' }],
    ['oci', 'localhost:5000', {}],
    ['oci', 'registry.example.com:443', pair],
  ])('of %s may be %s', (kind, server, credential) => {
    expect(problemOf(kind, server, credential)).toBeUndefined();
  });

  test.each<[SourceKind, string]>([
    ['git', '/etc/repository'],
    ['git', 'file:///etc/repository'],
    ['git', '--upload-pack=touch /tmp/x'],
    ['git', 'ext::sh -c id'],
    ['git', 'https://ann:secret@git.example.com/models'],
    ['git', 'https://token@git.example.com/models'],
    ['git', 'ssh://git:secret@git.example.com/models'],
    ['git', 'ssh://-oProxyCommand=id/x'],
    ['git', '-oProxyCommand=id@host:path'],
    ['helm', 'oci://ghcr.io/charts'],
    ['helm', 'https://charts.example.com?token=secret'],
    ['helm', 'git@git.example.com:team/models.git'],
    ['oci', 'https://ghcr.io'],
    ['oci', 'ghcr.io/team'],
    ['oci', 'ann@ghcr.io'],
    ['oci', ''],
  ])('of %s may not be %s', (kind, server) => {
    expect(problemOf(kind, server)).toBe('connection.invalidAddress');
  });

  test('is stored without blanks, a slash at its end and the scheme of a registry', () => {
    expect(normalizeSourceAddress('oci', ' oci://GHCR.io/ ')).toBe('ghcr.io');
    expect(normalizeSourceAddress('helm', 'https://charts.example.com/stable/')).toBe(
      'https://charts.example.com/stable',
    );
  });
});

describe('a credential', () => {
  test('that the address has no use for is told', () => {
    expect(problemOf('git', 'git@git.example.com:a', {})).toBe('connection.wrongCredential');
    expect(problemOf('git', 'git@git.example.com:a', { token: 't' })).toBe('connection.wrongCredential');
    expect(problemOf('helm', 'https://charts.example.com', { sshPrivateKey: key })).toBe('connection.wrongCredential');
  });

  test('is not sent without encryption', () => {
    expect(problemOf('helm', 'http://charts.example.com', pair)).toBe('connection.unencrypted');
    expect(problemOf('helm', 'http://charts.example.com')).toBeUndefined();
  });

  test.each([
    ['of two kinds', { token: 't', ...pair }],
    ['of half a kind', { username: 'ann' }],
    ['with a key that is none', { sshPrivateKey: 'AAAA' }],
    ['with an authority that is none', { token: 't', caCertificate: 'AAAA' }],
    ['with an empty token', { token: '' }],
  ])('%s is refused', (_what, credential) => {
    expect(sourceCredentialSchema.safeParse(credential).success).toBe(false);
  });
});
