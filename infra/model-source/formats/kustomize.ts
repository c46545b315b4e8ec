import { limitFindings } from '../../../domain/design/limit-findings.ts';
import type { Finding } from '../../../domain/finding.ts';
import { findProgram } from '../../design-source/find-program.ts';
import { checkKustomization, folderDepth } from '../../design-source/kustomization.ts';
import { programFailed, programMissing } from '../../design-source/program-findings.ts';
import { runProgram } from '../../design-source/run-program.ts';
import type { ExtractionContext } from '../extraction-context.ts';
import { isIn, type ExtractionPlan } from '../plan-extraction.ts';

/** What a kustomization builds, as a text that takes the place of the files below its folder. */
export type BuiltFolder = { readonly folder: string; readonly path: string; readonly bytes: Uint8Array };

/** Files of a source that kustomize is given at most. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Builds the kustomization of a source that holds all others, or the one called `default`; undefined where there is none, or where it
 * cannot be built, which a note says: the files are read as they are then.
 */
export async function buildKustomization(
  context: ExtractionContext,
  plan: ExtractionPlan,
): Promise<BuiltFolder | undefined> {
  const folder = chosenFolder(plan.kustomizations);
  if (folder === undefined) return undefined;
  const files = await readFiles(context, plan);
  const refused = files === undefined ? [tooMuch] : checkKustomization(files, folder === '' ? '.' : folder);
  if (files === undefined || refused.length > 0) {
    context.note(...limitFindings(refused).map(asWarning));
    return undefined;
  }
  const built = await build(context, files, folder);
  if ('finding' in built) {
    context.note(asWarning(built.finding));
    return undefined;
  }
  const path = `${folder === '' ? '' : `${folder}/`}what kustomize builds.yaml`;
  return { folder, path, bytes: built.output };
}

/** The outermost one; of several side by side the one called `default`, as operators' repositories have it. */
function chosenFolder(folders: readonly string[]): string | undefined {
  const depths = folders.map((folder) => folderDepth(folder === '' ? '.' : folder));
  const outer = folders.filter((_folder, index) => depths[index] === Math.min(...depths));
  return outer.length === 1 ? outer[0] : folders.find((folder) => /(^|\/)default$/.test(folder));
}

async function readFiles(
  { tree, options }: ExtractionContext,
  plan: ExtractionPlan,
): Promise<ReadonlyMap<string, Uint8Array> | undefined> {
  const own = tree.files.filter(({ path }) => !plan.charts.some((chart) => isIn(path, chart)) && !isArchive(path));
  if (own.reduce((sum, { size }) => sum + size, 0) > mostBytes) return undefined;
  const files = new Map<string, Uint8Array>();
  for (const { path } of own) {
    options.signal?.throwIfAborted();
    files.set(path, await tree.read(path));
  }
  return files;
}

/** An archive is also a folder of its name, and a file cannot stand where a folder does. */
function isArchive(path: string): boolean {
  return /\.(tgz|tar|gz|zip)(\/|$)/.test(path);
}

type Built = { readonly output: Uint8Array } | { readonly finding: Finding };

async function build(
  { options }: ExtractionContext,
  files: ReadonlyMap<string, Uint8Array>,
  folder: string,
): Promise<Built> {
  const program = await findProgram(options.programs.kustomize);
  if (program === undefined) return { finding: programMissing('kustomize', 'A Kustomize folder') };
  const path = folder === '' ? '.' : folder;
  const outcome = await runProgram({
    program,
    arguments: ['build', '--load-restrictor', 'LoadRestrictionsRootOnly', '--', path],
    files,
    signal: options.signal,
  });
  return outcome.succeeded
    ? { output: outcome.output }
    : { finding: programFailed('kustomize.failed', 'kustomize', outcome) };
}

/** The files are read as they are instead. */
function asWarning(finding: Finding): Finding {
  return { ...finding, severity: 'warning' };
}

const tooMuch: Finding = {
  severity: 'warning',
  code: 'kustomize.tooLarge',
  message: `The kustomization was not built: its source has more than ${mostBytes} bytes.`,
  fix: 'Name the folder of the kustomization as the path of the source.',
};
