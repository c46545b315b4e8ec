import { posix } from 'node:path';

/** What the paths of a source's files tell of it. Folders are `''` for the whole source. */
export type ExtractionPlan = {
  /** Folders with a file that describes a model. */
  readonly packages: readonly PackageFolder[];
  /** Folders with a `Chart.yaml` that are no part of another chart. */
  readonly charts: readonly string[];
  /** Folders with a kustomization outside of packages and charts. */
  readonly kustomizations: readonly string[];
  readonly sheets: readonly string[];
  /** JSON and YAML files outside of packages and charts. */
  readonly texts: readonly string[];
};

export type PackageFolder = {
  readonly folder: string;
  readonly modelFile: string;
  /** All files of the package but the model's own; those of packages in it are theirs. */
  readonly files: readonly string[];
};

const kustomizationNames = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization']);

/** Whether a file may describe the model that its folder holds; its content says whether it does. */
export function mayBeModelFile(path: string): boolean {
  return !isLitter(path) && /^model(\.[\w-]+)?\.(json|ya?ml)$/.test(posix.basename(path));
}

/** Sorts the files of a source by what they may be, in the order of their paths. `modelFiles` are those that describe models. */
export function planExtraction(paths: readonly string[], modelFiles: readonly string[]): ExtractionPlan {
  const files = paths.filter((path) => !isLitter(path)).toSorted();
  const packageFolders = modelFiles.map(folderOf);
  const charts = chartFolders(files.filter((path) => !isInAny(path, packageFolders)));
  const packages = modelFiles.map((modelFile) => packageOf(modelFile, files, packageFolders));
  const others = files.filter((path) => !isInAny(path, packageFolders) && !isInAny(path, charts));
  return {
    packages,
    charts,
    kustomizations: others.filter((path) => kustomizationNames.has(posix.basename(path))).map(folderOf),
    sheets: others.filter((path) => path.endsWith('.csv')),
    texts: others.filter((path) => /\.(json|ya?ml)$/.test(path) || isOnlyFile(path, files)),
  };
}

/** What some systems add to every archive, and what describes a package to a catalogue or a repository to its host. */
function isLitter(path: string): boolean {
  const name = posix.basename(path);
  return (
    name.startsWith('._') ||
    /^artifacthub-(pkg|repo)\.ya?ml$/.test(name) ||
    /(^|\/)(__MACOSX|\.git|\.github|\.circleci|node_modules)\//.test(path)
  );
}

/** A file that came alone may be called anything. */
function isOnlyFile(path: string, files: readonly string[]): boolean {
  return files.length === 1 && !/\.(csv|tgz|gz|tar|zip)$/.test(path);
}

/** The folder that a file stands in, `''` for the outermost. */
export function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : folder;
}

/** Whether a file stands in a folder or below it. */
export function isIn(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

function isInAny(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => isIn(path, folder));
}

function packageOf(modelFile: string, files: readonly string[], folders: readonly string[]): PackageFolder {
  const folder = folderOf(modelFile);
  const inner = folders.filter((other) => other !== folder && isIn(other, folder));
  return {
    folder,
    modelFile,
    files: files.filter((path) => path !== modelFile && isIn(path, folder) && !isInAny(path, inner)),
  };
}

/** Charts in a chart are its dependencies. */
function chartFolders(files: readonly string[]): readonly string[] {
  const folders = files.filter((path) => posix.basename(path) === 'Chart.yaml').map(folderOf);
  return folders.filter((folder) => !folders.some((other) => other !== folder && isIn(`${folder}/`, other)));
}
