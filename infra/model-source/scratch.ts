import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../runtime/is-alive.ts';
import { makePrivateFolder } from '../runtime/private-file.ts';

/** No work lasts as long: after that a folder of another machine, whose processes cannot be seen, counts as left behind. */
const strangersMs = 24 * 60 * 60 * 1_000;

/** A private folder for one piece of work. */
export type Scratch = {
  /** The folder's path; everything in it is removed when the work ends. */
  readonly folder: string;
  /** A path in the folder at which nothing is yet. */
  readonly newPath: () => string;
};

/** Gives `work` a private folder below `<home>/scratch` and removes it with all that is in it, whatever happens. */
export async function withScratch<T>(home: string, name: string, work: (scratch: Scratch) => Promise<T>): Promise<T> {
  const parent = scratchFolder(home);
  await makePrivateFolder(parent);
  const owner = [word(hostname()), process.pid, (await startOf(process.pid)) ?? '', word(name)].join('.');
  const folder = await mkdtemp(join(parent, `${owner}.`));
  let paths = 0;
  const newPath = (): string => {
    paths += 1;
    return join(folder, String(paths));
  };
  try {
    return await work({ folder, newPath });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes the folders of processes that ended without removing theirs. */
export async function sweepScratch(home: string): Promise<void> {
  const parent = scratchFolder(home);
  for (const name of await namesIn(parent)) {
    const folder = join(parent, name);
    if (await isLeftBehind(folder, name)) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function scratchFolder(home: string): string {
  return join(home, 'scratch');
}

/** A folder's name says its machine, its process and when that started: `<host>.<pid>.<start>.<name>.<random>`. */
async function isLeftBehind(folder: string, name: string): Promise<boolean> {
  const [host, pid, start] = name.split('.');
  if (host !== word(hostname())) return Date.now() - (await changedAt(folder)) > strangersMs;
  const running = Number(pid) > 0 && isAlive(Number(pid));
  return !running || ((await startOf(Number(pid))) ?? '') !== start;
}

/** When a process started, in ticks since the machine did, which tells it from a later one of the same id; Linux only. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const afterName = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '');
    return afterName.split(' ')[19];
  } catch {
    return undefined;
  }
}

async function changedAt(folder: string): Promise<number> {
  try {
    return (await stat(folder)).mtimeMs;
  } catch {
    return Date.now();
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function word(text: string): string {
  return text.replaceAll(/[^a-zA-Z0-9]+/g, '_').slice(0, 40);
}
