import type { Finding } from '../domain/finding.ts';
import { formatPath } from '../domain/json.ts';
import type { ModelSource } from '../domain/registry/model-source.ts';
import { SlipwayError } from '../domain/errors.ts';
import { findConnection } from '../infra/database/connections.ts';
import type { Database } from '../infra/database/database.ts';
import { findModelDraft } from '../infra/database/registry/model-drafts.ts';
import { findUpload } from '../infra/database/registry/uploads.ts';

/** The kinds of connection whose credential can open each kind of source. */
const connectionKinds: Readonly<Record<ModelSource['kind'], readonly string[]>> = {
  upload: [],
  draft: [],
  url: ['git', 'helm', 'oci'],
  csv: ['git', 'helm', 'oci'],
  helm: ['helm', 'oci'],
  git: ['git'],
  oci: ['oci'],
  cluster: ['kubernetes'],
};

/**
 * Refuses sources that name what is not there: a connection, an upload, a draft. `place` is where the sources are in the body.
 * Throws SlipwayError `invalid` with a finding for each.
 */
export async function requireSources(
  database: Database,
  sources: readonly ModelSource[],
  place: readonly string[],
): Promise<void> {
  const findings: Finding[] = [];
  for (const [index, source] of sources.entries()) {
    const problem = await problemOf(database, source);
    if (problem === undefined) continue;
    const path = formatPath(['body', ...place, index, problem.field]);
    findings.push({ severity: 'error', code: 'source.missing', path, message: problem.message });
  }
  if (findings.length > 0) {
    throw new SlipwayError('invalid', 'a source names what is not there', { findings });
  }
}

type Problem = { readonly field: string; readonly message: string };

async function problemOf(database: Database, source: ModelSource): Promise<Problem | undefined> {
  if (source.kind === 'upload') {
    const upload = await findUpload(database, source.uploadId);
    return upload === undefined ? { field: 'uploadId', message: `there is no upload ${source.uploadId}` } : undefined;
  }
  if (source.kind === 'draft') {
    const draft = await findModelDraft(database, source.draftId);
    return draft === undefined ? { field: 'draftId', message: `there is no draft ${source.draftId}` } : undefined;
  }
  return source.connection === undefined ? undefined : connectionProblem(database, source.kind, source.connection);
}

async function connectionProblem(
  database: Database,
  kind: ModelSource['kind'],
  idOrName: string,
): Promise<Problem | undefined> {
  const connection = await findConnection(database, idOrName);
  if (connection === undefined) return { field: 'connection', message: `there is no connection ${idOrName}` };
  const wanted = connectionKinds[kind];
  if (wanted.includes(connection.kind)) return undefined;
  const message = `connection ${connection.name} is of kind ${connection.kind}, and the source needs ${wanted.join(' or ')}`;
  return { field: 'connection', message };
}
