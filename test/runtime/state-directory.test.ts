import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { lockStateDirectory, openStateDirectory, stateHome } from '../../infra/runtime/state-directory.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Starts a process that holds the lock of a state directory. */
async function holdLock(file: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('lock-child.ts', import.meta.url)), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = await once(child.stdout, 'data');
  expect(String(line)).toBe('locked\n');
  return child;
}

test('only its user can enter a state directory', async () => {
  const state = await openStateDirectory(join(await temporaryFolder(), 'home'));
  const modes = await Promise.all(
    [state.home, state.run, state.data, state.logs].map(async (folder) => (await stat(folder)).mode & 0o777),
  );
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o700]);
});

test('SLIPWAY_HOME names the state directory, and an empty one does not', () => {
  expect(stateHome({ SLIPWAY_HOME: '/srv/slipway' })).toBe('/srv/slipway');
  expect(stateHome({ SLIPWAY_HOME: '' })).toMatch(/\/\.slipway$/u);
});

test('a second Slipway on the same state directory is told which process runs and where it serves', async () => {
  const state = await openStateDirectory(await temporaryFolder());
  const owner = await holdLock(join(state.run, 'lock'));
  await expect(lockStateDirectory(state, 'me too')).rejects.toMatchObject({
    code: 'conflict',
    details: { pid: owner.pid, note: 'serves on http://127.0.0.1:20001' },
  });
});

test('the lock of a killed process is free at once', async () => {
  const state = await openStateDirectory(await temporaryFolder());
  const owner = await holdLock(join(state.run, 'lock'));
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const lock = await lockStateDirectory(state, 'after a crash');
  await lock.release();
});

test('a released lock can be taken again', async () => {
  const state = await openStateDirectory(await temporaryFolder());
  await (await lockStateDirectory(state, 'first')).release();
  const second = await lockStateDirectory(state, 'second');
  await expect(lockStateDirectory(state, 'third')).rejects.toThrow('second');
  await second.release();
});
