import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../domain/errors.ts';
import { signalGroup, spawnGuarded, type GuardedChild } from './guarded-child.ts';
import { makePrivateFolder } from './private-file.ts';

const readyPollMs = 50;
const logBytesMax = 20_000_000;
const lastLogLines = 5;

/** How a program is run: where, with what, and how it shows that it is ready. */
export type ProcessSpecification = {
  /** What people call it, as in "kube-apiserver". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly logFile: string;
  /** Asked again and again after the start until it gives true; an error counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
  readonly readyMs: number;
  /** Time between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Told when the program ends without having been stopped. */
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
};

export type UnexpectedExit = {
  readonly name: string;
  readonly how: string;
  readonly logFile: string;
};

/** A program that can be started, stopped, killed and started again in the same place. */
export type SupervisedProcess = {
  readonly name: string;
  readonly logFile: string;
  /** The process id while it runs. */
  readonly pid: () => number | undefined;
  /** Starts it and waits until it is ready; does nothing when it runs. Throws `unavailable` with its last log lines. */
  readonly start: () => Promise<void>;
  /** Ends it in order: SIGTERM, then SIGKILL after the grace time. */
  readonly stop: () => Promise<void>;
  /** Ends it at once by SIGKILL, as a crash would. */
  readonly kill: () => Promise<void>;
};

type Running = {
  readonly pid: number;
  /** How it ended. */
  readonly ended: Promise<string>;
  /** Whether an end from now on is a surprise to be reported. */
  readonly reportEnd: (report: boolean) => void;
  /** Length of the log when it was started, in bytes. */
  readonly logFrom: number;
};

/** Sets up a program under supervision without starting it. It dies with this process, however this process ends. */
export function superviseProcess(specification: ProcessSpecification): SupervisedProcess {
  let running: Running | undefined;

  const start = async (): Promise<void> => {
    if (running !== undefined) {
      return;
    }
    const started = await launch(specification);
    running = started;
    void started.ended.then(() => {
      running = running === started ? undefined : running;
    });
    try {
      await waitUntilReady(specification, started);
      started.reportEnd(true);
    } catch (error) {
      await end(started, 'SIGKILL', 0);
      throw error;
    }
  };

  return {
    name: specification.name,
    logFile: specification.logFile,
    pid: () => running?.pid,
    start,
    stop: () => end(running, 'SIGTERM', specification.graceMs),
    kill: () => end(running, 'SIGKILL', 0),
  };
}

async function launch(specification: ProcessSpecification): Promise<Running> {
  await makePrivateFolder(specification.folder);
  const log = await openLog(specification.logFile);
  try {
    const { size: logFrom } = await log.stat();
    return { ...track(spawnGuarded({ ...specification, output: log.fd }), specification), logFrom };
  } finally {
    await log.close();
  }
}

function track(
  child: GuardedChild,
  { name, logFile, onUnexpectedExit }: ProcessSpecification,
): Omit<Running, 'logFrom'> {
  let report = false;
  const ended = child.ended.then(({ code, signal }) => {
    const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
    if (report) {
      onUnexpectedExit({ name, how, logFile });
    }
    return how;
  });
  return {
    pid: child.pid,
    ended,
    reportEnd: (wanted) => {
      report = wanted;
    },
  };
}

async function waitUntilReady(specification: ProcessSpecification, running: Running): Promise<void> {
  const deadline = Date.now() + specification.readyMs;
  let exit: string | undefined;
  void running.ended.then((how) => {
    exit = how;
  });
  while (!(await specification.isReady().catch(() => false))) {
    if (exit !== undefined || Date.now() > deadline) {
      throw await startFailure(specification, exit, running.logFrom);
    }
    await Promise.race([sleep(readyPollMs), running.ended]);
  }
}

async function startFailure(
  specification: ProcessSpecification,
  exit: string | undefined,
  logFrom: number,
): Promise<SlipwayError> {
  const how = exit === undefined ? `was not ready after ${specification.readyMs / 1000} s` : `${exit} while it started`;
  const lines = await readLastLines(specification.logFile, logFrom);
  return new SlipwayError('unavailable', `${specification.name} ${how}${lines === '' ? '' : `:\n${lines}`}`, {
    fix: `Read ${specification.logFile}.`,
  });
}

async function end(running: Running | undefined, signal: 'SIGTERM' | 'SIGKILL', graceMs: number): Promise<void> {
  if (running === undefined) {
    return;
  }
  running.reportEnd(false);
  signalGroup(running.pid, signal);
  const timer = setTimeout(() => signalGroup(running.pid, 'SIGKILL'), graceMs);
  await running.ended;
  clearTimeout(timer);
}

async function openLog(file: string): Promise<Awaited<ReturnType<typeof open>>> {
  await makePrivateFolder(dirname(file));
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size > logBytesMax) {
    await rename(file, `${file}.1`);
  }
  return open(file, 'a', 0o600);
}

/** The last lines of a log that came after its first `from` bytes. */
async function readLastLines(file: string, from: number): Promise<string> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  return bytes.subarray(from).toString('utf8').trimEnd().split('\n').slice(-lastLogLines).join('\n');
}
