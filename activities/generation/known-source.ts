import type { GenerationOptions } from '../../domain/registry/generation.ts';
import type { ModelSource, SourceState } from '../../domain/registry/model-source.ts';
import type { Database } from '../../infra/database/database.ts';
import { areNewest } from '../../infra/database/registry/preview-staged.ts';
import { findSource, readSourceState } from '../../infra/database/registry/sources.ts';
import { findUpload } from '../../infra/database/registry/uploads.ts';
import { digestOf } from '../../infra/digest.ts';

/** Counted up when reading gives something else for the same source: what was read before is read again then. */
const readingVersion = 1;

/** Names a source as it was asked for, an upload by its content. With `partial` the same source gives something else. */
export async function sourceKey(
  database: Database,
  source: ModelSource,
  { partial }: Pick<GenerationOptions, 'partial'>,
): Promise<string> {
  if (source.kind !== 'upload') return digestOf({ source, partial, readingVersion });
  const upload = await findUpload(database, source.uploadId);
  const content = { fileName: upload?.fileName, digest: upload?.digest, model: source.model };
  return digestOf({ kind: source.kind, ...content, partial, readingVersion });
}

/**
 * What the last reading of a source knew, or undefined where it is to be read anew. Who sends a file again wants it to be the
 * newest: it has changed, too, when another one has made a later revision of its models.
 */
export async function knownState(
  database: Database,
  source: ModelSource,
  key: string,
): Promise<SourceState | undefined> {
  const state = await readSourceState(database, key);
  if (state === undefined || source.kind !== 'upload') return state;
  const known = await findSource(database, key);
  return known !== undefined && (await areNewest(database, known)) ? state : undefined;
}
