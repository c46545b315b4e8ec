import { buffer } from 'node:stream/consumers';
import { Parser, type ReadEntry } from 'tar';
import type { Entry, ZipFile } from 'yauzl';
import { type ArchiveAdmission, ArchiveRefused, brokenArchive, refusedEntry, unsafePath } from './archive-files.ts';

export type ArchiveKind = 'gzip' | 'tar' | 'zip';

/** One regular file of an archive. */
export type ArchiveEntry = { readonly path: string; readonly content: Uint8Array };

/** How many of the first bytes of a file tell what kind of archive it is. */
export const archiveHeadBytes = 512;

/** What kind of archive a file is by its first bytes, or undefined for any other file. */
export function archiveKind(bytes: Uint8Array): ArchiveKind | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  const head = Buffer.from(bytes.subarray(0, archiveHeadBytes)).toString('latin1');
  if (head.startsWith('PK\u0003\u0004') || head.startsWith('PK\u0005\u0006')) return 'zip';
  return head.slice(257, 262) === 'ustar' ? 'tar' : undefined;
}

const plainFiles = new Set(['File', 'OldFile', 'ContiguousFile']);

/** The files of a tar, one after another, each whole in memory only while it is looked at. Throws ArchiveRefused. */
export async function* tarEntries(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { admit }: ArchiveAdmission,
): AsyncGenerator<ArchiveEntry> {
  const ready: ArchiveEntry[] = [];
  const failures: unknown[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      try {
        collect(entry, admitTarEntry(entry, admit), ready);
      } catch (error) {
        failures.push(error);
        entry.resume();
      }
    },
  });
  parser.on('error', (error: Error) => failures.push(brokenArchive(error.message)));
  for await (const chunk of chunks) {
    parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (failures.length > 0) throw failures[0];
    yield* ready.splice(0);
  }
  parser.end();
  if (failures.length > 0) throw failures[0];
  yield* ready.splice(0);
}

/** What people call the entries that are neither files nor folders. */
const entryNames: Readonly<Record<string, string>> = {
  Link: 'hard link',
  SymbolicLink: 'symbolic link',
  CharacterDevice: 'device',
  BlockDevice: 'device',
  FIFO: 'pipe',
};

function admitTarEntry(entry: ReadEntry, admit: ArchiveAdmission['admit']): string {
  if (entry.type !== 'Directory' && !plainFiles.has(entry.type))
    throw refusedEntry(entry.path, entryNames[entry.type] ?? entry.type);
  return admit(entry.path, entry.size);
}

/** Puts a file to the others once its whole content has come. */
function collect(entry: ReadEntry, path: string, ready: ArchiveEntry[]): void {
  const chunks: Buffer[] = [];
  entry.on('data', (chunk: Buffer) => chunks.push(chunk));
  entry.on('end', () => {
    if (entry.type !== 'Directory') ready.push({ path, content: Buffer.concat(chunks) });
  });
}

/** The files of a zip, one after another. Closes it. Throws ArchiveRefused. */
export async function* zipEntries(
  open: () => Promise<ZipFile>,
  { admit }: ArchiveAdmission,
): AsyncGenerator<ArchiveEntry> {
  const opened: ZipFile[] = [];
  try {
    const zip = await open();
    opened.push(zip);
    for await (const entry of zip.eachEntry()) {
      checkZipEntry(entry);
      const path = admit(entry.fileName, entry.uncompressedSize);
      if (!entry.fileName.endsWith('/')) yield { path, content: await buffer(await zip.openReadStreamPromise(entry)) };
    }
  } catch (error) {
    throw zipError(error);
  } finally {
    for (const zip of opened) zip.close();
  }
}

function zipError(error: unknown): unknown {
  if (error instanceof ArchiveRefused) return error;
  const message = error instanceof Error ? error.message : String(error);
  const path = /^(?:invalid relative path|absolute path|invalid characters in fileName): (.*)$/s.exec(message)?.[1];
  return path === undefined ? brokenArchive(message) : unsafePath(path);
}

const fileTypeBits = 0o170000;
const regularFile = 0o100000;
const folder = 0o040000;

/** Zip keeps the Unix file type in the upper half of the external attributes; 0 where it was packed elsewhere. */
function checkZipEntry(entry: Entry): void {
  const type = (entry.externalFileAttributes >>> 16) & fileTypeBits;
  if (type !== 0 && type !== regularFile && type !== folder) throw refusedEntry(entry.fileName, 'link or device');
  if (entry.isEncrypted()) throw brokenArchive(`${JSON.stringify(entry.fileName)} is encrypted`);
}
