import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tar from 'tar';
import { expect, test } from 'vitest';
import { SlipwayError } from '../../domain/errors.ts';
import { provisionProgram } from '../../infra/runtime/provision.ts';
import type { Program } from '../../infra/runtime/provision/program.ts';
import { buildWell, fakeGo, fakeProgram, versionScript, writeScript } from './fake-program.ts';
import { isAlive, pidIn, until } from './process-probe.ts';
import { serveReleases } from './release-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Environment = Readonly<Record<string, string>>;

const noGo = 'echo "this test must not build" >&2; exit 1';

/** Provisions and gives the path with every line that was told. */
async function provisioned(program: Program, environment: Environment): Promise<{ path: string; lines: string[] }> {
  const lines: string[] = [];
  const path = await provisionProgram(program, { environment, onProgress: (line) => lines.push(line) });
  return { path, lines };
}

async function failure(program: Program, environment: Environment): Promise<SlipwayError> {
  const error: unknown = await provisioned(program, environment).catch((caught: unknown) => caught);
  if (error instanceof SlipwayError) {
    return error;
  }
  throw new Error('a SlipwayError was expected', { cause: error });
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

const plainRelease: Program['release'] = {
  url: () => 'https://releases.example/hoist/v2.1.0/hoist',
  checksumsUrl: () => 'https://releases.example/hoist/v2.1.0/SHA256_SUM',
};

const packedRelease: Program['release'] = {
  url: () => 'https://releases.example/hoist/v2.1.0/hoist.tar.gz',
  checksumsUrl: () => 'https://releases.example/hoist/v2.1.0/checksums.txt',
  member: () => 'folder/hoist',
};

test('a program that the user names is used before all others', async () => {
  const folder = await temporaryFolder();
  const given = await writeScript(join(folder, 'mine'), versionScript('2.5.0'));
  const environment = { ...(await fakeGo(folder, noGo)), SLIPWAY_HOIST_BIN: given };
  const { path, lines } = await provisioned(await fakeProgram(folder), environment);
  expect(path).toBe(given);
  expect(lines).toEqual([`hoist: 2.5.0 from SLIPWAY_HOIST_BIN (${given})`]);
});

test('a program that the user names and that is too old is refused, not passed over', async () => {
  const folder = await temporaryFolder();
  const given = await writeScript(join(folder, 'mine'), versionScript('1.9.9'));
  const environment = { ...(await fakeGo(folder, buildWell)), SLIPWAY_HOIST_BIN: given };
  const error = await failure(await fakeProgram(folder), environment);
  expect(error.code).toBe('invalid');
  expect(error.fix).toContain('SLIPWAY_HOIST_BIN');
});

test('a program on PATH is used, and one that is too old is named and passed over', async () => {
  const folder = await temporaryFolder();
  const environment = await fakeGo(folder, buildWell);
  await writeScript(join(folder, 'bin', 'hoist'), versionScript('1.0'));
  const program = await fakeProgram(folder);
  const built = await provisioned(program, environment);
  expect(built.lines[0]).toContain('is version 1.0, 2.0 or newer is needed');
  await writeScript(join(folder, 'bin', 'hoist'), versionScript('2.0.1'));
  expect((await provisioned(program, environment)).path).toBe(join(folder, 'bin', 'hoist'));
});

test('a program that tells its own path is not taken for a version in that path', async () => {
  const folder = await temporaryFolder();
  const given = await writeScript(join(folder, 'mine-1.4.0'), '#!/bin/sh\necho "$0 hoist/v3 v2.5.0"\n');
  const environment = { ...(await fakeGo(folder, noGo)), SLIPWAY_HOIST_BIN: given };
  expect((await provisioned(await fakeProgram(folder), environment)).lines[0]).toContain('2.5.0 from');
});

test('a build is kept in the cache and found there by the next', async () => {
  const folder = await temporaryFolder();
  const program = await fakeProgram(folder);
  const first = await provisioned(program, await fakeGo(folder, buildWell));
  const second = await provisioned(program, await fakeGo(folder, noGo));
  expect(second.path).toBe(first.path);
  expect(second.lines).toEqual([]);
});

test('changed sources are built again', async () => {
  const folder = await temporaryFolder();
  const program = await fakeProgram(folder);
  const environment = await fakeGo(folder, buildWell);
  const first = await provisioned(program, environment);
  await writeFile(join(program.module.folder, 'main.go'), 'package main\n');
  expect((await provisioned(program, environment)).path).not.toBe(first.path);
});

test.each([
  ['cut short', (path: string) => truncate(path, 10)],
  ['changed', (path: string) => writeFile(path, versionScript('2.1.0-evil'))],
])('a cached file that was %s is made again, never used', async (_how, damage) => {
  const folder = await temporaryFolder();
  const program = await fakeProgram(folder);
  const environment = await fakeGo(folder, buildWell);
  const { path } = await provisioned(program, environment);
  const whole = await readFile(path, 'utf8');
  await damage(path);
  const again = await provisioned(program, environment);
  expect(again.lines.at(-1)).toContain('ready by go build');
  expect(await readFile(again.path, 'utf8')).toBe(whole);
});

test('a build whose program does not run is not taken', async () => {
  const folder = await temporaryFolder();
  const environment = await fakeGo(folder, `printf '#!/bin/sh\\nexit 3\\n' > "$draft"`);
  const program = await fakeProgram(folder);
  expect((await failure(program, environment)).message).toContain('does not run');
  expect((await provisioned(program, await fakeGo(folder, buildWell))).path).toContain('hoist');
});

test('a provisioner killed in mid-build leaves no process, and the next one builds anew', async () => {
  const folder = await temporaryFolder();
  const pidFile = join(folder, 'go.pid');
  const environment = await fakeGo(folder, `echo half > "$draft"; echo $$ > ${pidFile}; exec sleep 300`);
  const program = await fakeProgram(folder);
  const provisioner = spawn(
    process.execPath,
    [fileURLToPath(new URL('provision-child.ts', import.meta.url)), JSON.stringify(program)],
    { env: environment, stdio: 'ignore' },
  );
  const goPid = await pidIn(pidFile);
  provisioner.kill('SIGKILL');
  await once(provisioner, 'exit');
  await until(() => !isAlive(goPid));
  const { path } = await provisioned(program, await fakeGo(folder, buildWell));
  expect(await readFile(path, 'utf8')).toContain('2.1.0');
  expect((await readdir(dirname(path))).filter((name) => name.startsWith('.draft'))).toEqual([]);
});

test('two provisions at once build once', async () => {
  const folder = await temporaryFolder();
  const log = join(folder, 'builds');
  const environment = await fakeGo(folder, `echo built >> ${log}; sleep 1; ${buildWell}`);
  const program = await fakeProgram(folder);
  const [left, right] = await Promise.all([provisioned(program, environment), provisioned(program, environment)]);
  expect(left.path).toBe(right.path);
  expect(await readFile(log, 'utf8')).toBe('built\n');
  expect([...left.lines, ...right.lines].some((line) => line.includes('waiting for process'))).toBe(true);
});

test('a full disk is named with what to do', async () => {
  const folder = await temporaryFolder();
  const environment = await fakeGo(folder, 'echo "write $WORK/b001: no space left on device" >&2; exit 1');
  const error = await failure(await fakeProgram(folder), environment);
  expect(error.message).toContain('no space left');
  expect(error.fix).toContain('Free');
});

test('without Go the error says how to go on', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'empty'));
  await symlink('/bin/sh', join(folder, 'empty', 'sh'));
  const error = await failure(await fakeProgram(folder), {
    PATH: join(folder, 'empty'),
    SLIPWAY_CACHE: join(folder, 'cache'),
  });
  expect(error.message).toContain('go is not installed');
  expect(error.fix).toContain('SLIPWAY_HOIST_BIN');
});

test('a cache folder that cannot be made is named', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  const environment = { ...(await fakeGo(folder, buildWell)), SLIPWAY_CACHE: join(folder, 'file') };
  expect((await failure(await fakeProgram(folder), environment)).fix).toContain('SLIPWAY_CACHE');
});

test('an aborted provision ends its build', async () => {
  const folder = await temporaryFolder();
  const pidFile = join(folder, 'go.pid');
  const environment = await fakeGo(folder, `echo $$ > ${pidFile}; exec sleep 300`);
  const abort = new AbortController();
  const provisioning = provisionProgram(await fakeProgram(folder), {
    environment,
    onProgress: () => {},
    signal: abort.signal,
  });
  const goPid = await pidIn(pidFile);
  abort.abort();
  await expect(provisioning).rejects.toThrow('aborted');
  expect(isAlive(goPid)).toBe(false);
});

test('a released program is downloaded when its checksum is the published one', async () => {
  const folder = await temporaryFolder();
  const content = versionScript('2.1.0');
  const server = await serveReleases({
    '/releases.example/hoist/v2.1.0/hoist': content,
    '/releases.example/hoist/v2.1.0/SHA256_SUM': `${sha256('other')} other\n${sha256(content)} hoist\n`,
  });
  const environment = { ...(await fakeGo(folder, noGo)), SLIPWAY_DOWNLOAD_MIRROR: server.url };
  const { path, lines } = await provisioned(await fakeProgram(folder, plainRelease), environment);
  expect(await readFile(path, 'utf8')).toBe(content);
  expect(lines.at(-1)).toContain('ready by download');
});

test('a packed release gives its program and nothing else', async () => {
  const folder = await temporaryFolder();
  const archive = await packHoist(folder);
  const server = await serveReleases({
    '/releases.example/hoist/v2.1.0/hoist.tar.gz': archive,
    '/releases.example/hoist/v2.1.0/checksums.txt': `${sha256(archive)}  hoist.tar.gz\n`,
  });
  const environment = { ...(await fakeGo(folder, noGo)), SLIPWAY_DOWNLOAD_MIRROR: `${server.url}/` };
  const { path } = await provisioned(await fakeProgram(folder, packedRelease), environment);
  expect((await readdir(dirname(path))).toSorted()).toEqual(['hoist', 'lock', 'program.json']);
});

test.each([
  ['a wrong checksum', `${'0'.repeat(64)}  hoist\n`, 'its project published'],
  ['no checksum', `${'0'.repeat(64)}  something-else\n`, 'no checksum is published for hoist'],
])('a download with %s is refused, and the build is next', async (_what, checksums, message) => {
  const folder = await temporaryFolder();
  const server = await serveReleases({
    '/releases.example/hoist/v2.1.0/hoist': versionScript('2.1.0'),
    '/releases.example/hoist/v2.1.0/SHA256_SUM': checksums,
  });
  const environment = { ...(await fakeGo(folder, buildWell)), SLIPWAY_DOWNLOAD_MIRROR: server.url };
  const { lines } = await provisioned(await fakeProgram(folder, plainRelease), environment);
  expect(lines.find((line) => line.includes('download failed'))).toMatch(new RegExp(`${message}.*next: go build`, 'u'));
  expect(lines.at(-1)).toContain('ready by go build');
});

test('a release whose program is a link is refused', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'pack', 'folder'), { recursive: true });
  await symlink('/bin/sh', join(folder, 'pack', 'folder', 'hoist'));
  const archive = await pack(join(folder, 'pack'), ['folder/hoist']);
  const server = await serveReleases({
    '/releases.example/hoist/v2.1.0/hoist.tar.gz': archive,
    '/releases.example/hoist/v2.1.0/checksums.txt': `${sha256(archive)}  hoist.tar.gz\n`,
  });
  const environment = { ...(await fakeGo(folder, noGo)), SLIPWAY_DOWNLOAD_MIRROR: server.url };
  const error = await failure(await fakeProgram(folder, packedRelease), environment);
  expect(error.message).toContain('has no program folder/hoist');
});

test('without a network the download fails and every road is named in the error', async () => {
  const folder = await temporaryFolder();
  const environment = {
    ...(await fakeGo(folder, 'echo "dial tcp: lookup proxy: no such host" >&2; exit 1')),
    SLIPWAY_DOWNLOAD_MIRROR: 'http://127.0.0.1:9',
  };
  const error = await failure(await fakeProgram(folder, plainRelease), environment);
  expect(error.message).toContain('cannot be reached');
  expect(error.message).toContain('no such host');
  expect(error.fix).toContain('GOPROXY');
});

async function packHoist(folder: string): Promise<Buffer> {
  await mkdir(join(folder, 'pack', 'folder'), { recursive: true });
  await writeScript(join(folder, 'pack', 'folder', 'hoist'), versionScript('2.1.0'));
  await writeFile(join(folder, 'pack', 'README.md'), 'not wanted');
  return pack(join(folder, 'pack'), ['README.md', 'folder']);
}

async function pack(folder: string, members: string[]): Promise<Buffer> {
  const file = join(folder, 'archive.tar.gz');
  await tar.create({ gzip: true, cwd: folder, file }, members);
  return readFile(file);
}
