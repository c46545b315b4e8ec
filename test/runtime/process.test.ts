import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { superviseProcess, type SupervisedProcess, type UnexpectedExit } from '../../infra/runtime/process.ts';
import { isAlive, pidIn, until } from './process-probe.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Shell = { readonly supervised: SupervisedProcess; readonly exits: readonly UnexpectedExit[] };

/** Supervises a shell script that is ready when it has made the file `ready`. */
function superviseShell(folder: string, script: string, readyMs = 60_000): Shell {
  const exits: UnexpectedExit[] = [];
  const supervised = superviseProcess({
    name: 'shell',
    command: '/bin/sh',
    args: ['-c', script],
    environment: { PATH: '/usr/bin:/bin' },
    folder,
    logFile: join(folder, 'shell.log'),
    isReady: () => Promise.resolve(existsSync(join(folder, 'ready'))),
    readyMs,
    graceMs: 500,
    onUnexpectedExit: (exit) => exits.push(exit),
  });
  return { supervised, exits };
}

test('a process is started until it is ready, writes its log for its user only, and is stopped', async () => {
  const folder = await temporaryFolder();
  const { supervised, exits } = superviseShell(folder, 'echo hello; echo $$ > ready; exec sleep 300');
  await supervised.start();
  const pid = await pidIn(join(folder, 'ready'));
  expect(supervised.pid()).toBe(pid);
  await supervised.stop();
  expect(isAlive(pid)).toBe(false);
  expect(supervised.pid()).toBeUndefined();
  expect(exits).toEqual([]);
  expect(await readFile(supervised.logFile, 'utf8')).toBe('hello\n');
  expect((await stat(supervised.logFile)).mode & 0o777).toBe(0o600);
});

test('a process that ignores SIGTERM is killed after the grace time', async () => {
  const folder = await temporaryFolder();
  const { supervised } = superviseShell(folder, 'trap "" TERM; echo $$ > ready; while true; do sleep 1; done');
  await supervised.start();
  const pid = await pidIn(join(folder, 'ready'));
  await supervised.stop();
  expect(isAlive(pid)).toBe(false);
});

test('a killed process can be started again', async () => {
  const folder = await temporaryFolder();
  const { supervised, exits } = superviseShell(folder, 'echo $$ > ready; exec sleep 300');
  await supervised.start();
  const first = supervised.pid();
  await supervised.kill();
  await supervised.start();
  expect(supervised.pid()).not.toBe(first);
  expect(exits).toEqual([]);
  await supervised.stop();
});

test('a process that ends by itself is reported with how it ended', async () => {
  const folder = await temporaryFolder();
  const { supervised, exits } = superviseShell(folder, 'touch ready; sleep 0.3; exit 7');
  await supervised.start();
  await until(() => exits.length > 0);
  expect(exits).toEqual([{ name: 'shell', how: 'ended with code 7', logFile: supervised.logFile }]);
  await expect(supervised.stop()).resolves.toBeUndefined();
});

test('a process that ends before it is ready gives its last log lines, and none of an earlier run', async () => {
  const { supervised, exits } = superviseShell(await temporaryFolder(), 'echo "address already in use" >&2; exit 1');
  await mkdir(dirname(supervised.logFile), { recursive: true });
  await writeFile(supervised.logFile, 'stopped as asked, yesterday\n');
  await expect(supervised.start()).rejects.toThrow(
    /shell ended with code 1 while it started:\naddress already in use/u,
  );
  expect(exits).toEqual([]);
});

test('a process that is not ready in time is ended', async () => {
  const folder = await temporaryFolder();
  const { supervised } = superviseShell(folder, 'echo $$ > pid; exec sleep 300', 500);
  await expect(supervised.start()).rejects.toThrow('was not ready after 0.5 s');
  expect(isAlive(await pidIn(join(folder, 'pid')))).toBe(false);
});

test('a program that does not exist is a failed start', async () => {
  const folder = await temporaryFolder();
  const supervised = superviseProcess({
    name: 'ghost',
    command: join(folder, 'ghost'),
    args: [],
    environment: {},
    folder,
    logFile: join(folder, 'ghost.log'),
    isReady: () => Promise.resolve(false),
    readyMs: 10_000,
    graceMs: 500,
    onUnexpectedExit: () => {},
  });
  await expect(supervised.start()).rejects.toThrow('ended with code 127');
});

test('what a process started dies with us, even when we are killed and it ignores SIGTERM', async () => {
  const folder = await temporaryFolder();
  const parent = spawn(process.execPath, [fileURLToPath(new URL('supervising-child.ts', import.meta.url)), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const pid = Number(String(line));
  const sleeper = await pidIn(join(folder, 'sleeper.pid'));
  expect([isAlive(pid), isAlive(sleeper)]).toEqual([true, true]);
  parent.kill('SIGKILL');
  await until(() => !isAlive(pid) && !isAlive(sleeper));
  expect([isAlive(pid), isAlive(sleeper)]).toEqual([false, false]);
});
