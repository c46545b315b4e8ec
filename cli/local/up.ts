import { spawn } from 'node:child_process';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../domain/errors.ts';
import { isAlive } from '../../infra/runtime/is-alive.ts';
import { readLockOwner } from '../../infra/runtime/process-lock.ts';
import { openStateDirectory, stateHome } from '../../infra/runtime/state-directory.ts';
import type { StateDirectory } from '../../infra/runtime/state-directory.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { addressLines } from './addresses.ts';
import { readRunning } from './running.ts';
import type { Running } from './running.ts';

const pollMs = 100;
const stopPatienceMs = 90_000;
const startScript = join(import.meta.dirname, '..', 'start.ts');

type UpCall = Invocation<{ readonly kubeconfig?: string | undefined; readonly kubeContext?: string | undefined }>;

/** Starts the local Slipway in the background, shows its log until it is ready, and leaves it running. */
export async function up(call: UpCall): Promise<ExitCode> {
  const state = await openStateDirectory(stateHome(call.shell.env));
  const there = await readRunning(call.shell.env, join(state.run, 'lock'));
  if (there !== undefined) call.say(`Slipway runs already: process ${there.pid}`);
  await printRunning(call, there ?? (await startInBackground(call, state)));
  return exitCodes.ok;
}

/** Stops the local Slipway and waits until it is gone. */
export async function down({ shell, say }: Invocation<unknown>): Promise<ExitCode> {
  const home = stateHome(shell.env);
  const owner = await readLockOwner(join(home, 'run', 'lock'));
  if (owner === undefined || !isAlive(owner.pid)) {
    say(`no Slipway runs on ${home}`);
    return exitCodes.ok;
  }
  process.kill(owner.pid, 'SIGTERM');
  const deadlineMs = Date.now() + stopPatienceMs;
  while (isAlive(owner.pid)) {
    if (Date.now() > deadlineMs) {
      throw new SlipwayError('timedOut', `process ${owner.pid} has not stopped`, { fix: `kill -KILL ${owner.pid}` });
    }
    await sleep(pollMs, undefined, { signal: shell.interrupted });
  }
  say(`process ${owner.pid} and all that it started have stopped; the data in ${home} stays`);
  return exitCodes.ok;
}

async function printRunning({ printer }: UpCall, running: Running): Promise<void> {
  if (!printer.isForPeople) return printer.data(running);
  printer.lines(addressLines(running, { paint: printer.paint, stop: 'slipway down stops it; the data stays.' }));
}

async function startInBackground(call: UpCall, state: StateDirectory): Promise<Running> {
  const { kubeconfig, kubeContext } = call.flags;
  const logFile = join(state.logs, 'slipway.log');
  const args = [
    '--no-deploy',
    '--color=never',
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(kubeContext === undefined ? [] : ['--context', kubeContext]),
  ];
  await mkdir(state.logs, { recursive: true, mode: 0o700 });
  const log = await open(logFile, 'a', 0o600);
  const readFrom = (await stat(logFile)).size;
  try {
    const child = spawn(process.execPath, [startScript, ...args], {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...call.shell.env, INIT_CWD: process.cwd(), CI: '1' },
    });
    child.unref();
    return await untilReady(call, { state, logFile, readFrom, hasEnded: () => child.exitCode !== null });
  } finally {
    await log.close();
  }
}

type Starting = {
  readonly state: StateDirectory;
  readonly logFile: string;
  readonly readFrom: number;
  readonly hasEnded: () => boolean;
};

async function untilReady(call: UpCall, starting: Starting): Promise<Running> {
  let position = starting.readFrom;
  for (;;) {
    const running = await readRunning(call.shell.env, join(starting.state.run, 'lock'));
    const ended = starting.hasEnded();
    position = await copyLog(call, starting.logFile, position);
    if (running !== undefined) return running;
    if (ended) {
      throw new SlipwayError('failed', 'Slipway could not be started', {
        fix: `the lines above, or ${starting.logFile}`,
      });
    }
    await sleep(pollMs, undefined, { signal: call.shell.interrupted });
  }
}

/** Shows what the log has got since `position`, and gives the new one. */
async function copyLog({ shell }: UpCall, file: string, position: number): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - position));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead > 0) shell.stderr.write(buffer.subarray(0, bytesRead).toString('utf8'));
    return position + bytesRead;
  } finally {
    await handle.close();
  }
}
