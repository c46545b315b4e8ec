import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { describe, expect, onTestFinished, test } from 'vitest';
import { designSource, kubeconfig, serveTestApi, token } from '../api/api-fixture.ts';
import { slipway } from './shell-fixture.ts';
import type { CliOptions, CliRun } from './shell-fixture.ts';

type Cli = (args: readonly string[], options?: CliOptions) => Promise<CliRun>;

/** The CLI with a server of its own, whose operations no worker carries out. */
async function openCli(): Promise<Cli> {
  const { url } = await serveTestApi();
  const env = { SLIPWAY_SERVER: url, SLIPWAY_TOKEN: token };
  return (args, options) => slipway(args, { ...options, env: { ...env, ...options?.env } });
}

async function fileOf(text: string, name = 'file.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function addCluster(cli: Cli): Promise<void> {
  const added = await cli(['connection', 'add', 'kubernetes', '--kubeconfig', '-', '--name', 'prod'], {
    input: kubeconfig,
  });
  expect(added.code).toBe(0);
}

describe('designs', () => {
  test('are created, listed, updated by apply, and deleted only with a confirmation', async () => {
    const cli = await openCli();
    const file = await fileOf(designSource('shop', 'settings'));
    expect(await cli(['design', 'create', '-f', file])).toMatchObject({
      code: 0,
      stdout: 'design shop, revision 1, 1 component\n',
    });
    expect((await cli(['design', 'create', '-f', file])).code).toBe(5);
    const changed = await cli(['design', 'apply', '-f', '-'], { input: designSource('shop', 'settings', 'more') });
    expect(changed.stdout).toBe('design shop, revision 2, 2 components\n');
    expect((await cli(['design', 'list', '-o', 'name'])).stdout).toBe('design/shop\n');
    expect(JSON.parse((await cli(['design', 'get', 'shop', '-o', 'json'])).stdout)).toMatchObject({ revision: 2 });
    expect((await cli(['design', 'compare', 'shop', '--from', '1', '--to', '2'])).stdout).toBe('+ more\n');
    expect((await cli(['design', 'export', 'shop', '--format', 'manifests'])).stdout).toContain('kind: ConfigMap');
    expect((await cli(['design', 'revisions', 'shop', '-o', 'name'])).stdout).toBe('revision/2\nrevision/1\n');
    const refused = await cli(['design', 'delete', 'shop']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--yes');
    expect((await cli(['design', 'delete', 'shop', '--yes'])).code).toBe(0);
    expect((await cli(['design', 'get', 'shop'])).code).toBe(3);
  });

  test('keep what was found in them under the file that was given, and without a name take its own', async () => {
    const cli = await openCli();
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nstatus: {phase: x}\n';
    const file = await fileOf(manifest, 'shop.prod.yaml');
    expect((await cli(['design', 'apply', '-f', file])).code).toBe(0);
    const found = async (): Promise<unknown> =>
      JSON.parse((await cli(['design', 'get', 'shop.prod', '-o', 'json'])).stdout).findings;
    expect(await found()).toEqual(expect.arrayContaining([expect.objectContaining({ file, line: 4 })]));
    await writeFile(file, `# more\n${manifest}data: {a: b}\n`);
    expect((await cli(['design', 'apply', '-f', file])).code).toBe(0);
    expect(await found()).toEqual(expect.arrayContaining([expect.objectContaining({ file, line: 5 })]));
  });

  test('that declare an object twice name both places in the file as it was given', async () => {
    const cli = await openCli();
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
    const file = await fileOf(`${manifest}---\n${manifest}`, 'two.yaml');
    const { stderr } = await cli(['design', 'apply', '-f', file]);
    expect(stderr).toContain(`${file}:5:`);
    expect(stderr).toContain(`here and at ${file}:1`);
  });

  test('are taken from an archive, and exported again', async () => {
    const cli = await openCli();
    const file = await fileOf('', 'shop.tgz');
    await writeFile(join(file, '..', 'web.yaml'), 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n');
    await create({ gzip: true, file, cwd: join(file, '..') }, ['web.yaml']);
    expect(await cli(['design', 'create', '-f', file])).toMatchObject({
      code: 0,
      stdout: 'design shop, revision 1, 1 component\n',
    });
    expect((await cli(['design', 'export', 'shop', '--format', 'manifests'])).stdout).toContain('name: web');
  });

  test('that are wrong are refused with places of the file, and store nothing', async () => {
    const cli = await openCli();
    const file = await fileOf('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nmetadata: {name: b}\n');
    const applied = await cli(['design', 'apply', '-f', file]);
    expect(applied.code).toBe(2);
    expect(applied.stderr).toContain(`${file}:4:`);
    expect(JSON.parse((await cli(['design', 'list', '-o', 'json'])).stdout)).toEqual({ items: [], nextCursor: null });
    const validated = await cli(['design', 'validate', '-f', file, '-o', 'json']);
    expect(validated.code).toBe(2);
    expect(JSON.parse(validated.stdout)).toMatchObject({ findings: [{ severity: 'error', file }] });
  });
});

describe('a deploy', () => {
  test('goes to the only connection there is, and --no-wait prints just the id', async () => {
    const cli = await openCli();
    await addCluster(cli);
    const deployed = await cli(['deploy', '-f', '-', '--no-wait'], { input: designSource('shop', 'settings') });
    expect(deployed.code).toBe(0);
    expect(deployed.stdout).toMatch(/^op_\S+\n$/);
    const again = await cli(['deploy', 'shop', '--no-wait']);
    expect(again.code).toBe(5);
    expect(again.stderr).toContain(deployed.stdout.trim());
    expect(again.stderr).toContain('ask again with --queue');
    const listed = await cli(['operation', 'list', '--running', '-o', 'name']);
    expect(listed.stdout).toBe(`operation/${deployed.stdout}`);
  });

  test('says which connections there are when that is not clear', async () => {
    const cli = await openCli();
    const none = await cli(['deploy', '-f', '-'], { input: designSource('shop', 'settings') });
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('connection add kubernetes');
  });

  test('detaches at Ctrl-C with exit 130 and is not cancelled', async () => {
    const cli = await openCli();
    await addCluster(cli);
    const interrupt = new AbortController();
    const deploying = cli(['deploy', '-f', '-'], {
      input: designSource('shop', 'settings'),
      interrupted: interrupt.signal,
    });
    const running = async (): Promise<string> => (await cli(['operation', 'list', '--running', '-o', 'name'])).stdout;
    await expect.poll(running, { timeout: 30_000 }).not.toBe('');
    await new Promise((done) => setTimeout(done, 300));
    interrupt.abort();
    const { code, stderr } = await deploying;
    expect(code).toBe(130);
    expect(stderr).toMatch(/slipway operation watch op_\S+ {2}or {2}slipway operation cancel op_/);
    expect(await running()).not.toBe('');
  });

  test('stops waiting after --wait-timeout with exit 6', async () => {
    const cli = await openCli();
    await addCluster(cli);
    const args = ['deploy', '-f', '-', '--wait-timeout', '1s'];
    const { code, stderr } = await cli(args, { input: designSource('shop', 'settings') });
    expect(code).toBe(6);
    expect(stderr).toContain('slipway operation watch op_');
  });
});

describe('exit codes', () => {
  test('tell a wrong command line, a wrong token and a server that does not answer', async () => {
    const cli = await openCli();
    expect((await cli(['design', 'list', '--bogus'])).code).toBe(2);
    expect((await cli(['bogus'])).code).toBe(2);
    expect((await cli(['deploy'])).code).toBe(2);
    expect((await cli(['deploy', 'x', '--timeout', 'soon'])).code).toBe(2);
    expect((await cli(['design', 'list'], { env: { SLIPWAY_TOKEN: 'wrong' } })).code).toBe(4);
    const away = await cli(['design', 'list', '--server', 'http://127.0.0.1:19999']);
    expect(away.code).toBe(7);
    expect(away.stderr.trimEnd().split('\n')).toHaveLength(3);
    expect(away.stderr).toContain('cause: connect ECONNREFUSED 127.0.0.1:19999');
  });

  test('tell what no server has, with the command that lists it', async () => {
    const cli = await openCli();
    const missing = await cli(['design', 'get', 'nothing']);
    expect(missing).toMatchObject({ code: 3, stderr: expect.stringContaining('fix:   slipway design list') });
    expect((await cli(['event', 'ack', 'evt_nothing'])).code).toBe(3);
    const wrongToken = await cli(['design', 'list'], { env: { SLIPWAY_TOKEN: 'wrong' } });
    expect(wrongToken.stderr).toContain('fix:   set SLIPWAY_TOKEN');
  });

  test('of a misspelt name are 3, with the one that was meant', async () => {
    const cli = await openCli();
    await addCluster(cli);
    await cli(['design', 'apply', '-f', '-'], { input: designSource('shop', 'settings') });
    const meant = { code: 3, stderr: expect.stringContaining('fix:   Did you mean "shop"?') };
    expect(await cli(['design', 'get', 'shp'])).toMatchObject(meant);
    expect(await cli(['deployment', 'get', 'shp'])).toMatchObject(meant);
    expect(await cli(['undeploy', 'shp'])).toMatchObject(meant);
    expect(await cli(['deploy', 'shop', '-c', 'prd'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('fix:   Did you mean "prod"? List them with slipway connection list.'),
    });
  });

  test('of a misspelt command are 2, with the one that was meant', async () => {
    const { code, stderr } = await slipway(['deploi']);
    expect(code).toBe(2);
    expect(stderr).toContain('fix:   did you mean deploy?');
  });

  test('of diff are never 1 for an error', async () => {
    const cli = await openCli();
    const { code } = await cli(['diff', 'nothing', '-c', 'nowhere']);
    expect(code).toBeGreaterThan(1);
  });

  test.each(['--version', '-V'])('of %s are 0, and it prints what slipway version prints', async (flag) => {
    const env = { SLIPWAY_SERVER: 'http://127.0.0.1:19999' };
    const told = await slipway([flag], { env });
    expect(told).toEqual(await slipway(['version'], { env }));
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/^slipway \d/) });
  });

  test('of help are 0, and help is data', async () => {
    const cli = await openCli();
    const { code, stdout, stderr } = await cli(['design', 'deploy', '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Examples:');
  });
});
