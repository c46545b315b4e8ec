import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { watchMemory } from '../../../infra/design-source/watch-memory.ts';

function start(script: string) {
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, pid: child.pid ?? 0 };
}

test.runIf(existsSync('/proc/self/status'))('a process that keeps too much in memory is told of once', async () => {
  const { child, pid } = start('globalThis.kept = Buffer.alloc(300_000_000, 1); setInterval(() => {}, 1000)');
  let told = 0;
  const onExceeded = (): void => {
    told += 1;
    child.kill('SIGKILL');
  };
  watchMemory({ pid, maximumBytes: 200_000_000, onExceeded });
  await once(child, 'exit');
  expect(told).toBe(1);
});

test('a process that ends, and one that keeps little, are not told of', async () => {
  const { child, pid } = start('setTimeout(() => {}, 300)');
  let told = 0;
  const stop = watchMemory({ pid, maximumBytes: 4_000_000_000, onExceeded: () => void (told += 1) });
  await once(child, 'exit');
  stop();
  expect(told).toBe(0);
});
