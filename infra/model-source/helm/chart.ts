import { posix } from 'node:path';
import type { Finding } from '../../../domain/finding.ts';
import { jsonObjectSchema, type JsonObject } from '../../../domain/json.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import { ArchiveRefused } from '../../design-source/archive-files.ts';
import { readArchive } from '../../design-source/read-archive.ts';
import { memoryTree, subtree, type SourceTree } from '../source-tree.ts';
import {
  type ChartDependency,
  type ChartMetadata,
  has,
  type Read,
  readMetadata,
  readText,
  readYamlFile,
} from './chart-metadata.ts';

/** A chart as its files say it, not rendered. Paths are those in the tree. */
export type Chart = {
  /** Of the chart in the tree, `''` for the top. */
  readonly folder: string;
  readonly metadata: ChartMetadata;
  readonly crds: readonly ChartFile[];
  /** The text of values.yaml. */
  readonly values: string | undefined;
  readonly valuesSchema: JsonObject | undefined;
  readonly readme: string | undefined;
  readonly dependencies: readonly ChartDependency[];
  /** What lies in `charts/`, each with its own. */
  readonly subcharts: readonly Chart[];
};

export type ChartFile = { readonly path: string; readonly text: string };

export type ReadChart = { readonly chart?: Chart; readonly findings: readonly Finding[] };

/** Helm's own charts nest two deep; more is a chart that holds itself. */
const maximumDepth = 6;

/** The folders of a tree that are charts, without those inside another chart. */
export function chartFolders(tree: SourceTree): readonly string[] {
  const folders = tree.files
    .filter(({ path }) => posix.basename(path) === 'Chart.yaml')
    .map(({ path }) => folderOf(path))
    .toSorted((one, other) => one.length - other.length);
  return folders.filter((folder, index) => !folders.slice(0, index).some((outer) => isBelow(folder, outer)));
}

/** The chart in a folder of a tree, with what is wrong with it. Nothing is fetched: a dependency that is not in `charts/` is a finding. */
export async function readChart(tree: SourceTree, folder = ''): Promise<ReadChart> {
  const { chart, findings } = await readIn(subtree(tree, folder), 0);
  const at = (path: string): string => posix.join(folder, path);
  return {
    ...(chart === undefined ? {} : { chart: placed(chart, at) }),
    findings: findings.map((finding) =>
      finding.file === undefined ? finding : { ...finding, file: at(finding.file) },
    ),
  };
}

async function readIn(tree: SourceTree, depth: number): Promise<ReadChart> {
  if (!has(tree, 'Chart.yaml')) return { findings: [noChart] };
  const metadata = await readMetadata(tree);
  if (metadata.value === undefined) return { findings: metadata.findings };
  const [crds, values, schema, readme, inside] = [
    await readCrds(tree),
    await readValues(tree),
    await readSchema(tree),
    await readOptional(tree, readmePath(tree)),
    await readSubcharts(tree, depth),
  ];
  const dependencies = metadata.value.dependencies ?? [];
  const chart: Chart = {
    folder: '',
    metadata: metadata.value,
    crds: crds.value ?? [],
    values: values.value,
    valuesSchema: schema.value,
    readme: readme.value,
    dependencies,
    subcharts: inside.value ?? [],
  };
  const missing = missingDependencies(chart);
  const parts = [metadata, crds, values, schema, readme, inside];
  return { chart, findings: [...parts.flatMap(({ findings }) => findings), ...missing] };
}

async function readCrds(tree: SourceTree): Promise<Read<readonly ChartFile[]>> {
  const paths = tree.files.map(({ path }) => path).filter((path) => /^crds\/.*\.(ya?ml|json)$/.test(path));
  const files: ChartFile[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    const read = await readText(tree, path);
    findings.push(...read.findings);
    if (read.value !== undefined) files.push({ path, text: read.value });
  }
  return { value: files, findings };
}

async function readValues(tree: SourceTree): Promise<Read<string>> {
  const path = 'values.yaml';
  const { value, findings } = await readOptional(tree, path);
  if (value === undefined) return { findings };
  return { value, findings: (await readYamlFile(tree, path)).findings };
}

async function readSchema(tree: SourceTree): Promise<Read<JsonObject>> {
  const path = 'values.schema.json';
  const { value, findings } = await readOptional(tree, path);
  if (value === undefined) return { findings };
  try {
    const result = jsonObjectSchema.safeParse(JSON.parse(value));
    return result.success
      ? { value: result.data, findings: [] }
      : { findings: [badSchema(path, 'it is not an object')] };
  } catch (error) {
    return { findings: [badSchema(path, error instanceof SyntaxError ? 'it is not JSON' : String(error))] };
  }
}

async function readOptional(tree: SourceTree, path: string | undefined): Promise<Read<string>> {
  return path !== undefined && has(tree, path) ? readText(tree, path) : { findings: [] };
}

function readmePath(tree: SourceTree): string | undefined {
  return tree.files.find(({ path }) => /^readme(\.md|\.txt)?$/i.test(path))?.path;
}

/** The charts in `charts/`, as folders and as packages; names that begin with `_` or `.` are passed over, as Helm does. */
async function readSubcharts(tree: SourceTree, depth: number): Promise<Read<readonly Chart[]>> {
  const charts: Chart[] = [];
  const findings: Finding[] = [];
  for (const { at, open } of subchartsOf(tree)) {
    const read = depth < maximumDepth ? await readSubchart(open, depth + 1) : { findings: [tooDeep] };
    const place = (path: string): string => posix.join(at, path);
    if (read.chart !== undefined) charts.push(placed(read.chart, place));
    findings.push(...read.findings.map((finding) => ({ ...finding, file: place(finding.file ?? '') })));
  }
  return { value: charts, findings };
}

type Subchart = { readonly at: string; readonly open: () => Promise<SourceTree> };

function subchartsOf(tree: SourceTree): readonly Subchart[] {
  return tree.files.flatMap(({ path }) => {
    const [, name = '', inside] = /^charts\/([^/_.][^/]*)(\/Chart\.yaml)?$/.exec(path) ?? [];
    const at = `charts/${name}`;
    if (inside !== undefined && !name.endsWith('.tgz')) return [{ at, open: async () => subtree(tree, at) }];
    if (inside !== undefined || !name.endsWith('.tgz')) return [];
    return [{ at, open: async () => packedChart(await tree.read(at), name) }];
  });
}

/** The files of a packed chart, which Helm puts into one folder. */
async function packedChart(bytes: Uint8Array, name: string): Promise<SourceTree> {
  const tree = memoryTree(await readArchive(bytes, name, registryLimits));
  return subtree(tree, chartFolders(tree)[0] ?? '');
}

async function readSubchart(open: () => Promise<SourceTree>, depth: number): Promise<ReadChart> {
  try {
    return await readIn(await open(), depth);
  } catch (error) {
    if (error instanceof ArchiveRefused) return { findings: [error.finding] };
    throw error;
  }
}

function placed(chart: Chart, at: (path: string) => string): Chart {
  return {
    ...chart,
    folder: at(chart.folder).replace(/^\.$/, ''),
    crds: chart.crds.map(({ path, text }) => ({ path: at(path), text })),
    subcharts: chart.subcharts.map((subchart) => placed(subchart, at)),
  };
}

function missingDependencies({ dependencies, subcharts }: Chart): readonly Finding[] {
  const present = new Set(subcharts.map(({ metadata }) => metadata.name));
  return dependencies
    .filter(({ name }) => !present.has(name))
    .map(({ name, version }) => ({
      severity: 'warning' as const,
      code: 'chart.dependencyMissing',
      message: `The chart depends on ${name}${version ? ` ${version}` : ''}, which is not in its folder charts/.`,
      fix: 'Run "helm dependency update" and pack the chart again.',
      subject: name,
      file: 'Chart.yaml',
    }));
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : folder;
}

function isBelow(folder: string, outer: string): boolean {
  return outer === '' || folder.startsWith(`${outer}/`);
}

const noChart: Finding = {
  severity: 'error',
  code: 'chart.missing',
  message: 'The folder has no Chart.yaml.',
  fix: 'Give the folder or package of a Helm chart.',
};

const tooDeep: Finding = {
  severity: 'error',
  code: 'chart.tooDeep',
  message: `Charts are nested more than ${maximumDepth} deep.`,
  fix: 'Name the inner charts as dependencies of the outer one.',
};

function badSchema(file: string, problem: string): Finding {
  return {
    severity: 'error',
    code: 'chart.invalidSchema',
    message: `The schema of the values cannot be used: ${problem}.`,
    fix: 'Correct it; "helm lint" checks the chart.',
    file,
  };
}
