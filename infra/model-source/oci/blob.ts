import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { digestOfFile } from '../../digest.ts';
import { sha256Of } from './manifest.ts';

/** A piece of content that can be read as often as needed, from any place. */
export type Blob = {
  readonly digest: string;
  readonly size: number;
  /** The bytes from `start` up to, not including, `end`. */
  readonly read: (start: number, end: number) => AsyncIterable<Uint8Array>;
};

/** What a blob is made of. */
export type BlobContent = { readonly bytes: Uint8Array } | { readonly file: string };

/** Hashes the content; a file must not change while the blob is in use. */
export async function blobOf(content: BlobContent): Promise<Blob> {
  return 'bytes' in content ? blobOfBytes(content.bytes) : blobOfFile(content.file);
}

/** All of a small blob. */
export function bytesOf({ read, size }: Blob): Promise<Uint8Array> {
  return buffer(Readable.from(read(0, size)));
}

function blobOfBytes(bytes: Uint8Array): Blob {
  return {
    digest: sha256Of(bytes),
    size: bytes.length,
    read: (start, end) => Readable.from([bytes.subarray(start, end)]),
  };
}

async function blobOfFile(file: string): Promise<Blob> {
  const { size } = await stat(file);
  return {
    digest: `sha256:${await digestOfFile(file)}`,
    size,
    // A stream's `end` is the last byte that it gives.
    read: (start, end) => (start === end ? Readable.from([]) : createReadStream(file, { start, end: end - 1 })),
  };
}
