import { describe, expect, test } from 'vitest';
import { readCredential, readSourceCredential } from '../../infra/database/connections.ts';
import { setDeploymentState } from '../../infra/database/deployments.ts';
import { finishOperation } from '../../infra/database/operations.ts';
import { designSource, kubeconfig, serveTestApi, temporaryFolder, token } from '../api/api-fixture.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { slipway } from './shell-fixture.ts';
import type { CliOptions } from './shell-fixture.ts';

async function openCli() {
  const { url, database } = await serveTestApi();
  const env = { SLIPWAY_SERVER: url, SLIPWAY_TOKEN: token };
  return { database, cli: (args: readonly string[], options?: CliOptions) => slipway(args, { ...options, env }) };
}

const git = ['connection', 'add', 'git', '--url', 'https://git.example.com/acme/models.git'];

describe('connection add', () => {
  test('registers a repository under the last part of its address, with a secret from stdin', async () => {
    const { cli, database } = await openCli();
    const added = await cli([...git, '--token-stdin'], { input: 'secret\n' });
    expect(added).toMatchObject({ code: 0, stdout: 'connection models  https://git.example.com/acme/models.git\n' });
    expect(await readSourceCredential(database, 'models')).toMatchObject({ credential: { token: 'secret' } });
    expect((await cli(['connection', 'list', '--kind', 'git', '-o', 'name'])).stdout).toBe('connection/models\n');
    expect((await cli(['connection', 'list', '--kind', 'oci', '-o', 'name'])).stdout).toBe('');
    expect((await cli(['connection', 'test', 'models', '--no-wait'])).code).toBe(0);
  });

  test('takes an SSH key, the keys of the server and an authority from files', async () => {
    const { cli, database } = await openCli();
    const folder = await temporaryFolder();
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    await writeFile(join(folder, 'key'), key);
    await writeFile(join(folder, 'hosts'), 'git.example.com ssh-ed25519 AAAA\n');
    const files = ['--ssh-key', join(folder, 'key'), '--known-hosts', join(folder, 'hosts')];
    const url = 'git@git.example.com:acme/models';
    expect((await cli(['connection', 'add', 'git', '--url', url, '--name', 'm', ...files])).code).toBe(0);
    expect(await readSourceCredential(database, 'm')).toEqual({
      kind: 'git',
      server: url,
      credential: { sshPrivateKey: key, knownHosts: 'git.example.com ssh-ed25519 AAAA\n' },
    });
  });

  test('registers a registry by user and password', async () => {
    const { cli, database } = await openCli();
    const args = ['connection', 'add', 'oci', '--url', 'ghcr.io', '--username', 'ann', '--password-stdin'];
    expect((await cli(args, { input: 'secret' })).stdout).toBe('connection ghcr.io  ghcr.io\n');
    const credential = { username: 'ann', password: 'secret' };
    expect(await readSourceCredential(database, 'ghcr.io')).toEqual({ kind: 'oci', server: 'ghcr.io', credential });
  });

  test.each([
    ['a user without a password', ['--username', 'ann']],
    ['a token and a key', ['--token-stdin', '--ssh-key', '/dev/null']],
    ['an empty token', ['--token-stdin']],
    ['a file that is not there', ['--ca', '/nonexistent']],
  ])('refuses %s with exit 2', async (_what, flags) => {
    const { cli } = await openCli();
    expect((await cli([...git, ...flags])).code).toBe(2);
  });
});

describe('connection credential set', () => {
  test('renews the credential of a cluster, and asks for a flag where the address is another', async () => {
    const { cli, database } = await openCli();
    const add = ['connection', 'add', 'kubernetes', '--kubeconfig', '-', '--name', 'prod', '-o', 'json'];
    const { id } = JSON.parse((await cli(add, { input: kubeconfig })).stdout);
    const set = ['connection', 'credential', 'set', 'prod', '--kubeconfig', '-'];
    expect((await cli(set, { input: kubeconfig.replace('very-secret', 'newer-secret') })).code).toBe(0);
    expect(await readCredential(database, id)).toContain('newer-secret-token');
    const elsewhere = kubeconfig.replace('6443', '7443');
    const refused = await cli(set, { input: elsewhere });
    expect(refused.code).toBe(5);
    expect(refused.stderr).toContain('https://127.0.0.1:7443');
    expect((await cli([...set, '--accept-new-server'], { input: elsewhere })).code).toBe(0);
  });

  test('is also called rotate, and takes what the kind of the connection needs', async () => {
    const { cli, database } = await openCli();
    await cli([...git, '--token-stdin'], { input: 'old' });
    expect((await cli(['connection', 'credential', 'rotate', 'models', '--token-stdin'], { input: 'new' })).code).toBe(
      0,
    );
    expect(await readSourceCredential(database, 'models')).toMatchObject({ credential: { token: 'new' } });
    expect((await cli(['connection', 'credential', 'set', 'models', '--kubeconfig', '-'])).code).toBe(2);
  });
});

describe('connection delete', () => {
  test('says that the records of undeployed deployments go with it, before and after', async () => {
    const { cli, database } = await openCli();
    await cli(['connection', 'add', 'kubernetes', '--kubeconfig', '-', '--name', 'prod'], { input: kubeconfig });
    const deployed = await cli(['deploy', '-f', '-', '--no-wait'], { input: designSource('shop', 'settings') });
    expect((await cli(['connection', 'delete', 'prod', '--yes'])).code).toBe(5);
    const { operation } = await finishOperation(database, { id: deployed.stdout.trim(), state: 'cancelled' });
    await setDeploymentState(database, { id: operation.deploymentId ?? '', to: 'undeployed' });

    const records = 'with the records of 1 undeployed deployment';
    const asked = await cli(['connection', 'delete', 'prod']);
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining(`its credential, ${records} needs`) });
    expect((await cli(['design', 'delete', 'shop'])).stderr).toContain(`its 1 revision, ${records} needs`);
    const deleted = await cli(['connection', 'delete', 'prod', '--yes']);
    expect(deleted).toMatchObject({ code: 0, stderr: `connection prod is deleted, ${records}\n` });
    expect((await cli(['deployment', 'list', '-o', 'name'])).stdout).toBe('');
    expect((await cli(['design', 'delete', 'shop', '--yes'])).stderr).toBe('design shop is deleted\n');
    expect((await cli(['connection', 'delete', 'prod', '--yes'])).code).toBe(3);
  });
});
