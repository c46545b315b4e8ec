import { join } from 'node:path';
import { superviseProcess } from '../../infra/runtime/process.ts';

/** Supervises a process that ignores SIGTERM, tells its id, and waits to be killed by the test. */
const folder = process.argv[2] ?? '';
const supervised = superviseProcess({
  name: 'stubborn',
  command: '/bin/sh',
  args: ['-c', 'trap "" TERM; sleep 300 & echo $! > sleeper.pid; while true; do sleep 1; done'],
  environment: { PATH: '/usr/bin:/bin' },
  folder,
  logFile: join(folder, 'stubborn.log'),
  isReady: () => Promise.resolve(true),
  readyMs: 1000,
  graceMs: 1000,
  onUnexpectedExit: () => {},
});
await supervised.start();
process.stdout.write(`${supervised.pid()}\n`);
