import { hasErrors, type Finding } from '../../domain/finding.ts';
import { kindOfDocument } from '../../domain/registry/document-kind.ts';
import { createDefinitionReader } from './definition-documents.ts';
import type { Extraction, ExtractedModel, ExtractOptions } from './extracted.ts';
import type { ExtractionContext } from './extraction-context.ts';
import { extractChart } from './formats/chart.ts';
import { checkedMembers } from './formats/checked-members.ts';
import { extractDefinitions } from './formats/definitions.ts';
import { buildKustomization, type BuiltFolder } from './formats/kustomize.ts';
import { extractPackage } from './formats/package.ts';
import { extractSheets } from './formats/sheets.ts';
import { surveyTexts } from './formats/survey.ts';
import { isIn, mayBeModelFile, planExtraction, type ExtractionPlan } from './plan-extraction.ts';
import type { SourceTree } from './source-tree.ts';
import { isWebPage } from './web-page.ts';

/**
 * The models in a source: packages, charts, sheets, and definitions that stand alone, in files or in what kustomize builds. Files are read one
 * by one; no member is kept. A source that holds nothing of use gives a finding that says what was looked for.
 */
export async function* extractModels(tree: SourceTree, options: ExtractOptions): Extraction {
  const [only, ...others] = tree.files;
  if (only !== undefined && others.length === 0 && (await isPage(tree, only.path))) {
    yield { findings: [webPage(only.path)] };
    return;
  }
  yield* modelsAndNotes(tree, options);
}

async function* modelsAndNotes(tree: SourceTree, options: ExtractOptions): Extraction {
  const notes: Finding[] = [];
  let isWrong = false;
  const context: ExtractionContext = {
    tree,
    options,
    reader: createDefinitionReader(tree),
    note: (...findings) => {
      isWrong ||= hasErrors(findings);
      notes.push(...findings);
    },
  };
  const plan = planExtraction(
    tree.files.map(({ path }) => path),
    await modelFiles(context),
  );
  let models = 0;
  for await (const model of modelsOf(context, plan)) {
    models += 1;
    yield { ...model, members: checkedMembers(model.head.model, model.members, context) };
    if (notes.length > 0) yield { findings: notes.splice(0) };
  }
  if (models === 0 && !isWrong) yield { findings: reasonsOfNothing(notes, options.label) };
  else if (notes.length > 0) yield { findings: notes };
}

/** Of sheets it is told as sheets are read. */
async function isPage(tree: SourceTree, path: string): Promise<boolean> {
  return !path.endsWith('.csv') && isWebPage(Buffer.from(await tree.read(path)).toString('utf8', 0, pageHeadBytes));
}

/** What stands before the beginning of a page is shorter. */
const pageHeadBytes = 4096;

function webPage(file: string): Finding {
  return {
    severity: 'error',
    code: 'source.page',
    message: 'This is a web page, not a definition.',
    fix: 'Give the address of the raw file, and a connection where people must log in to see it.',
    file,
  };
}

/** A kustomization that was not built may be why there is nothing: what it names is then what is wrong. */
function reasonsOfNothing(notes: readonly Finding[], label: string): readonly Finding[] {
  if (!notes.some(isOfKustomize)) return [...notes, nothingFound(label)];
  return notes.map((finding) => (isOfKustomize(finding) ? { ...finding, severity: 'error' } : finding));
}

function isOfKustomize({ code }: Finding): boolean {
  return code.startsWith('kustomize.');
}

async function modelFiles({ tree, reader }: ExtractionContext): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { path } of tree.files.filter((file) => mayBeModelFile(file.path))) {
    const { documents } = await reader.read(path);
    if (documents.some(({ value }) => kindOfDocument(value) === 'mesheryModel')) found.push(path);
  }
  return found;
}

async function* modelsOf(context: ExtractionContext, plan: ExtractionPlan): AsyncGenerator<ExtractedModel> {
  for (const found of plan.packages) yield await extractPackage(context, found);
  for (const folder of plan.charts) {
    const chart = await extractChart(context, folder);
    if (chart !== undefined) yield chart;
  }
  if (plan.sheets.length > 0) yield* extractSheets(context, plan.sheets);
  yield* textModels(context, plan);
}

/** The definitions in files that stand alone, and in what a kustomization builds of them. */
async function* textModels(context: ExtractionContext, plan: ExtractionPlan): AsyncGenerator<ExtractedModel> {
  const built = await buildKustomization(context, plan);
  const own = built === undefined ? plan.texts : plan.texts.filter((path) => !isIn(path, built.folder));
  const reading = built === undefined ? context : withFile(context, built);
  const { models, designs } = await surveyTexts(reading, built === undefined ? own : [built.path, ...own]);
  for (const found of models) yield extractDefinitions(reading, found);
  if (designs.length > 0) context.note(designsLeft(designs));
}

function withFile(context: ExtractionContext, { path, bytes }: BuiltFolder): ExtractionContext {
  const { tree } = context;
  const files = [...tree.files, { path, size: bytes.length }];
  const whole: SourceTree = { files, read: async (wanted) => (wanted === path ? bytes : tree.read(wanted)) };
  return { ...context, built: path, tree: whole, reader: createDefinitionReader(whole) };
}

function designsLeft(designs: readonly string[]): Finding {
  return {
    severity: 'note',
    code: 'source.designs',
    message: `Designs belong to no model and are left out: ${designs.slice(0, 10).join(', ')}.`,
    fix: 'Import them as designs.',
  };
}

function nothingFound(label: string): Finding {
  return {
    severity: 'error',
    code: 'source.nothing',
    message: `${label} holds nothing that a model can be made of.`,
    fix: 'Give CustomResourceDefinitions, a Helm chart, a model package (model.json with components/ and relationships/), components or relationships of Meshery, an OpenAPI document, or sheets in CSV.',
  };
}
