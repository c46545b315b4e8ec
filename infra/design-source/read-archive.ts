import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { designLimits } from '../../domain/design/limits.ts';
import {
  ArchiveRefused,
  brokenArchive,
  createArchiveFiles,
  refusedEntry,
  unsafePath,
  type ArchiveFiles,
} from './archive-files.ts';

export type ArchiveKind = 'gzip' | 'tar' | 'zip';

/** What kind of archive a file is by its first bytes, or undefined for any other file. */
export function archiveKind(bytes: Uint8Array): ArchiveKind | undefined {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  const head = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  if (head.startsWith('PK\u0003\u0004') || head.startsWith('PK\u0005\u0006')) return 'zip';
  return head.slice(257, 262) === 'ustar' ? 'tar' : undefined;
}

/** The regular files in an archive, in memory only. Throws ArchiveRefused. A packed file that is no archive comes back as one file. */
export async function readArchive(bytes: Uint8Array, name: string): Promise<ArchiveFiles> {
  const kind = archiveKind(bytes);
  if (bytes.length > designLimits.sourceBytes) throw oversized(bytes.length);
  if (kind === 'zip') return readZip(bytes);
  if (kind === 'tar') return readTar(bytes, bytes.length);
  const unpacked = await unzip(bytes);
  if (archiveKind(unpacked) === 'tar') return readTar(unpacked, bytes.length);
  return new Map([[name.replace(/\.gz$/, ''), unpacked]]);
}

async function unzip(bytes: Uint8Array): Promise<Uint8Array> {
  const allowed = Math.max(bytes.length * designLimits.archiveRatio, designLimits.archiveEntryBytes);
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: Math.min(designLimits.archiveBytes, allowed) });
  } catch (error) {
    if (error instanceof RangeError) throw oversized(designLimits.archiveBytes);
    throw brokenArchive(error instanceof Error ? error.message : String(error));
  }
}

function oversized(bytes: number): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.tooLarge',
    message: `The archive has ${bytes} bytes or more, or unpacks to far more than it packs.`,
    fix: 'Pack only what belongs to the design.',
  });
}

const plainFiles = new Set(['File', 'OldFile', 'ContiguousFile']);

function readTar(bytes: Uint8Array, packedBytes: number): Promise<ArchiveFiles> {
  const { files, admit, add } = createArchiveFiles(packedBytes);
  return new Promise((resolve, reject) => {
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry: ReadEntry) => {
        try {
          if (entry.type !== 'Directory' && !plainFiles.has(entry.type)) throw refusedEntry(entry.path, entry.type);
          admit(entry.path, entry.size);
        } catch (error) {
          reject(error);
          entry.resume();
          return;
        }
        const chunks: Buffer[] = [];
        entry.on('data', (chunk: Buffer) => chunks.push(chunk));
        entry.on('end', () => {
          if (entry.type !== 'Directory') add(entry.path, Buffer.concat(chunks));
        });
      },
    });
    parser.on('end', () => resolve(files));
    parser.on('error', (error: Error) => reject(brokenArchive(error.message)));
    parser.end(Buffer.from(bytes));
  });
}

async function readZip(bytes: Uint8Array): Promise<ArchiveFiles> {
  const { files, admit, add } = createArchiveFiles(bytes.length);
  try {
    const zip = await fromBufferPromise(Buffer.from(bytes), { lazyEntries: true });
    for await (const entry of zip.eachEntry()) {
      checkZipEntry(entry);
      admit(entry.fileName, entry.uncompressedSize);
      if (!entry.fileName.endsWith('/')) add(entry.fileName, await zipContent(zip, entry));
    }
    return files;
  } catch (error) {
    if (error instanceof ArchiveRefused) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const path = /^(?:invalid relative path|absolute path|invalid characters in fileName): (.*)$/s.exec(message)?.[1];
    throw path === undefined ? brokenArchive(message) : unsafePath(path);
  }
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

async function zipContent(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  return buffer(await zip.openReadStreamPromise(entry));
}
