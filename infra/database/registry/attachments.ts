import { createHash } from 'node:crypto';
import { and, eq, sql } from 'drizzle-orm';
import { SlipwayError } from '../../../domain/errors.ts';
import type { Attachment } from '../../../domain/registry/model-member.ts';
import type { Database } from '../database.ts';
import { chunkBytes } from './chunks.ts';
import { attachmentChunks, attachments } from './tables.ts';

/**
 * Stores a file that a model carries, once whatever carries it, and gives its digest and size for the member. Store it before
 * the member: for a day nothing takes it away.
 */
export async function putAttachment(
  database: Database,
  bytes: Uint8Array,
): Promise<Pick<Attachment, 'digest' | 'size'>> {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const usedAt = new Date().toISOString();
  const row = { digest, size: bytes.length, complete: false, usedAt };
  const [, [known]] = await database.write((queries) => [
    queries.insert(attachments).values(row).onConflictDoUpdate({ target: attachments.digest, set: { usedAt } }),
    queries.select({ complete: attachments.complete }).from(attachments).where(eq(attachments.digest, digest)),
  ]);
  if (known?.complete !== true) await writeBytes(database, digest, bytes);
  return { digest, size: bytes.length };
}

/** Another process may write the same bytes at the same time: each piece is the same, whoever comes first. */
async function writeBytes(database: Database, digest: string, content: Uint8Array): Promise<void> {
  for (let position = 0; position * chunkBytes < content.length; position += 1) {
    const start = position * chunkBytes;
    const row = { digest, position, bytes: Buffer.from(content.subarray(start, start + chunkBytes)) };
    await database.write((queries) => [queries.insert(attachmentChunks).values(row).onConflictDoNothing()]);
  }
  await database.write((queries) => [
    queries.update(attachments).set({ complete: true }).where(eq(attachments.digest, digest)),
  ]);
}

/** The content of a file that a model carries, in pieces of 1 MiB. Throws SlipwayError `notFound`. */
export async function* readAttachment(database: Database, digest: string): AsyncGenerator<Buffer, void> {
  const [known] = await database.read((queries) =>
    queries.select({ complete: attachments.complete }).from(attachments).where(eq(attachments.digest, digest)),
  );
  if (known?.complete !== true) throw new SlipwayError('notFound', `there is no attachment ${digest}`);
  for (let position = 0; ; position += 1) {
    const [chunk] = await database.read((queries) =>
      queries
        .select({ bytes: attachmentChunks.bytes })
        .from(attachmentChunks)
        .where(and(eq(attachmentChunks.digest, digest), eq(attachmentChunks.position, position))),
    );
    if (chunk === undefined) return;
    yield chunk.bytes;
  }
}

/** Deletes files that no model refers to and nothing has counted on since `usedBefore` (ISO 8601). Gives how many. */
export async function purgeAttachments(database: Database, usedBefore: string): Promise<number> {
  const [result] = await database.write((queries) => [
    queries
      .delete(attachments)
      .where(
        and(
          sql`${attachments.usedAt} < ${usedBefore}`,
          sql`not exists (select 1 from model_members where model_members.attachment_digest = ${attachments.digest})`,
        ),
      ),
  ]);
  return result.rowsAffected;
}
