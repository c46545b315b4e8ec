import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import { newId } from '../../ids.ts';
import type { Database } from '../database.ts';
import { toChunks } from './chunks.ts';
import { uploadChunks, uploads } from './tables.ts';

export const uploadSchema = z.object({
  id: z.string(),
  fileName: z.string(),
  /** In bytes. */
  size: z.number().int(),
  /** SHA-256 in hex. */
  digest: z.string(),
  actor: z.string(),
  createdAt: z.iso.datetime(),
});

/** A file that was sent to be generated from. */
export type Upload = z.infer<typeof uploadSchema>;

export type NewUpload = {
  readonly fileName: string;
  readonly actor: string;
  readonly content: AsyncIterable<Uint8Array>;
  readonly maximumBytes: number;
};

/** Stores a file piece by piece as it comes. Throws SlipwayError `tooLarge`; a failed or ended stream leaves nothing. */
export async function saveUpload(
  database: Database,
  { fileName, actor, content, maximumBytes }: NewUpload,
): Promise<Upload> {
  const upload = { id: newId('upl'), fileName, actor, createdAt: new Date().toISOString() };
  await database.write((queries) => [
    queries.insert(uploads).values({ ...upload, size: 0, digest: '', complete: false }),
  ]);
  try {
    const measured = await writeChunks(database, { id: upload.id, content, maximumBytes });
    await database.write((queries) => [
      queries
        .update(uploads)
        .set({ ...measured, complete: true })
        .where(eq(uploads.id, upload.id)),
    ]);
    return { ...upload, ...measured };
  } catch (error) {
    await deleteUpload(database, upload.id);
    throw error;
  }
}

/** The upload, or undefined: one that is still coming is not there. */
export async function findUpload(database: Database, id: string): Promise<Upload | undefined> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(uploads)
      .where(and(eq(uploads.id, id), eq(uploads.complete, true))),
  );
  return rows.map((row) => uploadSchema.parse(row))[0];
}

/** The content of an upload, in pieces of 1 MiB. Throws SlipwayError `notFound`. */
export async function* readUpload(database: Database, id: string): AsyncGenerator<Buffer, void> {
  if ((await findUpload(database, id)) === undefined) throw missing(id);
  for (let position = 0; ; position += 1) {
    const [chunk] = await database.read((queries) =>
      queries
        .select({ bytes: uploadChunks.bytes })
        .from(uploadChunks)
        .where(and(eq(uploadChunks.uploadId, id), eq(uploadChunks.position, position))),
    );
    if (chunk === undefined) return;
    yield chunk.bytes;
  }
}

/** Deletes an upload; one that is not there is no error. */
export async function deleteUpload(database: Database, id: string): Promise<void> {
  await database.write((queries) => [queries.delete(uploads).where(eq(uploads.id, id))]);
}

async function writeChunks(
  database: Database,
  { id, content, maximumBytes }: Pick<NewUpload, 'content' | 'maximumBytes'> & { readonly id: string },
): Promise<{ readonly size: number; readonly digest: string }> {
  const hash = createHash('sha256');
  let size = 0;
  let position = 0;
  for await (const bytes of toChunks(content)) {
    size += bytes.length;
    if (size > maximumBytes) throw tooLarge(maximumBytes);
    hash.update(bytes);
    const row = { uploadId: id, position, bytes };
    await database.write((queries) => [queries.insert(uploadChunks).values(row)]);
    position += 1;
  }
  return { size, digest: hash.digest('hex') };
}

function missing(id: string): SlipwayError {
  return new SlipwayError('notFound', `there is no upload ${id}`, {
    fix: 'Send the file again with POST /v1/uploads.',
  });
}

function tooLarge(maximumBytes: number): SlipwayError {
  return new SlipwayError('tooLarge', `the file has more than ${Math.floor(maximumBytes / 1024 / 1024)} MiB`, {
    fix: 'Send it in parts, or import it from a web address or a registry.',
  });
}
