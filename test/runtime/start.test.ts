import { execFile, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { flattenKubeconfig } from '../../infra/kubernetes/kubeconfig.ts';
import { isPortFree } from '../../infra/runtime/ports.ts';
import { createApiClient } from '../installation/api-client.ts';
import { isAlive, until } from './process-probe.ts';
import { makeTemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const startScript = join(import.meta.dirname, '../../cli/start.ts');
const run = promisify(execFile);

const runningSchema = z.object({ pid: z.int(), server: z.string(), temporal: z.string(), kubeconfig: z.string() });
const deploymentsSchema = z.object({ items: z.array(z.object({ designName: z.string(), state: z.string() })) });

/** `npm start` in a process group of its own, as a terminal gives it. */
type Start = {
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  /** What Ctrl-C does: the signal goes to the whole group. */
  readonly interrupt: () => Promise<number | null>;
};

let folder: string;
let removeFolder: () => Promise<void>;

beforeAll(async () => {
  ({ path: folder, remove: removeFolder } = await makeTemporaryFolder());
  await mkdir(join(folder, '.kube'));
  for (const file of kubeconfigs()) await writeFile(file, marker);
});

afterAll(() => removeFolder());

/** Nothing that reads a kubeconfig gets over this. */
const marker = 'this is no kubeconfig: nobody named it, so nobody may read or write it\n';

function kubeconfigs(): readonly string[] {
  return [join(folder, '.kube', 'config'), join(folder, 'of-the-environment.yaml')];
}

function startSlipway(home: string, ...args: readonly string[]): Start {
  return startSlipwayWith({}, home, args);
}

function startSlipwayWith(env: Readonly<Record<string, string>>, home: string, args: readonly string[]): Start {
  const [, kubeconfig = ''] = kubeconfigs();
  const child = spawn(process.execPath, [startScript, '--color=never', ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      SLIPWAY_CACHE: process.env['SLIPWAY_CACHE'],
      XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
      KUBECONFIG: kubeconfig,
      SLIPWAY_HOME: home,
      INIT_CWD: folder,
      ...env,
    },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the process did not start');
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  }
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  child.once('close', (code) => resolve(code));
  onTestFinished(async () => {
    if (isAlive(pid)) process.kill(pid, 'SIGTERM');
    await ended;
  });
  const interrupt = (): Promise<number | null> => {
    process.kill(-pid, 'SIGINT');
    return ended;
  };
  return { pid, output: () => chunks.join(''), ended, interrupt };
}

/** Waits until it serves, which it says with its addresses. */
async function serving(start: Start) {
  const failed = start.ended.then((code) => {
    throw new Error(`it ended with ${code}:\n${start.output()}`);
  });
  await Promise.race([until(() => start.output().includes('Ctrl-C stops what was started here')), failed]);
}

async function readRunning(home: string) {
  return runningSchema.parse(JSON.parse(await readFile(join(home, 'run', 'slipway.json'), 'utf8')));
}

async function apiOf(home: string) {
  const token = (await readFile(join(home, 'token'), 'utf8')).trim();
  return createApiClient((await readRunning(home)).server, token);
}

async function deploymentsOf(home: string) {
  const { items } = deploymentsSchema.parse(await (await apiOf(home)).get('/v1/deployments'));
  return Object.fromEntries(items.map(({ designName, state }) => [designName, state]));
}

type Process = { readonly pid: number; readonly parent: number; readonly command: string };

async function processes(): Promise<readonly Process[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,command='], { maxBuffer: 16_000_000 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command: command ?? '' }];
  });
}

async function childrenOf(pid: number): Promise<readonly Process[]> {
  return (await processes()).filter(({ parent }) => parent === pid);
}

async function childOf(pid: number, script: string): Promise<number> {
  const found = (await childrenOf(pid)).find(({ command }) => command.endsWith(script));
  if (found === undefined) throw new Error(`no ${script} runs`);
  return found.pid;
}

/** The ports that a running Slipway listens on. */
async function portsOf(home: string): Promise<readonly number[]> {
  const { server, temporal, kubeconfig } = await readRunning(home);
  const cluster = flattenKubeconfig(await readFile(kubeconfig, 'utf8'), { trusted: true });
  return [server, `http://${temporal}`, cluster.server].map((url) => Number(new URL(url).port));
}

async function expectAllGone(started: readonly Process[], ports: readonly number[]): Promise<void> {
  expect(started.filter(({ pid }) => isAlive(pid))).toEqual([]);
  expect(await Promise.all(ports.map(isPortFree))).toEqual(ports.map(() => true));
}

async function expectKubeconfigsUntouched(): Promise<void> {
  for (const file of kubeconfigs()) expect(await readFile(file, 'utf8')).toBe(marker);
  expect(await readdir(join(folder, '.kube'))).toEqual(['config']);
}

test('everything comes up and serves, is kept running, stops with Ctrl-C, and is there again after the next start', async () => {
  const home = join(await temporaryFolder(), 'home');
  const first = startSlipway(home);
  await serving(first);
  const { server } = await readRunning(home);
  for (const address of [server, `${server}/docs`]) expect(first.output()).toContain(address);
  expect(first.output()).toMatch(/Temporal UI.+http:/);
  expect(first.output()).toContain('simulated by kwok');
  expect(await deploymentsOf(home)).toEqual({ shop: 'live' });
  expect((await stat(join(home, 'token'))).mode & 0o777).toBe(0o600);

  const killed = await Promise.all(['api/main.ts', 'worker/main.ts'].map((script) => childOf(first.pid, script)));
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  for (const name of ['api', 'worker']) {
    await until(() => new RegExp(`^${name} runs again`, 'm').test(first.output()));
  }

  const second = startSlipway(home);
  expect(await second.ended).toBe(0);
  expect(second.output()).toContain(`Slipway already runs here: process ${first.pid}, ${server}`);
  expect(await deploymentsOf(home)).toEqual({ shop: 'live' });

  const [started, ports] = [await childrenOf(first.pid), await portsOf(home)];
  expect(started.length).toBeGreaterThanOrEqual(7);
  expect(await first.interrupt()).toBe(0);
  expect(first.output()).toContain('everything that was started is stopped; the data stays');
  await expectAllGone(started, ports);
  expect(await readdir(join(home, 'run'))).not.toContain('slipway.json');

  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mine', namespace: 'default' } };
  await writeFile(join(folder, 'my-design.yaml'), JSON.stringify(object));
  const third = startSlipway(home, 'my-design.yaml');
  await serving(third);
  expect(await deploymentsOf(home)).toEqual({ shop: 'live', 'my-design': 'live' });
  const [startedAgain, portsAgain] = [await childrenOf(third.pid), await portsOf(home)];
  expect(await third.interrupt()).toBe(0);
  await expectAllGone(startedAgain, portsAgain);
  await expectKubeconfigsUntouched();
});

test('--once deploys, takes out, proves that nothing is left, and ends everything that it started', async () => {
  const home = join(await temporaryFolder(), 'home');
  const start = startSlipway(home, '--once');
  const seen = new Map<number, Process>();
  while (isAlive(start.pid)) {
    for (const child of await childrenOf(start.pid)) seen.set(child.pid, child);
    await Promise.race([sleep(1_000), start.ended]);
  }
  expect(await start.ended, start.output()).toBe(0);
  expect(start.output()).toMatch(/verified: live, \d+ objects ready/);
  expect(start.output()).toContain('proved: nothing is left in the cluster');
  expect(seen.size).toBeGreaterThanOrEqual(7);
  await expectAllGone([...seen.values()], []);
  await expectKubeconfigsUntouched();
});

test('Ctrl-C while it starts stops what has been started so far', async () => {
  const home = join(await temporaryFolder(), 'home');
  const start = startSlipway(home);
  const seen = new Map<number, Process>();
  await until(async () => {
    for (const child of await childrenOf(start.pid)) seen.set(child.pid, child);
    return seen.size > 1;
  });
  expect(await start.interrupt()).not.toBe(0);
  await expectAllGone([...seen.values()], []);
  await expectKubeconfigsUntouched();
});

test('a cluster that was named and does not answer ends the start with what to do, before anything runs', async () => {
  const path = await temporaryFolder();
  const cluster = { server: 'https://127.0.0.1:1' };
  const kubeconfig = {
    'current-context': 'away',
    contexts: [{ name: 'away', context: { cluster: 'away', user: 'me' } }],
    clusters: [{ name: 'away', cluster }],
    users: [{ name: 'me', user: { token: 'x' } }],
  };
  await writeFile(join(path, 'away.yaml'), JSON.stringify(kubeconfig));
  const start = startSlipway(join(path, 'home'), '--once', '--kubeconfig', join(path, 'away.yaml'));
  expect(await start.ended).not.toBe(0);
  expect(start.output()).toMatch(/error: no answer from https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  expect(start.output()).toMatch(/fix: .*away\.yaml/);
  expect(start.output()).not.toContain('✔');
});

test('a Temporal server that was named and does not answer ends the start with what to do, before anything runs', async () => {
  const home = join(await temporaryFolder(), 'home');
  const start = startSlipwayWith({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, home, ['--once']);
  expect(await start.ended).not.toBe(0);
  expect(start.output()).toMatch(/error: .*127\.0\.0\.1:1/);
  expect(start.output()).toContain('TEMPORAL_ADDRESS');
  expect(start.output()).not.toContain('✔');
});
