import { createHash, randomUUID } from 'node:crypto';
import { chmod, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOfFile } from '../../digest.ts';
import { makePrivateFolder, writePrivateFile } from '../private-file.ts';
import type { Program } from './program.ts';

const hashDigits = 12;
const draftPrefix = '.draft-';

const programRecord = z.object({ sha256: z.string(), source: z.string(), version: z.string() });

/** What is known of a program in the cache: the hash of its file, where it came from, the version that it tells. */
export type ProgramRecord = Readonly<z.infer<typeof programRecord>>;

/** The place of one program in the cache, for one version, one set of sources and one kind of machine. */
export type CacheEntry = { readonly folder: string; readonly path: string; readonly lockFile: string };

/** Where programs are kept for all of this user's Slipways: `SLIPWAY_CACHE`, else below the XDG cache folder. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const { SLIPWAY_CACHE: own, XDG_CACHE_HOME: shared } = environment;
  return own === undefined || own === '' ? join(shared || join(homedir(), '.cache'), 'slipway') : own;
}

/** Finds the place of a program: changed sources give another place, so an old build is never taken for a new one. */
export async function cacheEntry(cache: string, program: Program): Promise<CacheEntry> {
  const hash = createHash('sha256').update(JSON.stringify(program.module.package + program.module.linkerFlags));
  for (const file of (await readdir(program.module.folder)).toSorted()) {
    hash.update(file).update(await readFile(join(program.module.folder, file)));
  }
  const key = `${program.version}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, hashDigits)}`;
  const folder = join(cache, 'programs', program.name, key);
  return { folder, path: join(folder, program.name), lockFile: join(folder, 'lock') };
}

/** Gives the program's record when its file is whole; undefined when there is none or its bytes are not those recorded. */
export async function readCached(entry: CacheEntry): Promise<ProgramRecord | undefined> {
  try {
    const record = programRecord.parse(JSON.parse(await readFile(recordFile(entry), 'utf8')));
    return (await digestOfFile(entry.path)) === record.sha256 ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lets `make` write a draft beside the program, checks it by `check`, and puts it in its place in one step, so that no
 * half of one is ever found there. Whatever an interrupted earlier attempt left is removed first.
 */
export async function fillCache(
  entry: CacheEntry,
  fill: {
    readonly source: string;
    readonly make: (draft: string) => Promise<void>;
    readonly check: (draft: string) => Promise<string>;
  },
): Promise<ProgramRecord> {
  await makePrivateFolder(entry.folder);
  await removeDrafts(entry);
  const draftFolder = join(entry.folder, `${draftPrefix}${randomUUID()}`);
  const draft = join(draftFolder, 'program');
  try {
    await makePrivateFolder(draftFolder);
    await fill.make(draft);
    await chmod(draft, 0o700);
    const record = { version: await fill.check(draft), sha256: await digestOfFile(draft), source: fill.source };
    await syncFile(draft);
    await rename(draft, entry.path);
    await writePrivateFile(recordFile(entry), JSON.stringify(record));
    return record;
  } finally {
    await rm(draftFolder, { recursive: true, force: true });
  }
}

async function removeDrafts(entry: CacheEntry): Promise<void> {
  const drafts = (await readdir(entry.folder)).filter((name) => name.startsWith(draftPrefix));
  await Promise.all(drafts.map((name) => rm(join(entry.folder, name), { recursive: true, force: true })));
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.sync();
  await handle.close();
}

function recordFile(entry: CacheEntry): string {
  return join(entry.folder, 'program.json');
}
