import { posix } from 'node:path';
import { findingAt, type SourceDocument } from '../../domain/design/source-document.ts';
import type { Finding } from '../../domain/finding.ts';
import { arrayAt, isJsonObject, objectAt, stringAt, valueAt, type JsonPath } from '../../domain/json.ts';
import type { ArchiveFiles } from './archive-files.ts';

const fileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

/** The Compose file of an archive: the outermost with one of Compose's own names. */
export function composeFile(files: ArchiveFiles): string | undefined {
  return [...files.keys()]
    .filter((path) => fileNames.includes(posix.basename(path)))
    .toSorted(
      (a, b) =>
        a.split('/').length - b.split('/').length ||
        fileNames.indexOf(posix.basename(a)) - fileNames.indexOf(posix.basename(b)),
    )
    .at(0);
}

/** Refuses paths in a Compose file that are not in the archive: the converter would read them from the server's own disk. */
export function checkCompose(document: SourceDocument, files: ArchiveFiles, folder: string): readonly Finding[] {
  return readPaths(document.value).flatMap((path) => {
    const name = stringAt(document.value, ...path);
    if (name === undefined || isInArchive(files, folder, name)) return [];
    return [
      findingAt(
        { document, path },
        {
          severity: 'error',
          code: 'compose.missingFile',
          message: `"${name}" is not among the files that came with the Compose file.`,
          fix: 'Give an archive of the folder, with everything that the Compose file names by a relative path.',
        },
      ),
    ];
  });
}

function isInArchive(files: ArchiveFiles, folder: string, name: string): boolean {
  const path = posix.join(folder, name);
  if (posix.isAbsolute(name) || /:\/\/|^\$|^~|\$\{/.test(name)) return false;
  return files.has(path) || [...files.keys()].some((file) => file.startsWith(`${path}/`));
}

/** Where a Compose file names files that are read on conversion: https://github.com/compose-spec/compose-spec */
function readPaths(value: unknown): readonly JsonPath[] {
  const services = Object.keys(objectAt(value, 'services')).map((name) => ['services', name]);
  return [
    ...services.flatMap((service) => textsOrLists(value, [...service, 'env_file'], 'path')),
    ...services.flatMap((service) => textsOrLists(value, [...service, 'label_file'], 'path')),
    ...services.map((service) => [...service, 'extends', 'file']),
    ...services.flatMap((service) => configuredVolumes(value, service)),
    ...textsOrLists(value, ['include'], 'path'),
    ...arrayAt(value, 'include').flatMap((_item, index) => [
      ...textsOrLists(value, ['include', index, 'path'], ''),
      ...textsOrLists(value, ['include', index, 'env_file'], ''),
    ]),
    ...['configs', 'secrets'].flatMap((kind) => Object.keys(objectAt(value, kind)).map((name) => [kind, name, 'file'])),
  ];
}

/** A text, a list of texts, or a list of mappings with the text under a field. */
function textsOrLists(value: unknown, path: JsonPath, field: string): readonly JsonPath[] {
  const items = arrayAt(value, ...path).map((item, index) =>
    isJsonObject(item) ? [...path, index, field] : [...path, index],
  );
  return [path, ...items];
}

/** The converter reads a bind mount's files into a ConfigMap when this label asks for it. */
function configuredVolumes(value: unknown, service: JsonPath): readonly JsonPath[] {
  const labels = valueAt(value, ...service, 'labels');
  const text = JSON.stringify(labels ?? '');
  if (!/kompose\.volume\.type/.test(text) || !/configMap/i.test(text)) return [];
  return arrayAt(value, ...service, 'volumes').map((item, index) =>
    isJsonObject(item) ? [...service, 'volumes', index, 'source'] : [...service, 'volumes', index],
  );
}
