import { pipeline } from 'node:stream/promises';
import { PassThrough, Readable } from 'node:stream';
import { createDeflateRaw, crc32 } from 'node:zlib';
import { Header, Pax } from 'tar';

/** A file of an archive. Its content has exactly `size` bytes. */
export type ArchiveFile = {
  readonly path: string;
  readonly size: number;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
};

const block = 512;
/** RFC 1952: deflate, no flags, no time, no hint of the level, written by an unknown system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** A `.tar.gz` of the files in their order: the same bytes for the same files, whenever and wherever it is written. */
export async function* tarGz(files: AsyncIterable<ArchiveFile>): AsyncGenerator<Uint8Array, void> {
  let crc = 0;
  let size = 0;
  const tapped = async function* (): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of tar(files)) {
      crc = crc32(chunk, crc);
      size = (size + chunk.length) % 2 ** 32;
      yield chunk;
    }
  };
  yield gzipHeader;
  const packed = new PassThrough();
  const packing = pipeline(Readable.from(tapped(), { objectMode: false }), createDeflateRaw(), packed);
  packing.catch((error: unknown) => packed.destroy(error instanceof Error ? error : new Error(String(error))));
  for await (const chunk of packed) yield chunk;
  await packing;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(size, 4);
  yield trailer;
}

/** The files as a tar: plain files of nobody's, with no time. */
async function* tar(files: AsyncIterable<ArchiveFile>): AsyncGenerator<Uint8Array, void> {
  for await (const { path, size, content } of files) {
    yield* headersOf(path, size);
    if (content instanceof Uint8Array) yield content;
    else yield* content;
    const rest = size % block;
    if (rest > 0) yield Buffer.alloc(block - rest);
  }
  yield Buffer.alloc(2 * block);
}

function headersOf(path: string, size: number): readonly Uint8Array[] {
  const attributes = { path, size, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: 'File' } as const;
  const header = new Header(attributes);
  const buffer = Buffer.alloc(block);
  const isTooLong = header.encode(buffer, 0);
  return isTooLong ? [new Pax({ path }).encode(), buffer] : [buffer];
}
