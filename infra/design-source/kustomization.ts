import { posix } from 'node:path';
import {
  findingAt,
  type FindingText,
  type SourceDocument,
  type SourcePlace,
} from '../../domain/design/source-document.ts';
import type { Finding } from '../../domain/finding.ts';
import { arrayAt, stringAt, valueAt, type JsonPath } from '../../domain/json.ts';
import type { ArchiveFiles } from './archive-files.ts';
import { decodeText } from './decode-text.ts';
import { readYaml } from './yaml-documents.ts';

const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** The folders of an archive that hold a kustomization, outermost first. */
export function kustomizationFolders(files: ArchiveFiles): readonly string[] {
  return [...files.keys()]
    .filter((path) => fileNames.includes(posix.basename(path)))
    .map((path) => posix.dirname(path))
    .toSorted((a, b) => folderDepth(a) - folderDepth(b) || (a < b ? -1 : 1));
}

/** How far below the top of the archive a folder is. */
export function folderDepth(folder: string): number {
  return folder === '.' ? 0 : folder.split('/').length;
}

/**
 * Refuses what would make kustomize leave the archive: kustomize takes any path that it does not find for something to fetch, so
 * everything that a kustomization names must be in the archive. Follows the kustomizations that are named from `folder`.
 */
export function checkKustomization(files: ArchiveFiles, folder: string): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const checked = checkFolder(files, next);
    findings.push(...checked.findings);
    waiting.push(...checked.folders);
  }
  return findings;
}

type CheckedFolder = { readonly findings: readonly Finding[]; readonly folders: readonly string[] };

function checkFolder(files: ArchiveFiles, folder: string): CheckedFolder {
  const file = fileNames.map((name) => posix.join(folder, name)).find((path) => files.has(path));
  const bytes = file === undefined ? undefined : files.get(file);
  if (file === undefined || bytes === undefined) return { findings: [], folders: [] };
  const decoded = decodeText(bytes, file);
  if ('finding' in decoded) return { findings: [decoded.finding], folders: [] };
  const { documents, findings } = readYaml({ text: decoded.text, file });
  const named = documents.flatMap(namedPaths).map(({ name, place }) => resolveName(files, folder, { name, place }));
  return {
    findings: [...findings, ...documents.flatMap(helmFindings), ...named.flatMap(({ finding }) => finding ?? [])],
    folders: named.flatMap(({ path }) => path ?? []),
  };
}

type NamedPath = { readonly name: string; readonly place: SourcePlace };

/** Fields that list paths, and whether an entry may be YAML text instead. */
const listFields = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators',
  'patchesStrategicMerge',
];
const pathFields: readonly (readonly [list: string, field: string])[] = [
  ['patches', 'path'],
  ['patchesJson6902', 'path'],
  ['replacements', 'path'],
];
const generators = ['configMapGenerator', 'secretGenerator'];

function namedPaths(document: SourceDocument): readonly NamedPath[] {
  const at = (path: JsonPath): readonly NamedPath[] => {
    const name = stringAt(document.value, ...path);
    return name === undefined || name.includes('\n') ? [] : [{ name, place: { document, path } }];
  };
  const items = (path: JsonPath) => arrayAt(document.value, ...path).map((_item, index) => [...path, index]);
  const sources = generators.flatMap((generator) => items([generator]));
  return [
    ...listFields.flatMap((field) => items([field])).flatMap(at),
    ...pathFields.flatMap(([list, field]) => items([list]).flatMap((item) => at([...item, field]))),
    ...at(['openapi', 'path']),
    ...sources.flatMap((source) => [...at([...source, 'env']), ...items([...source, 'envs']).flatMap(at)]),
    ...sources.flatMap((source) => items([...source, 'files']).flatMap(at)).map(withoutKey),
  ];
}

/** `key=path` in a generator's files. */
function withoutKey({ name, place }: NamedPath): NamedPath {
  return { name: name.slice(name.indexOf('=') + 1), place };
}

type ResolvedName = { readonly path?: string; readonly finding?: Finding };

function resolveName(files: ArchiveFiles, folder: string, { name, place }: NamedPath): ResolvedName {
  const path = posix.join(folder, name).replace(/\/$/, '');
  const isInside = !posix.isAbsolute(name) && path !== '..' && !path.startsWith('../');
  if (isInside && (path === '.' || holds(files, path))) return { path };
  const isRemote = /:\/\/|^git@|^git::|\?ref=|^[\w-]+(\.[\w-]+)+\//.test(name);
  if (isRemote) return { finding: findingAt(place, remote) };
  return { finding: findingAt(place, isInside ? notInArchive(name) : outsideArchive(name)) };
}

function holds(files: ArchiveFiles, path: string): boolean {
  return files.has(path) || [...files.keys()].some((file) => file.startsWith(`${path}/`));
}

const remote: FindingText = {
  severity: 'error',
  code: 'kustomize.remote',
  message: 'This is fetched from elsewhere, which Slipway does not do.',
  fix: 'Put the files into the folder and name them by path.',
};

function notInArchive(name: string): FindingText {
  return {
    severity: 'error',
    code: 'kustomize.missingFile',
    message: `"${name}" is not among the files that were given.`,
    fix: 'Give the folder with everything that it names.',
  };
}

function outsideArchive(name: string): FindingText {
  return {
    severity: 'error',
    code: 'kustomize.outside',
    message: `"${name}" leads out of the folder that was given.`,
    fix: 'Give the folder with everything that it names.',
  };
}

function helmFindings(document: SourceDocument): readonly Finding[] {
  return ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals']
    .filter((field) => valueAt(document.value, field) !== undefined)
    .map((field) =>
      findingAt(
        { document, path: [field] },
        {
          severity: 'error',
          code: 'kustomize.helm',
          message: 'Slipway does not let kustomize fetch and render Helm charts.',
          fix: 'Render the chart with "helm template" and name the result under resources.',
        },
      ),
    );
}
