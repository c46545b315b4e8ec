import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SlipwayError } from '../../../domain/errors.ts';
import { flattenKubeconfig, listContexts, readKubeconfig } from '../../../infra/kubernetes/kubeconfig.ts';

const two = `
apiVersion: v1
kind: Config
current-context: blue
clusters:
- name: blue
  cluster: { server: "https://blue.example:6443", certificate-authority-data: Ymx1ZQ== }
- name: green
  cluster: { server: "https://green.example/k8s/clusters/c-1", tls-server-name: green, proxy-url: "http://proxy:3128" }
users:
- name: ann
  user: { token: ann-secret }
- name: bob
  user: { username: bob, password: bob-secret, as: carol, as-groups: [ops, dev] }
contexts:
- name: blue
  context: { cluster: blue, user: ann, namespace: shop }
- name: green
  context: { cluster: green, user: bob }
`;

function withUser(user: string): string {
  return two.replace('{ token: ann-secret }', user);
}

function refusal(read: () => unknown): SlipwayError {
  try {
    read();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-kubeconfig-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('contexts', () => {
  test('are listed with their servers, the current one marked', () => {
    expect(listContexts(two)).toEqual([
      {
        name: 'blue',
        cluster: 'blue',
        user: 'ann',
        namespace: 'shop',
        server: 'https://blue.example:6443',
        current: true,
      },
      {
        name: 'green',
        cluster: 'green',
        user: 'bob',
        namespace: undefined,
        server: 'https://green.example/k8s/clusters/c-1',
        current: false,
      },
    ]);
  });

  test('the current one is read unless another is named', () => {
    expect(readKubeconfig(two).user.token).toBe('ann-secret');
    expect(readKubeconfig(two, { context: 'green' }).user.username).toBe('bob');
  });

  test('the only one is read where none is current', () => {
    const one = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://c' } }],
      contexts: [{ name: 'only', context: { cluster: 'c', user: '' } }],
    });
    expect(readKubeconfig(one)).toMatchObject({ context: 'only', user: {} });
  });

  test('one that does not exist is refused with the names of those that do', () => {
    const error = refusal(() => readKubeconfig(two, { context: 'red' }));
    expect(error).toMatchObject({ code: 'invalid', message: 'the kubeconfig has no context "red"' });
    expect(error.fix).toContain('blue, green');
  });

  test('one whose cluster or user is missing is refused by name', () => {
    expect(refusal(() => readKubeconfig(two.replace('cluster: blue,', 'cluster: gone,'))).message).toContain('"gone"');
    expect(refusal(() => readKubeconfig(two.replace('user: ann,', 'user: gone,'))).message).toContain('"gone"');
  });
});

describe('bad input', () => {
  test('broken YAML is refused with its line and without its text', () => {
    const error = refusal(() => readKubeconfig('users:\n- name: ann\n  user: { token: ann-secret'));
    expect(error.code).toBe('invalid');
    expect(error.findings[0]?.line).toBe(3);
    expect(JSON.stringify([error.message, error.findings])).not.toContain('ann-secret');
  });

  test('every wrong field is named by its path, no value is quoted', () => {
    const error = refusal(() =>
      readKubeconfig(two.replace('"https://blue.example:6443"', 'ftp://x').replace('ann-secret', '42')),
    );
    expect(error.findings.map((finding) => finding.path)).toEqual([
      'clusters[0].cluster.server',
      'users[0].user.token',
    ]);
    expect(error.message).not.toContain('42');
  });

  test('something that is no kubeconfig at all is refused', () => {
    expect(refusal(() => readKubeconfig('just text')).code).toBe('invalid');
    expect(refusal(() => readKubeconfig('')).code).toBe('invalid');
    expect(refusal(() => readKubeconfig('{}')).message).toContain('no current context');
  });

  test('a megabyte of text is refused', () => {
    expect(refusal(() => readKubeconfig('#'.repeat(1_000_001))).code).toBe('tooLarge');
  });

  test('a token is not sent without encryption', () => {
    const plain = two.replace('https://blue', 'http://blue');
    expect(refusal(() => readKubeconfig(plain)).message).toContain('without encryption');
    const accepted = plain.replace('certificate-authority-data: Ymx1ZQ==', 'insecure-skip-tls-verify: true');
    expect(readKubeconfig(accepted).cluster.server).toBe('http://blue.example:6443');
  });
});

describe('a kubeconfig from elsewhere', () => {
  test.each([
    ['user.exec', '{ exec: { apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, "id"] } }'],
    ['user.auth-provider', '{ auth-provider: { name: gcp, config: { cmd-path: /bin/sh } } }'],
    ['user.tokenFile', '{ tokenFile: /etc/passwd }'],
    ['user.client-certificate', '{ client-certificate: /etc/passwd }'],
    ['user.client-key', '{ client-key: /etc/shadow }'],
  ])('must not hold %s', (path, user) => {
    const error = refusal(() => readKubeconfig(withUser(user)));
    expect(error.findings.map((finding) => finding.path)).toEqual([path]);
    expect(error.code).toBe('invalid');
    expect(refusal(() => flattenKubeconfig(withUser(user))).code).toBe('invalid');
  });

  test('must not name a file for its certificate authority', () => {
    const source = two.replace('certificate-authority-data: Ymx1ZQ==', 'certificate-authority: /etc/passwd');
    expect(refusal(() => readKubeconfig(source)).findings[0]?.path).toBe('cluster.certificate-authority');
  });

  test('may hold them in contexts that are not used', () => {
    const source = withUser('{ exec: { command: evil } }');
    expect(readKubeconfig(source, { context: 'green' }).user.username).toBe('bob');
  });
});

describe('flattening', () => {
  test('keeps only the chosen context, with all that it means', () => {
    const flat = flattenKubeconfig(two, { context: 'green' });
    expect(flat).toMatchObject({
      context: 'green',
      server: 'https://green.example/k8s/clusters/c-1',
      needsTrust: false,
    });
    expect(flat.text).not.toContain('ann-secret');
    expect(readKubeconfig(flat.text)).toEqual(readKubeconfig(two, { context: 'green' }));
  });

  test('reads the certificate files of a trusted one, relative to its folder', () => {
    const directory = folderWith({ 'ca.pem': 'authority', 'cert.pem': 'certificate', 'key.pem': 'key' });
    const source = withUser('{ client-certificate: cert.pem, client-key: key.pem }').replace(
      'certificate-authority-data: Ymx1ZQ==',
      'certificate-authority: ca.pem',
    );
    const flat = flattenKubeconfig(source, { trusted: true, directory });
    expect(flat.needsTrust).toBe(false);
    const { cluster, user } = readKubeconfig(flat.text);
    const decoded = [
      cluster['certificate-authority-data'],
      user['client-certificate-data'],
      user['client-key-data'],
    ].map((data) => Buffer.from(data ?? '', 'base64').toString());
    expect(decoded).toEqual(['authority', 'certificate', 'key']);
  });

  test('says that a login program still needs trust', () => {
    const flat = flattenKubeconfig(withUser('{ exec: { command: ./login } }'), {
      trusted: true,
      directory: '/opt/k8s',
    });
    expect(flat.needsTrust).toBe(true);
    expect(readKubeconfig(flat.text, { trusted: true }).user.exec?.command).toBe('/opt/k8s/login');
  });

  test('names a file that cannot be read', () => {
    const source = withUser('{ client-certificate: gone.pem }');
    expect(refusal(() => flattenKubeconfig(source, { trusted: true })).message).toContain('gone.pem');
  });
});
