import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Where a file of an archive is kept on disk. */
export type KeptPlace = { readonly file: string; readonly offset: number };

/** Many small files one after another in one: to make and to open thousands takes longer than to read what is in them. */
export type FileStore = {
  readonly append: (content: Uint8Array) => KeptPlace;
  readonly close: () => Promise<void>;
};

/** A new store at a path at which nothing is. */
export async function openStore(file: string): Promise<FileStore> {
  const handle = await open(file, 'wx', 0o600);
  let end = 0;
  return {
    append: (content) => {
      const offset = end;
      for (let written = 0; written < content.length;) {
        written += writeSync(handle.fd, content, written, content.length - written, offset + written);
      }
      end += content.length;
      return { file, offset };
    },
    close: () => handle.close(),
  };
}

/** The bytes that are kept at a place. They are small, and read at once. */
export function readKept({ file, offset, size }: KeptPlace & { readonly size: number }): Buffer {
  const content = Buffer.allocUnsafe(size);
  const descriptor = openSync(file, 'r');
  try {
    for (let read = 0; read < size;) {
      const count = readSync(descriptor, content, read, size - read, offset + read);
      if (count === 0) throw new Error(`${file} is shorter than what was kept in it`);
      read += count;
    }
    return content;
  } finally {
    closeSync(descriptor);
  }
}
