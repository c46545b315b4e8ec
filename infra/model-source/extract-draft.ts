import { memberKey, type ModelMember } from '../../domain/registry/model-member.ts';
import type { Database } from '../database/database.ts';
import { readAttachment } from '../database/registry/attachments.ts';
import { requireModelDraft } from '../database/registry/model-drafts.ts';
import type { ExtractedMember, Extraction } from './extracted.ts';

/** The model that a draft has become. Throws SlipwayError `notFound`. */
export async function* extractDraft(database: Database, draftId: string): Extraction {
  const { head, members } = await requireModelDraft(database, draftId);
  yield { head, members: placed(database, members) };
}

async function* placed(database: Database, members: readonly ModelMember[]): AsyncGenerator<ExtractedMember> {
  for (const member of members) {
    const place = `${member.type} ${memberKey(member)}`;
    if (member.type !== 'attachment') yield { ...member, place };
    else yield { ...member, place, read: () => readWhole(database, member.definition.digest) };
  }
}

/** A file that another version of the model carries. */
async function readWhole(database: Database, digest: string): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of readAttachment(database, digest)) pieces.push(piece);
  return Buffer.concat(pieces);
}
