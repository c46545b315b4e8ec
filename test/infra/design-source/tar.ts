import { Buffer } from 'node:buffer';
import { Header } from 'tar';

export type TarEntry = {
  readonly path: string;
  readonly content?: string | Buffer;
  readonly type?: Header['type'];
  readonly linkpath?: string;
};

/** A tar archive, honest or not. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content = '', type = 'File', linkpath = '' }) => {
    const body = Buffer.from(content);
    const header = new Header({ path, type, linkpath, size: body.length, mode: 0o644, mtime: new Date(0) });
    header.encode();
    return [header.block ?? Buffer.alloc(512), body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
