import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { SlipwayError } from '../../domain/errors.ts';
import { waitForLock } from './process-lock.ts';
import { checkProgram } from './provision/check-program.ts';
import { downloadProgram } from './provision/download.ts';
import { buildProgram } from './provision/go-build.ts';
import { programs, type Program, type ProgramName } from './provision/program.ts';
import { cacheEntry, cacheFolder, fillCache, readCached, type CacheEntry } from './provision/program-cache.ts';

export type ProvisionOptions = {
  /** The environment of this process: the user's choices, PATH, proxies, Go's settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told in one line what is done, by which road, and for how long. */
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
};

/** Gives the path of a program that Slipway runs. See `provisionProgram`. */
export function provision(name: ProgramName, options: ProvisionOptions): Promise<string> {
  return provisionProgram(programs[name], options);
}

/**
 * Gives the path of a program, by the first of these roads that leads to one: what the user named in the environment,
 * PATH, the cache, the project's download, a build from pinned sources. Throws `unavailable` with what each road said.
 */
export async function provisionProgram(program: Program, options: ProvisionOptions): Promise<string> {
  const say = (line: string): void => options.onProgress(`${program.name}: ${line}`);
  const tell = { ...options, onProgress: say };
  return (
    (await givenProgram(program, tell)) ?? (await programOnPath(program, tell)) ?? (await cachedProgram(program, tell))
  );
}

/** A program that the user named is used or refused, never passed over in silence. */
async function givenProgram(program: Program, options: ProvisionOptions): Promise<string | undefined> {
  const path = options.environment[program.environmentVariable];
  if (path === undefined || path === '') {
    return undefined;
  }
  const version = await checkProgram(program, path).catch((cause: unknown) => {
    throw new SlipwayError('invalid', `${program.environmentVariable} names no usable ${program.name}: ${path}`, {
      cause,
      fix: `Set ${program.environmentVariable} to ${program.name} ${program.minimumVersion} or newer, or unset it.`,
    });
  });
  options.onProgress(`${version} from ${program.environmentVariable} (${path})`);
  return path;
}

async function programOnPath(program: Program, options: ProvisionOptions): Promise<string | undefined> {
  for (const folder of (options.environment['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(folder, program.name);
    if (!(await isExecutable(path))) {
      continue;
    }
    try {
      options.onProgress(`${await checkProgram(program, path)} on PATH (${path})`);
      return path;
    } catch (error) {
      options.onProgress(`${messageOf(error)}; looking further`);
    }
  }
  return undefined;
}

async function cachedProgram(program: Program, options: ProvisionOptions): Promise<string> {
  const entry = await cacheEntry(cacheFolder(options.environment), program);
  if ((await readCached(entry)) !== undefined) {
    return entry.path;
  }
  try {
    await fillUnderLock(program, entry, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw asFailure(error, entry);
  }
  return entry.path;
}

/** Only one process makes a program; the others wait for it and find it made. */
async function fillUnderLock(program: Program, entry: CacheEntry, options: ProvisionOptions): Promise<void> {
  const lock = await waitForLock({
    file: entry.lockFile,
    note: `provisions ${program.name} ${program.version}`,
    onBusy: (owner) => options.onProgress(`waiting for process ${owner?.pid ?? '?'}, which provisions it`),
    signal: options.signal,
  });
  try {
    if ((await readCached(entry)) === undefined) {
      await makeProgram(program, entry, options);
    }
  } finally {
    await lock.release();
  }
}

type Road = { readonly name: string; readonly make: (draft: string) => Promise<void> };

async function makeProgram(program: Program, entry: CacheEntry, options: ProvisionOptions): Promise<void> {
  const failures: SlipwayError[] = [];
  const roads = roadsTo(program, options);
  for (const [index, road] of roads.entries()) {
    const startedAt = Date.now();
    options.onProgress(`${road.name} of ${program.version}`);
    try {
      await fillCache(entry, { source: road.name, make: road.make, check: (draft) => checkProgram(program, draft) });
      options.onProgress(`ready by ${road.name} in ${Math.round((Date.now() - startedAt) / 1000)} s`);
      return;
    } catch (error) {
      options.signal?.throwIfAborted();
      const failure = asFailure(error, entry);
      failures.push(failure);
      const next = roads[index + 1];
      options.onProgress(`${road.name} failed: ${failure.message}${next === undefined ? '' : `; next: ${next.name}`}`);
    }
  }
  throw provisionFailure(program, failures);
}

function roadsTo(program: Program, options: ProvisionOptions): readonly Road[] {
  const { release } = program;
  const mirror = options.environment['SLIPWAY_DOWNLOAD_MIRROR'];
  const build: Road = { name: 'go build', make: (draft) => buildProgram(program, draft, options) };
  return release === undefined
    ? [build]
    : [{ name: 'download', make: (draft) => downloadProgram(release, draft, { ...options, mirror }) }, build];
}

function provisionFailure(program: Program, failures: readonly SlipwayError[]): SlipwayError {
  const fixes = failures.flatMap((failure) => failure.fix ?? []);
  const given = `Or put ${program.name} ${program.minimumVersion} or newer on PATH or into ${program.environmentVariable}.`;
  return new SlipwayError(
    'unavailable',
    `${program.name} could not be provided: ${failures.map((failure) => failure.message).join('; ')}`,
    { cause: failures.at(-1), fix: [...fixes, given].join(' ') },
  );
}

const fullDiskCodes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];
const refusedFolderCodes: readonly unknown[] = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'];

/** What the system refuses is a failure of the road; anything else unexpected is a bug and goes on as it is. */
function asFailure(error: unknown, entry: CacheEntry): SlipwayError {
  if (error instanceof SlipwayError) {
    return error;
  }
  if (!(error instanceof Error && 'code' in error)) {
    throw error;
  }
  if (fullDiskCodes.includes(error.code)) {
    const fix = `Free space on the disk of ${entry.folder}, or set SLIPWAY_CACHE to a folder on another one.`;
    return new SlipwayError('unavailable', error.message, { cause: error, fix });
  }
  if (refusedFolderCodes.includes(error.code)) {
    const fix = `Make ${entry.folder} a folder that this user can write, or set SLIPWAY_CACHE to another one.`;
    return new SlipwayError('unavailable', error.message, { cause: error, fix });
  }
  return new SlipwayError('unavailable', error.message, { cause: error });
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
