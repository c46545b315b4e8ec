import { describeSource, type ModelSource } from '../../domain/registry/model-source.ts';
import type { Database } from '../../infra/database/database.ts';
import { findModelDraft } from '../../infra/database/registry/model-drafts.ts';
import { findUpload } from '../../infra/database/registry/uploads.ts';

/** A source as people know it: an upload by the name of its file, a draft by the model that it is to be. */
export async function labelOf(database: Database, source: ModelSource): Promise<string> {
  if (source.kind === 'upload')
    return (await findUpload(database, source.uploadId))?.fileName ?? describeSource(source);
  if (source.kind !== 'draft') return describeSource(source);
  const draft = await findModelDraft(database, source.draftId);
  if (draft === undefined) return describeSource(source);
  const { name, version } = draft.head.model;
  return `draft of ${name}@${version}`;
}
