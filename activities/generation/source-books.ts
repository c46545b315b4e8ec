import type { Finding } from '../../domain/finding.ts';
import type { OperationInput } from '../../domain/operation.ts';
import { type SourceReport, summarizeReports } from '../../domain/registry/generation.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import type { Database } from '../../infra/database/database.ts';
import { insertSteps } from '../../infra/database/operation-steps.ts';
import { setFindings, setResult } from '../../infra/database/operations.ts';
import { appendProgress } from '../../infra/database/progress.ts';
import { findReport, readReports } from '../../infra/database/registry/sources.ts';
import { discardStaged } from '../../infra/database/registry/staged.ts';
import { deleteUpload } from '../../infra/database/registry/uploads.ts';
import type { FailedSource, SourceFailure } from './source-input.ts';
import { readGenerationOptions } from './generation-options.ts';
import { labelOf } from './source-label.ts';
import { endSource, recountSources } from './source-step.ts';

/** Makes a step of each source, in which people see how far it is. Gives how many there are. */
export async function prepareSources(database: Database, { operationId }: OperationInput): Promise<number> {
  const { sources } = await readGenerationOptions(database, operationId);
  await appendProgress(database, [{ operationId, change: { type: 'phase', phase: 'generate' } }]);
  const labels = await Promise.all(sources.map((source) => labelOf(database, source)));
  const steps = labels.map((name, position) => ({
    position,
    key: `source-${position + 1}`,
    reference: { apiVersion: 'slipway.dev/v1', kind: 'ModelSource', name },
    component: '',
    stage: 1,
    state: 'waiting' as const,
  }));
  await insertSteps(database, { operationId, phase: 'generate', steps });
  await recountSources(database, operationId);
  return sources.length;
}

/** Ends a source that its activity could not end. One that has ended stays as it is. */
export async function failSource(database: Database, { operationId, position, error }: FailedSource): Promise<void> {
  const { sources } = await readGenerationOptions(database, operationId);
  const source = sources[position];
  if ((await findReport(database, { operationId, position })) !== undefined) return;
  await discardStaged(database, { operationId, position });
  await endSource(database, operationId, {
    position,
    source: source === undefined ? `source ${position + 1}` : await labelOf(database, source),
    outcome: 'failed',
    modelCount: 0,
    componentCount: 0,
    models: [],
    findings: [],
    error,
  });
}

/** Sums up what came of the sources, forgets uploads that are of no more use, and gives why the operation failed. */
export async function concludeSources(
  database: Database,
  { operationId }: OperationInput,
): Promise<SourceFailure | null> {
  const reports = await readReports(database, { operationId });
  await setResult(database, { id: operationId, result: summarizeReports(reports) });
  await setFindings(database, { id: operationId, findings: findingsOf(reports) });
  await recountSources(database, operationId);
  const failed = reports.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) return failureOf(failed, reports.length);
  await deleteUploads(database, operationId);
  return null;
}

/** What an interrupted generation leaves: the sources that it finished, and no trace of the others. */
export async function discardUnfinished(database: Database, { operationId }: OperationInput): Promise<void> {
  await discardStaged(database, { operationId });
  const { sources } = await readGenerationOptions(database, operationId);
  const ended = new Set((await readReports(database, { operationId })).map(({ position }) => position));
  for (const [position, source] of sources.entries()) {
    if (ended.has(position)) continue;
    await endSource(database, operationId, {
      position,
      source: await labelOf(database, source),
      outcome: 'cancelled',
      modelCount: 0,
      componentCount: 0,
      models: [],
      findings: [],
    });
  }
  const reports = await readReports(database, { operationId });
  await setResult(database, { id: operationId, result: summarizeReports(reports) });
  await recountSources(database, operationId);
}

/** Those of a single source are its own; those of several say which one they are about. */
function findingsOf(reports: readonly SourceReport[]): readonly Finding[] {
  const findings = reports.flatMap((report) =>
    report.findings.map((finding) =>
      reports.length === 1 || finding.file !== undefined ? finding : { ...finding, file: report.source },
    ),
  );
  return findings.slice(0, registryLimits.findings);
}

function failureOf(failed: readonly SourceReport[], total: number): SourceFailure {
  const error = failed[0]?.error;
  if (total === 1 && error !== undefined) return error;
  const others = total - failed.length;
  const kept = others === 0 ? 'nothing was stored' : `the other ${others} ${others === 1 ? 'is' : 'are'} done`;
  return {
    code: others === 0 ? 'failed' : 'partial',
    message: `${failed.length} of ${total} sources failed; ${kept}`,
    fix: 'Correct what each of them says, and try again: a source that has not changed costs one request.',
  };
}

/** After a failure or a dry run the same upload may be wanted again; it goes after a day. */
async function deleteUploads(database: Database, operationId: string): Promise<void> {
  const { sources, dryRun } = await readGenerationOptions(database, operationId);
  if (dryRun) return;
  for (const source of sources) if (source.kind === 'upload') await deleteUpload(database, source.uploadId);
}
