import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { fromBufferPromise } from 'yauzl';
import { designLimits } from '../../domain/design/limits.ts';
import { type ArchiveEntry, archiveKind, tarEntries, zipEntries } from './archive-entries.ts';
import {
  type ArchiveAdmission,
  type ArchiveFiles,
  type ArchiveLimits,
  brokenArchive,
  createAdmission,
  tooLarge,
} from './archive-files.ts';

/** The regular files in an archive, in memory only. Throws ArchiveRefused. A packed file that is no archive comes back as one file. */
export async function readArchive(
  bytes: Uint8Array,
  name: string,
  limits: ArchiveLimits = designLimits,
): Promise<ArchiveFiles> {
  if (bytes.length > limits.sourceBytes) throw oversized(bytes.length);
  const admission = createAdmission(bytes.length, limits);
  const kind = archiveKind(bytes);
  if (kind === 'zip')
    return collect(zipEntries(() => fromBufferPromise(Buffer.from(bytes), { lazyEntries: true }), admission));
  if (kind === 'tar') return collect(tarEntries([bytes], admission));
  const unpacked = await unzip(bytes, admission);
  if (archiveKind(unpacked) === 'tar') return collect(tarEntries([unpacked], admission));
  return new Map([[name.replace(/\.gz$/, ''), unpacked]]);
}

async function collect(entries: AsyncIterable<ArchiveEntry>): Promise<ArchiveFiles> {
  const files = new Map<string, Uint8Array>();
  for await (const { path, content } of entries) files.set(path, content);
  return files;
}

async function unzip(bytes: Uint8Array, { allowedBytes }: ArchiveAdmission): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: allowedBytes });
  } catch (error) {
    if (error instanceof RangeError) throw oversized(allowedBytes);
    throw brokenArchive(error instanceof Error ? error.message : String(error));
  }
}

function oversized(bytes: number): Error {
  return tooLarge(`The archive has ${bytes} bytes or more, or unpacks to far more than it packs.`);
}
