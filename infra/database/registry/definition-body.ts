import { createHash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalJson } from '../../../domain/json.ts';

/** A definition as it is stored: the text is canonical, so equal definitions have equal bytes. */
export type DefinitionBody = { readonly digest: string; readonly text: string };

const options = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/** The text of a definition with its SHA-256, which is what `digestOf` gives for it. */
export function toBody(definition: unknown): DefinitionBody {
  const text = canonicalJson(definition);
  return { text, digest: createHash('sha256').update(text).digest('hex') };
}

/** Zstandard at its own default level: measured on published definitions as small as gzip at its best and as fast as at its worst. */
export function packBody({ text }: DefinitionBody): Buffer {
  const bytes = Buffer.from(text);
  // Told the size, it takes no more memory than so small a text needs, which is half of the time.
  return zstdCompressSync(bytes, { ...options, pledgedSrcSize: bytes.length });
}

/** What `packBody` packed. It is not checked again: only what passed its schema was stored. */
export function unpackBody<T>(body: Uint8Array): T {
  const value: T = JSON.parse(zstdDecompressSync(body).toString('utf8'));
  return value;
}
