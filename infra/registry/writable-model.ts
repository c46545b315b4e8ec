import type { Database } from '../database/database.ts';
import { readAttachment } from '../database/registry/attachments.ts';
import { membersOf } from '../database/registry/members.ts';
import type { ModelDetail } from '../database/registry/models.ts';
import type { WritableMember, WritableModel } from './package-files.ts';

/** A stored model as packages are written from it; its members, and the files that it carries, are read as they are needed. */
export function writableModel(
  database: Database,
  model: ModelDetail,
  { attachments = true }: { readonly attachments?: boolean } = {},
): WritableModel {
  const { name, version, displayName, description, category, subCategory, metadata, definitionVersion } = model;
  return {
    head: { model: { name, version, displayName, description, category, subCategory, metadata }, definitionVersion },
    members: readMembers(database, model.id, attachments),
  };
}

async function* readMembers(
  database: Database,
  modelId: string,
  attachments: boolean,
): AsyncGenerator<WritableMember, void> {
  for await (const member of membersOf(database, { modelId })) {
    if (member.type !== 'attachment') yield member;
    else if (attachments) {
      const { type, definition } = member;
      yield { type, definition, read: () => readAttachment(database, definition.digest) };
    }
  }
}
