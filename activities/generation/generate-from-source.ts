import { isRetryable, SlipwayError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import type { GeneratedModel, GenerationOptions, SourceReport } from '../../domain/registry/generation.ts';
import type { ModelSource } from '../../domain/registry/model-source.ts';
import { requireOperation } from '../../infra/database/operations.ts';
import { previewStaged, readPublished } from '../../infra/database/registry/preview-staged.ts';
import { type Publication, publishStaged } from '../../infra/database/registry/publish-staged.ts';
import { findReport, recordSourceChecked } from '../../infra/database/registry/sources.ts';
import { discardStaged } from '../../infra/database/registry/staged.ts';
import { fetchSource, type FetchedSource } from '../../infra/model-source/fetch-source.ts';
import { type Scratch, withScratch } from '../../infra/model-source/scratch.ts';
import type { SourceInput } from './source-input.ts';
import type { GenerationDependencies } from './dependencies.ts';
import { readGenerationOptions } from './generation-options.ts';
import { knownState, sourceKey } from './known-source.ts';
import { labelOf } from './source-label.ts';
import { openSourceStep, endSource, showEnd, type SourceStep } from './source-step.ts';
import { stageExtraction, type StagedExtraction } from './stage-extraction.ts';

export type SourceTry = SourceInput & {
  /** From 1. */
  readonly attempt: number;
  /** When the first try was asked for, in milliseconds since 1970. */
  readonly firstTryMs: number;
};

/** A source that is away is given up after so long, but not before so many tries. */
const patienceMs = 90_000;
const leastTries = 3;
/** A report names so many models; its counts are of all. */
const reportedModels = 100;

/**
 * Reads one source and publishes what it gives, all or nothing. What is wrong with the source ends up in its report; it throws
 * only what another try may mend. A try begins by throwing away what the one before had staged.
 */
export async function generateFromSource(
  dependencies: GenerationDependencies,
  { operationId, position, attempt, firstTryMs }: SourceTry,
  signal: AbortSignal,
): Promise<void> {
  const { database } = dependencies;
  const place = { operationId, position };
  const known = await findReport(database, place);
  if (known !== undefined) return showEnd(database, operationId, known);
  const reading = await openReading(dependencies, place, signal);
  try {
    const published = await readPublished(database, place);
    // A worker that died between publishing and reporting: what was published counts, and is not read again.
    const report = published.length > 0 ? publishedReport(reading, published) : await read(reading);
    await endSource(database, operationId, report);
  } catch (error) {
    await discardStaged(database, place);
    const isOver = attempt >= leastTries && Date.now() - firstTryMs > patienceMs;
    if (signal.aborted || !(error instanceof SlipwayError) || (isRetryable(error.code) && !isOver)) throw error;
    const tried = isRetryable(error.code) ? ` (tried ${attempt} times)` : '';
    await endSource(database, operationId, failedReport(reading, error, tried));
  }
}

type Reading = {
  readonly dependencies: GenerationDependencies;
  readonly operationId: string;
  readonly position: number;
  readonly actor: string;
  readonly options: GenerationOptions;
  readonly source: ModelSource;
  readonly label: string;
  readonly step: SourceStep;
  readonly signal: AbortSignal;
};

async function openReading(
  dependencies: GenerationDependencies,
  place: SourceInput,
  signal: AbortSignal,
): Promise<Reading> {
  const { database } = dependencies;
  const { actor } = await requireOperation(database, place.operationId);
  const options = await readGenerationOptions(database, place.operationId);
  const source = options.sources[place.position];
  if (source === undefined) throw new SlipwayError('invalid', `the operation has no source ${place.position + 1}`);
  const step = openSourceStep(database, place);
  return { dependencies, ...place, actor, options, source, label: await labelOf(database, source), step, signal };
}

async function read(reading: Reading): Promise<SourceReport> {
  const { dependencies, operationId, position, step } = reading;
  await discardStaged(dependencies.database, { operationId, position });
  await step.say('fetching');
  return withScratch(dependencies.home, `${operationId}.${position}`, (scratch) => readInto(reading, scratch));
}

async function readInto(reading: Reading, scratch: Scratch): Promise<SourceReport> {
  const { dependencies, options, source, signal } = reading;
  const key = await sourceKey(dependencies.database, source, options);
  const isFresh = options.force || options.dryRun;
  const previous = isFresh ? undefined : await knownState(dependencies.database, source, key);
  const { label } = reading;
  const fetched = await fetchSource(dependencies, { source, label, scratch, signal, previous });
  if (!fetched.changed) {
    await recordSourceChecked(dependencies.database, { key, state: fetched.state });
    return reportOf(reading, { outcome: 'unchanged' });
  }
  const staged = await stage(reading, fetched);
  refuseWrong(reading, staged);
  const { state } = fetched;
  const sourceState = state === undefined ? {} : { sourceState: { key, source, label, state } };
  return options.dryRun ? check(reading, staged) : publish(reading, staged, sourceState);
}

async function stage(
  { dependencies, operationId, position, actor, options, label, step, signal }: Reading,
  fetched: FetchedSource & { readonly changed: true },
): Promise<StagedExtraction> {
  const { database } = dependencies;
  const { registrant } = fetched;
  const { partial } = options;
  const staging = { database, operationId, position, actor, source: label, registrant, partial, step, signal };
  return stageExtraction(staging, fetched.extract());
}

/** Throws SlipwayError `invalid` with all findings where the source is not to be stored. */
function refuseWrong({ options, label }: Reading, staged: StagedExtraction): void {
  const { findings, modelCount, memberCount, rejectedCount } = staged;
  const errors = findings.filter(({ severity }) => severity === 'error');
  const isEmpty = modelCount === 0 || memberCount === rejectedCount;
  if (errors.length > 0 && (isEmpty || !options.partial)) throw refusal(label, errors, staged);
  if (!isEmpty) return;
  throw new SlipwayError('invalid', `${label} holds nothing that makes a model`, {
    findings,
    fix: 'Name a model package, a chart, custom resource definitions, manifests, or sheets of models.',
  });
}

function refusal(
  label: string,
  errors: readonly Finding[],
  { findings, memberCount, rejectedCount }: StagedExtraction,
): SlipwayError {
  const [first, ...others] = errors;
  if (first !== undefined && others.length === 0) {
    const fix = first.fix === undefined ? {} : { fix: first.fix };
    const place = placeIn(label, first);
    const message = place === label && first.message.includes(label) ? first.message : `${place}: ${first.message}`;
    return new SlipwayError('invalid', message, { findings, ...fix });
  }
  const wrong = rejectedCount > 0 ? rejectedOf(rejectedCount, memberCount) : `${errors.length} things`;
  const verb = rejectedCount === 1 ? 'is' : 'are';
  return new SlipwayError('invalid', `${wrong} in ${label} ${verb} wrong, so nothing of it was stored`, {
    findings,
    fix: 'Correct what the findings say, or store the rest by `partial`.',
  });
}

function rejectedOf(rejected: number, all: number): string {
  return all === 1 ? 'the only entity' : `${rejected} of ${all} entities`;
}

/** `widgets.tgz, crds/widget.yaml:12, spec.versions[0].name`, as far as the finding tells. */
function placeIn(label: string, { file, line, path }: Finding): string {
  const lines = line === undefined ? '' : `:${line}`;
  const inFile = file === undefined || file === label ? `${label}${lines}` : `${label}, ${file}${lines}`;
  return path === undefined ? inFile : `${inFile}, ${path}`;
}

/** What would be stored, with nothing stored. */
async function check(reading: Reading, staged: StagedExtraction): Promise<SourceReport> {
  const { dependencies, operationId, position } = reading;
  const place = { operationId, position };
  const models = await previewStaged(dependencies.database, place);
  await discardStaged(dependencies.database, place);
  return reportOf(reading, { outcome: 'checked', models, findings: staged.findings });
}

async function publish(
  reading: Reading,
  { modelCount, findings }: StagedExtraction,
  sourceState: Pick<Publication, 'sourceState'>,
): Promise<SourceReport> {
  const { dependencies, operationId, position, signal } = reading;
  signal.throwIfAborted();
  const models = await publishStaged(dependencies.database, {
    operationId,
    position,
    modelCount,
    ...sourceState,
  });
  return publishedReport(reading, models, findings);
}

function publishedReport(
  reading: Reading,
  models: readonly GeneratedModel[],
  findings: readonly Finding[] = [],
): SourceReport {
  const outcome = models.every(({ change }) => change === 'unchanged') ? 'unchanged' : 'stored';
  return reportOf(reading, { outcome, models, findings });
}

type Outcome = {
  readonly outcome: SourceReport['outcome'];
  readonly models?: readonly GeneratedModel[];
  readonly findings?: readonly Finding[];
};

function reportOf({ position, label }: Reading, { outcome, models = [], findings = [] }: Outcome): SourceReport {
  return {
    position,
    source: label,
    outcome,
    modelCount: models.length,
    componentCount: models.reduce((sum, { componentCount }) => sum + componentCount, 0),
    models: models.slice(0, reportedModels),
    findings: [...findings],
  };
}

function failedReport(reading: Reading, error: SlipwayError, tried: string): SourceReport {
  const { code, message, fix, findings } = error;
  const reason = { code, message: `${message}${tried}`, ...(fix === undefined ? {} : { fix }) };
  return { ...reportOf(reading, { outcome: 'failed', findings }), error: reason };
}
