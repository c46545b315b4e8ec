import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ImageLayout, writePackageImage } from '../model-source/oci/layout.ts';
import { withScratch } from '../model-source/scratch.ts';
import type { WritableModel } from './package-files.ts';
import { writePackage } from './write-package.ts';

export type ModelImage = {
  readonly models: AsyncIterable<WritableModel>;
  /** What the image is called: `cert-manager:v1.17.1`. */
  readonly name: string;
  /** What the package in it is called. */
  readonly title: string;
  readonly layout: ImageLayout;
  /** Below it the image is put together. */
  readonly home: string;
};

/**
 * Models as an image file. Its parts name the digest of what is in them, so it is put together on disk; by the time it is
 * read nothing of it has a name there any more.
 */
export async function* writeImage({ models, home, ...image }: ModelImage): AsyncGenerator<Uint8Array, void> {
  const file = await withScratch(home, 'export', async ({ newPath }) => {
    const packed = newPath();
    const target = newPath();
    await pipeline(Readable.from(writePackage(models)), createWriteStream(packed, { mode: 0o600 }));
    await writePackageImage({ ...image, file: packed, target });
    return open(target);
  });
  try {
    yield* file.createReadStream({ autoClose: false });
  } finally {
    await file.close();
  }
}
