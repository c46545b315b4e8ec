import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { serveTestApi, temporaryFolder, token } from '../api/api-fixture.ts';
import { deployDoor, newLocks, oldLocks, storeModel } from '../api/registry-fixture.ts';
import { slipway } from './shell-fixture.ts';
import type { CliOptions } from './shell-fixture.ts';

/** The CLI with a server of its own, whose registry has two versions of one model. */
async function openCli() {
  const api = await serveTestApi();
  await storeModel(api.database, oldLocks);
  await storeModel(api.database, newLocks);
  const env = { SLIPWAY_SERVER: api.url, SLIPWAY_TOKEN: token };
  const cli = (args: readonly string[], options?: CliOptions) =>
    slipway(args, { ...options, env: { ...env, ...options?.env } });
  const read = async (args: readonly string[]): Promise<unknown> =>
    JSON.parse((await cli([...args, '-o', 'json'])).stdout);
  return { api, cli, read };
}

const door = 'locks@v2.0.0/Door@locks.example/v1';

describe('models', () => {
  test('are listed, searched and shown, as tables, names and JSON', async () => {
    const { cli, read } = await openCli();
    const { stdout } = await cli(['model', 'list']);
    expect(stdout).toMatch(
      /^NAME +VERSION +REVISION +CATEGORY .*\nlocks +v2\.0\.0 +1 +Security & Compliance +3 +1 +enabled/,
    );
    expect((await cli(['model', 'list', '--all', '-o', 'name'])).stdout).toBe(
      'model/locks@v2.0.0\nmodel/locks@v1.0.0\n',
    );
    expect((await cli(['model', 'search', 'do', 'lo', '-o', 'name'])).stdout).toBe('model/locks@v2.0.0\n');
    expect((await cli(['model', 'list', '--category', 'Database', '--category', 'Tools'])).stderr).toContain(
      'nothing found',
    );
    expect((await cli(['model', 'list', '--category', 'Nonsense'])).code).toBe(2);
    expect(await read(['model', 'get', 'locks@v1.0.0'])).toMatchObject({ name: 'locks', version: 'v1.0.0' });
    expect((await cli(['model', 'get', 'locks'])).stdout).toMatch(/version: +v2\.0\.0\n[^]*Doors and their locks/);
    expect((await cli(['model', 'get', 'nothing'])).code).toBe(3);
    expect((await cli(['model', 'versions', 'locks', '-o', 'name'])).stdout.split('\n')).toHaveLength(3);
  });

  test('are compared field by field, with whom the change touches, and exit 1 where it breaks something', async () => {
    const { api, cli } = await openCli();
    const { name } = await deployDoor(api);
    const args = ['model', 'compare', 'locks@v1.0.0', 'locks'];
    const { stdout, stderr, code } = await cli(args);
    expect(stdout).toContain('- Bell@locks.example/v1  breaking\n~ Door@locks.example/v1  breaking\n');
    expect(stdout).toContain('! spec.width  type changed: "integer" → "string"\n');
    expect(stdout).toContain('+ Window@locks.example/v1\n');
    expect(stdout).toContain('- profile wide\n');
    expect(stdout).toContain(name);
    expect(stderr).toContain('3 components: 1 added, 1 removed, 1 changed; 2 breaking');
    expect(code).toBe(0);
    expect((await cli([...args, '--exit-code'])).code).toBe(1);
    expect((await cli(['model', 'compare', 'locks', 'locks', '--exit-code'])).code).toBe(0);
  });

  test('are written to files that are whole or not there', async () => {
    const { cli } = await openCli();
    const folder = await temporaryFolder();
    const file = join(folder, 'locks.tar.gz');
    const written = await cli(['model', 'export', 'locks', '-f', file]);
    expect(written.stderr).toContain(`written to ${file}`);
    expect(gunzipSync(await readFile(file)).length % 512).toBe(0);
    const sheet = await cli(['model', 'export', 'locks', '--format', 'csv', '--sheet', 'components', '-f', '-']);
    expect(sheet.stdout.split('\r\n')).toHaveLength(5);
    expect((await cli(['model', 'export', 'nothing', '-f', join(folder, 'b')])).code).toBe(3);
    const nowhere = await cli(['registry', 'export', '-f', join(folder, 'no', 'such', 'folder')]);
    expect([nowhere.code, nowhere.stderr.includes('cannot write')]).toEqual([2, true]);
    expect((await cli(['registry', 'export', '--format', 'json', '-f', '-'])).stdout).toMatch(/^\[\n[^]*\]\n$/);
    expect(await readdir(folder)).toEqual(['locks.tar.gz']);
  });

  test('change their status with a reason, and go only with a confirmation, or by force where they are used', async () => {
    const { api, cli, read } = await openCli();
    const disabled = await cli(['model', 'disable', 'locks', '--reason', 'rusty']);
    expect([disabled.code, disabled.stderr]).toEqual([0, 'model locks@v2.0.0 is disabled\n']);
    expect(await read(['model', 'get', 'locks@v2.0.0'])).toMatchObject({ status: 'disabled' });
    expect((await cli(['event', 'list', '--category', 'registry'])).stdout).toContain('rusty');
    expect((await cli(['model', 'enable', 'locks@v2.0.0', '-o', 'name'])).stdout).toBe('model/locks@v2.0.0\n');
    expect((await cli(['model', 'delete', 'locks@v2.0.0'])).code).toBe(2);
    expect((await cli(['model', 'delete', 'locks@v2.0.0', '--yes'])).code).toBe(0);
    const { name } = await deployDoor(api);
    const usage = await cli(['model', 'usage', 'locks']);
    expect(usage.stdout).toMatch(new RegExp(`DESIGN .*\n${name} +1 +yes\n`));
    const refused = await cli(['model', 'delete', 'locks', '--yes']);
    expect([refused.code, refused.stderr.includes(name)]).toEqual([5, true]);
    expect((await cli(['model', 'delete', 'locks', '--yes', '--force'])).code).toBe(0);
  });
});

describe('components and relationships', () => {
  test('are listed, searched and shown, a component with its schema', async () => {
    const { cli, read } = await openCli();
    expect((await cli(['component', 'list', '-o', 'name'])).stdout.split('\n')[0]).toBe(`component/${door}`);
    expect((await cli(['component', 'search', 'wind'])).stdout).toMatch(
      /^KIND .*\nWindow +locks\.example\/v1 +locks@v2\.0\.0/,
    );
    expect((await cli(['component', 'get', door])).stdout).toContain(`address: ${door}`);
    expect(JSON.parse((await cli(['component', 'get', door, '--schema'])).stdout)).toMatchObject({ type: 'object' });
    expect(await read(['component', 'usage', door])).toMatchObject({ designs: { items: [] } });
    expect((await cli(['component', 'deprecate', door])).stderr).toBe(`component ${door} is deprecated\n`);
    const { stdout } = await cli(['relationship', 'list', '--between', 'Key']);
    expect(stdout).toMatch(
      /\n\d+ +door-key +edge\/non-binding\/reference +Door +Key +locks@v2\.0\.0 +written +enabled\n/,
    );
    expect(await read(['relationship', 'get', 'locks@v2.0.0/door-key'])).toMatchObject({
      definition: { kind: 'edge' },
    });
    expect((await cli(['relationship', 'ignore', 'locks@v2.0.0/door-key'])).code).toBe(0);
  });

  test('are counted', async () => {
    const { cli } = await openCli();
    const { stdout } = await cli(['registry', 'summary']);
    expect(stdout).toMatch(/models: +1\nversions: +2\ncomponents: +6\n[^]*Security & Compliance: +2\n/);
  });
});

test('the lineage of an object is told step by step, with how sure each is', async () => {
  const { api, cli } = await openCli();
  const { name, connection } = await deployDoor(api, 'locks@v1.0.0');
  const { stdout, code } = await cli(['lineage', 'Door', 'front', '-n', 'home', '-c', connection]);
  expect(code).toBe(0);
  expect(stdout).toContain(`Door@locks.example/v1 home/front on ${name}, uid uid-of-front\n`);
  expect(stdout).toContain(`${name}, revision 1, component front (recorded when it was applied)\n`);
  expect(stdout).toContain('locks@v1.0.0/Door@locks.example/v1, revision 1 (the design names it)\n');
  expect(stdout).toMatch(/schema: +sha256:[0-9a-f]{64}\n/);
  expect((await cli(['lineage', 'Door', 'back', '-n', 'home'])).code).toBe(3);
});

test('a model is made by hand: begun, described, filled from files, reviewed and sent off', async () => {
  const { cli } = await openCli();
  const folder = await temporaryFolder();
  const created = await cli(['model', 'draft', 'create', '--from', 'locks', '-o', 'name']);
  const id = created.stdout.trim().replace('draft/', '');
  expect(id).toMatch(/^drf_/);
  await cli(['model', 'draft', 'set', id, '--model-version', 'v3.0.0', '--category', 'Tools']);
  const file = join(folder, 'lock.yaml');
  await writeFile(file, 'description: a lock\nschema: { type: object }\n');
  const put = await cli(['model', 'draft', 'put', id, 'component', 'Lock@locks.example/v1', '-f', file]);
  expect(put.stdout).toMatch(/version: +v3\.0\.0\nrevision: +3\n[^]*Lock@locks\.example\/v1\n/);
  const shown = await cli(['model', 'draft', 'show', id, 'component', 'Lock@locks.example/v1', '-o', 'yaml']);
  expect(shown.stdout).toContain('description: a lock\n');
  await cli(['model', 'draft', 'remove', id, 'component', 'Window@locks.example/v1']);
  const review = await cli(['model', 'draft', 'review', id]);
  expect([review.code, review.stdout]).toEqual([
    0,
    expect.stringMatching(/\+ component Lock@[^]*publishing adds this version\n$/),
  ]);
  expect((await cli(['model', 'draft', 'put', id, 'thing', 'x', '-f', file])).code).toBe(2);
  const published = await cli(['model', 'draft', 'publish', id, '--no-wait']);
  expect([published.code, published.stdout]).toEqual([0, expect.stringMatching(/^op_\S+\n$/)]);
  expect((await cli(['model', 'draft', 'delete', id, '--yes'])).code).toBe(5);
  expect((await cli(['model', 'draft', 'list', '-o', 'name'])).stdout).toBe(`draft/${id}\n`);
});
