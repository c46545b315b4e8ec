import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './api-fixture.ts';

const main = join(import.meta.dirname, '../../api/main.ts');

/** Starts the API as a process of its own, with this environment and no other. */
function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [main], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const exited = once(child, 'exit').then(([code]) => Number(code));
  return { child, exited, output: () => output };
}

async function startListening(env: Record<string, string> = {}) {
  const home = await temporaryFolder();
  const api = start({ SLIPWAY_HOME: home, SLIPWAY_PORT: '0', TEMPORAL_ADDRESS: inject('temporal').address, ...env });
  await expect.poll(() => api.output(), { timeout: 90_000 }).toContain('listening');
  const url = /"url":"([^"]+)"/.exec(api.output())?.[1] ?? '';
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  return { ...api, home, url, token };
}

test('a bad environment is told whole, and the process ends with 78', async () => {
  const { exited, output } = start({ SLIPWAY_PORT: 'x', SLIPWAY_TOKEN: 'short-secret', TEMPORAL_ADDRESS: 'nowhere' });
  expect(await exited).toBe(78);
  for (const name of ['SLIPWAY_PORT', 'SLIPWAY_TOKEN', 'TEMPORAL_ADDRESS']) expect(output()).toContain(name);
  expect(output()).not.toContain('short-secret');
});

test('it listens on loopback, makes its keys for its owner only, and prints no secret', async () => {
  const { url, token, home, output } = await startListening();
  expect(new URL(url).hostname).toBe('127.0.0.1');
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${url}/v1/designs`, { headers })).status).toBe(200);
  await expect.poll(async () => (await fetch(`${url}/readyz`, { headers })).status, { timeout: 60_000 }).toBe(200);
  for (const name of ['token', 'master.key', 'data/slipway.db']) {
    expect([name, (await stat(join(home, name))).mode & 0o077]).toEqual([name, 0]);
  }
  expect(output()).not.toContain(token);
});

test('a second process on the same port says so and ends', async () => {
  const { url, home } = await startListening();
  const second = start({ SLIPWAY_HOME: home, SLIPWAY_PORT: new URL(url).port });
  expect(await second.exited).toBe(78);
  expect(second.output()).toContain('EADDRINUSE');
});

test('SIGTERM ends live streams, answers what is under way, and ends well', async () => {
  const { child, exited, url, token } = await startListening();
  const headers = { authorization: `Bearer ${token}` };
  const stream = await fetch(`${url}/v1/events/stream`, { headers });
  const reading = stream.text();
  const pending = Promise.all(Array.from({ length: 10 }, () => fetch(`${url}/v1/designs`, { headers })));
  expect((await pending).every(({ status }) => status === 200)).toBe(true);
  child.kill('SIGTERM');
  expect(await reading).not.toContain('event: end');
  expect(await exited).toBe(0);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});
