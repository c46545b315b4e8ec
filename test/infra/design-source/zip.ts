import { Buffer } from 'node:buffer';
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  readonly path: string;
  readonly content: Buffer;
  /** Unix type and permissions. */
  readonly mode?: number;
  /** What the archive says of the content's length, true or not. */
  readonly statedSize?: number;
};

/** A zip archive by the book: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  for (const entry of entries) {
    const packed = deflateRawSync(entry.content);
    const offset = Buffer.concat(locals).length;
    const name = Buffer.from(entry.path);
    const common = [
      [20, 2],
      [0x800, 2],
      [8, 2],
      [0, 4],
      [crc32(entry.content), 4],
      [packed.length, 4],
      [entry.statedSize ?? entry.content.length, 4],
      [name.length, 2],
      [0, 2],
    ] as const;
    locals.push(fields([[0x04034b50, 4], ...common]), name, packed);
    const attributes = ((entry.mode ?? 0o100644) << 16) >>> 0;
    directory.push(
      fields([[0x02014b50, 4], [0x031e, 2], ...common, [0, 2], [0, 2], [0, 2], [attributes, 4], [offset, 4]]),
      name,
    );
  }
  const body = Buffer.concat(locals);
  const index = Buffer.concat(directory);
  const end = fields([
    [0x06054b50, 4],
    [0, 4],
    [entries.length, 2],
    [entries.length, 2],
    [index.length, 4],
    [body.length, 4],
    [0, 2],
  ]);
  return Buffer.concat([body, index, end]);
}

function fields(values: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  return Buffer.concat(
    values.map(([value, bytes]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );
}
