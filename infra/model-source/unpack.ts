import { createReadStream } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { openPromise } from 'yauzl';
import { registryLimits } from '../../domain/registry/limits.ts';
import {
  type ArchiveEntry,
  archiveHeadBytes,
  type ArchiveKind,
  archiveKind,
  tarEntries,
  zipEntries,
} from '../design-source/archive-entries.ts';
import {
  type ArchiveAdmission,
  type ArchiveLimits,
  ArchiveRefused,
  brokenArchive,
  createAdmission,
  tooLarge,
} from '../design-source/archive-files.ts';
import { imageLayers, missingLayer } from '../design-source/image-archive.ts';
import { type KeptPlace, openStore, readKept } from './file-store.ts';
import { peek } from './peek.ts';
import type { Scratch } from './scratch.ts';
import { type SourceFile, sourceTree, type SourceTree } from './source-tree.ts';

export type PackedSource = {
  /** The packed file's path on disk. */
  readonly file: string;
  /** What it is called, for messages and for a file that is no archive. */
  readonly name: string;
};

export type UnpackOptions = {
  /** Where unpacked files are kept, under numbers: no path of an archive becomes a path on disk. */
  readonly scratch: Scratch;
  readonly limits?: ArchiveLimits;
  readonly signal?: AbortSignal | undefined;
};

/** A file of the tree, where it is kept, and what kind of archive it is. */
type KeptFile = SourceFile & KeptPlace & { readonly kind?: ArchiveKind | undefined };
type Kept = ReadonlyMap<string, KeptFile>;

/** What one unpacking shares with the archives in the archive: all of them together keep within its limits. */
type Unpacking = Required<Pick<UnpackOptions, 'scratch' | 'limits'>> & {
  readonly signal: AbortSignal | undefined;
  readonly admission: ArchiveAdmission;
};

/**
 * The files of a packed source: a tar, tar.gz or zip, told by its bytes; any other file is a tree of one. An archive in the archive is a
 * file of the tree and, up to a depth, a folder of its name with its files below; of a container image the tree has the files of
 * the layers. Memory holds one file at a time. Throws ArchiveRefused (SlipwayError `invalid`) for what is hostile, broken or too large.
 */
export async function unpackInto(source: PackedSource, options: UnpackOptions): Promise<SourceTree> {
  const { scratch, limits = registryLimits, signal } = options;
  const { size } = await stat(source.file);
  if (size > limits.sourceBytes)
    throw tooLarge(`The file has ${size} bytes; at most ${limits.sourceBytes} are accepted.`);
  const unpacking = { scratch, limits, signal, admission: createAdmission(size, limits) };
  const kept = await unpackArchive(source, unpacking, limits.archiveDepth);
  return sourceTree((kept ?? singleFile(source, size)).values(), async (file) => readKept(file));
}

function singleFile({ file, name }: PackedSource, size: number): Kept {
  if (size > registryLimits.fileBytes)
    throw tooLarge(
      `The file has ${size} bytes; at most ${registryLimits.fileBytes} are read of a file that is no archive.`,
    );
  const path = baseName(name) || 'file';
  return new Map([[path, { path, size, file, offset: 0 }]]);
}

/** The files of an archive and of those in it, or undefined for any other file. */
async function unpackArchive(source: PackedSource, unpacking: Unpacking, depth: number): Promise<Kept | undefined> {
  const kind = archiveKind(await headOf(source.file));
  if (kind === undefined) return undefined;
  const kept = await keepEntries(entriesOf(kind, source, unpacking), unpacking);
  const layers = await imageLayers(async (path) => {
    const entry = kept.get(path);
    return entry === undefined ? undefined : readKept(entry);
  });
  return layers === undefined ? withNested(kept, unpacking, depth) : unpackLayers({ kept, layers }, unpacking, depth);
}

function entriesOf(kind: ArchiveKind, source: PackedSource, unpacking: Unpacking): AsyncIterable<ArchiveEntry> {
  const { admission } = unpacking;
  if (kind === 'zip') return zipEntries(() => openPromise(source.file, { lazyEntries: true }), admission);
  if (kind === 'tar') return tarEntries(createReadStream(source.file), admission);
  return unzippedEntries(source, unpacking);
}

/** The files of a packed tar, or the one file that was packed. */
async function* unzippedEntries(
  { file, name }: PackedSource,
  { admission, limits }: Unpacking,
): AsyncGenerator<ArchiveEntry> {
  const { head, chunks } = await peek(unzipped(file, admission.allowedBytes), archiveHeadBytes);
  if (archiveKind(head) === 'tar') {
    yield* tarEntries(chunks, admission);
    return;
  }
  const content = await gather(chunks, limits.archiveEntryBytes);
  yield { path: admission.admit(baseName(name).replace(/\.gz$/, ''), content.length), content };
}

/** Counts what really comes: sizes in an archive may lie. */
async function* unzipped(file: string, allowedBytes: number): AsyncGenerator<Uint8Array> {
  const unpacked = pipeline(createReadStream(file), createGunzip(), () => undefined);
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      if (!(chunk instanceof Uint8Array)) continue;
      bytes += chunk.length;
      if (bytes > allowedBytes) throw unpacksTo(allowedBytes);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ArchiveRefused) throw error;
    throw brokenArchive(error instanceof Error ? error.message : String(error));
  }
}

async function gather(chunks: AsyncIterable<Uint8Array>, maximumBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw unpacksTo(maximumBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

async function keepEntries(entries: AsyncIterable<ArchiveEntry>, { scratch, signal }: Unpacking): Promise<Kept> {
  const kept = new Map<string, KeptFile>();
  const store = await openStore(scratch.newPath());
  try {
    for await (const { path, content } of entries) {
      signal?.throwIfAborted();
      if (kept.has(path)) throw duplicatePath(path);
      const kind = archiveKind(content);
      // An archive in the archive is opened by its path.
      const place = kind === undefined ? store.append(content) : await keepAlone(content, scratch);
      kept.set(path, { path, size: content.length, kind, ...place });
    }
    return kept;
  } finally {
    await store.close();
  }
}

async function keepAlone(content: Uint8Array, scratch: Scratch): Promise<KeptPlace> {
  const file = scratch.newPath();
  await writeFile(file, content, { flag: 'wx', mode: 0o600 });
  return { file, offset: 0 };
}

/** The kept files, and those of the archives among them. */
async function withNested(kept: Kept, unpacking: Unpacking, depth: number): Promise<Kept> {
  if (depth === 0) return kept;
  const all = new Map(kept);
  for (const nested of kept.values()) {
    const inside = isOpened(nested) ? await unpackNested(nested, unpacking, depth - 1) : [];
    for (const { path, ...file } of inside)
      all.set(`${nested.path}/${path}`, { ...file, path: `${nested.path}/${path}` });
  }
  return all;
}

/** Many formats, such as those of office programs and of Java, are zips of another name and stay closed. */
function isOpened({ kind, path }: KeptFile): boolean {
  return kind === 'zip' ? path.toLowerCase().endsWith('.zip') : kind !== undefined;
}

async function unpackNested(nested: KeptFile, unpacking: Unpacking, depth: number): Promise<Iterable<KeptFile>> {
  try {
    const kept = await unpackArchive({ file: nested.file, name: nested.path }, unpacking, depth);
    return kept?.values() ?? [];
  } catch (error) {
    if (!(error instanceof ArchiveRefused) || error.finding.file !== undefined) throw error;
    throw new ArchiveRefused({ ...error.finding, file: nested.path });
  }
}

type PackedImage = { readonly kept: Kept; readonly layers: readonly string[] };

/** The files of an image's layers, those of later ones over those of earlier ones. */
async function unpackLayers({ kept, layers }: PackedImage, unpacking: Unpacking, depth: number): Promise<Kept> {
  if (depth === 0) throw brokenArchive('it holds images inside images');
  const all = new Map<string, KeptFile>();
  for (const path of layers) {
    const layer = kept.get(path);
    if (layer === undefined) throw missingLayer(path);
    for (const file of await unpackNested(layer, unpacking, depth - 1)) all.set(file.path, file);
  }
  return all;
}

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(archiveHeadBytes), 0, archiveHeadBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function baseName(name: string): string {
  return posix.basename(name.replaceAll('\\', '/'));
}

function unpacksTo(bytes: number): ArchiveRefused {
  return tooLarge(`The archive unpacks to more than ${bytes} bytes.`);
}

function duplicatePath(path: string): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.duplicatePath',
    message: `The archive holds ${JSON.stringify(path)} more than once.`,
    fix: 'Pack each file once.',
  });
}
