import { posix } from 'node:path';
import { isRendered, type ConversionOptions, type ConvertedDesign } from '../../domain/design/convert-documents.ts';
import type { DesignFormat } from '../../domain/design.ts';
import type { Finding } from '../../domain/finding.ts';
import type { ArchiveFiles } from './archive-files.ts';
import { composeFile } from './compose-file.ts';
import { imageFiles } from './image-archive.ts';
import { kustomizationFolders } from './kustomization.ts';
import { readTextsSafely } from './read-large-text.ts';
import { renderFolder, type DesignPrograms } from './render-folder.ts';

/** Reads the design that an archive holds, by what its files are called. */
export async function readFolder(
  archive: ArchiveFiles,
  options: ConversionOptions,
  programs: DesignPrograms,
): Promise<ConvertedDesign> {
  const files = await imageFiles(archive);
  const rendered = renderedFormat(files, options.format);
  if (rendered !== undefined) return renderFolder({ ...rendered, files }, options, programs);
  if ([...files.keys()].some((path) => posix.basename(path) === 'Chart.yaml')) return { findings: [helmChart] };
  const designs = designFiles(files);
  if (designs.length === 0) return { findings: [noDesign] };
  const converted = await readTextsSafely(
    designs.map(([file, bytes]) => ({ file, bytes })),
    options,
  );
  const [first] = designs;
  if (converted.format === undefined || !isRendered(converted.format) || first === undefined) return converted;
  const path = converted.format === 'kustomize' ? posix.dirname(first[0]) : first[0];
  return renderFolder({ format: converted.format, files, path }, options, programs);
}

type Rendered = { readonly format: 'kustomize' | 'compose'; readonly path: string };

function renderedFormat(files: ArchiveFiles, format: DesignFormat | undefined): Rendered | undefined {
  const [kustomization] = kustomizationFolders(files);
  if (kustomization !== undefined && (format ?? 'kustomize') === 'kustomize')
    return { format: 'kustomize', path: kustomization };
  const compose = composeFile(files);
  return compose !== undefined && (format ?? 'compose') === 'compose'
    ? { format: 'compose', path: compose }
    : undefined;
}

/** A file called design, as Meshery packs it, or else all manifests in the order of their paths. */
function designFiles(files: ArchiveFiles): readonly (readonly [string, Uint8Array])[] {
  const texts = [...files]
    .filter(([path]) => /\.(ya?ml|json)$/.test(path) && !isDescription(path))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const designs = texts.filter(([path]) => /^design\.(ya?ml|json)$/.test(posix.basename(path)));
  return designs.length > 0 ? designs : texts;
}

/** What describes a package to a catalogue, and the files that some systems add to every archive. */
function isDescription(path: string): boolean {
  const name = posix.basename(path);
  return (
    name === 'artifacthub-pkg.yml' ||
    name === 'artifacthub-pkg.yaml' ||
    name.startsWith('._') ||
    path.startsWith('__MACOSX/')
  );
}

const helmChart: Finding = {
  severity: 'error',
  code: 'format.helmChart',
  message: 'This archive is a Helm chart, which is not accepted as a design.',
  fix: 'Render it with "helm template" and give the manifests.',
};

const noDesign: Finding = {
  severity: 'error',
  code: 'archive.noDesign',
  message: 'The archive holds no YAML or JSON file.',
  fix: 'Pack a design, manifests, a Kustomize folder, or a folder with a Compose file.',
};
