import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findServer, isLoopback } from '../../cli/server-address.ts';
import type { ServerFlags } from '../../cli/server-address.ts';
import { slipway } from './shell-fixture.ts';

async function home(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return { HOME: folder };
}

function find(env: Record<string, string>, flags: ServerFlags = {}): ReturnType<typeof findServer> {
  const silent = { write: () => true };
  const shell = { env, stdin: emptyInput(), stdout: silent, stderr: silent, interrupted: new AbortController().signal };
  return findServer(shell, flags);
}

async function* emptyInput(): AsyncGenerator<Buffer> {}

describe('contexts', () => {
  test('are kept in a file that only their owner can read', async () => {
    const env = await home();
    const set = ['context', 'set', 'prod', '--server', 'https://slipway.example.com', '--token-stdin'];
    expect((await slipway(set, { env, input: 'secret\n' })).code).toBe(0);
    const file = join(env['HOME'] ?? '', '.config', 'slipway', 'config.yaml');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('token: secret');
    const listed = await slipway(['context', 'list', '-o', 'json'], { env });
    expect(listed.stdout).not.toContain('secret');
    expect(JSON.parse(listed.stdout)).toEqual({
      items: [{ name: 'prod', server: 'https://slipway.example.com', token: 'set', current: true }],
      nextCursor: null,
    });
  });

  test('an unknown one is refused by naming the known ones', async () => {
    const env = await home();
    await slipway(['context', 'set', 'prod', '--server', 'https://a.example'], { env });
    const used = await slipway(['context', 'use', 'staging'], { env });
    expect(used.code).toBe(3);
    expect(used.stderr).toContain('one of: prod');
  });

  test('a deleted current one is no longer current', async () => {
    const env = await home();
    await slipway(['context', 'set', 'prod', '--server', 'https://a.example'], { env });
    expect((await slipway(['context', 'delete', 'prod'], { env })).code).toBe(0);
    expect((await find(env)).source).toBe('default');
  });

  test('a broken file is named, not overwritten', async () => {
    const env = await home();
    const file = join(env['HOME'] ?? '', 'broken.yaml');
    await writeFile(file, 'contexts: 5\n');
    const listed = await slipway(['context', 'list'], { env: { ...env, SLIPWAY_CONFIG: file } });
    expect(listed.code).toBe(2);
    expect(listed.stderr).toContain(file);
  });
});

describe('the server', () => {
  test('is named by flag, then environment, then context, then the local one', async () => {
    const env = await home();
    await slipway(['context', 'set', 'prod', '--server', 'https://context.example'], { env });
    const withEnv = { ...env, SLIPWAY_SERVER: 'https://env.example' };
    expect((await find(withEnv, { server: 'https://flag.example' })).server).toBe('https://flag.example');
    expect((await find(withEnv)).server).toBe('https://env.example');
    expect((await find(withEnv, { context: 'prod' })).server).toBe('https://context.example');
    expect((await find(env)).server).toBe('https://context.example');
    expect((await find(await home())).server).toBe('http://127.0.0.1:4780');
  });

  test('that is no http address is refused', async () => {
    await expect(find(await home(), { server: 'ftp://x' })).rejects.toThrow(/not an http/);
  });

  test('gets the token of its own context only', async () => {
    const env = await home();
    const set = ['context', 'set', 'prod', '--server', 'https://prod.example', '--token', 'prod-token'];
    await slipway(set, { env });
    expect((await find(env)).token).toBe('prod-token');
    expect((await find(env, { server: 'https://other.example' })).token).toBeUndefined();
  });

  test('gets the local token file only when it is on this machine', async () => {
    const env = await home();
    await mkdir(join(env['HOME'] ?? '', '.slipway'));
    await writeFile(join(env['HOME'] ?? '', '.slipway', 'token'), 'local-token\n');
    expect((await find(env)).token).toBe('local-token');
    expect((await find(env, { server: 'http://localhost:9' })).token).toBe('local-token');
    expect((await find(env, { server: 'http://10.0.0.1:4780' })).token).toBeUndefined();
    expect((await find(env, { server: 'http://127.0.0.1.example.com' })).token).toBeUndefined();
  });

  test.each([
    ['http://127.8.9.1', true],
    ['http://[::1]:80', true],
    ['http://localhost', true],
    ['http://localhost.example', false],
    ['http://192.168.0.1', false],
  ])('%s is local: %s', (server, local) => {
    expect(isLoopback(server)).toBe(local);
  });
});
