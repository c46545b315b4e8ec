import type { Database } from '../database/database.ts';
import { requireModelDraft } from '../database/registry/model-drafts.ts';
import { memberKey, type ModelMember } from '../../domain/registry/model-member.ts';
import type { ExtractedMember, Extraction } from './extracted.ts';

/** The model that a draft has become. Throws SlipwayError `notFound`. */
export async function* extractDraft(database: Database, draftId: string): Extraction {
  const { head, members } = await requireModelDraft(database, draftId);
  yield { head, members: placed(members) };
}

async function* placed(members: readonly ModelMember[]): AsyncGenerator<ExtractedMember> {
  for (const member of members) {
    const place = `${member.type} ${memberKey(member)}`;
    if (member.type !== 'attachment') yield { ...member, place };
  }
}
