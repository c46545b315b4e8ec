import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SlipwayError } from '../../domain/errors.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import { type SourceFile, sourceTree, type SourceTree } from './source-tree.ts';

type FolderFile = SourceFile & { readonly file: string };

/**
 * The files of a folder on disk, such as a working copy of a Git repository; `.git` is left out. Links to files within `root` (by
 * default the folder itself) are files, links to folders there are left out. Throws SlipwayError `invalid` for a link that leads out,
 * `tooLarge` for too many files.
 */
export async function folderTree(folder: string, root: string = folder): Promise<SourceTree> {
  const walk = { folder: await realpath(folder), root: await realpath(root) };
  const files: FolderFile[] = [];
  for await (const file of filesBelow(walk.folder, walk)) {
    files.push(file);
    if (files.length > registryLimits.folderFiles) throw tooManyFiles();
  }
  return sourceTree(files, readWhole);
}

type Walk = { readonly folder: string; readonly root: string };

async function* filesBelow(at: string, walk: Walk): AsyncGenerator<FolderFile> {
  for (const entry of await readdir(at, { withFileTypes: true })) {
    const path = join(at, entry.name);
    if (entry.isDirectory() && entry.name !== '.git') yield* filesBelow(path, walk);
    const file = entry.isFile() ? path : entry.isSymbolicLink() ? await linkedFile(path, walk) : undefined;
    if (file !== undefined) yield { path: relativePath(walk.folder, path), file, size: (await stat(file)).size };
  }
}

/** The file within the root that a link leads to; undefined for a folder, or for nothing. */
async function linkedFile(link: string, { folder, root }: Walk): Promise<string | undefined> {
  const target = await realpath(link).catch(() => undefined);
  const named = resolve(link, '..', await readlink(link));
  if (!isWithin(root, target ?? named)) throw leadsOut(relativePath(folder, link));
  return target !== undefined && (await stat(target)).isFile() && !isGitData(root, target) ? target : undefined;
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep);
}

function isGitData(root: string, path: string): boolean {
  return relativePath(root, path).split('/').includes('.git');
}

function relativePath(from: string, path: string): string {
  return relative(from, path).split(sep).join('/');
}

async function readWhole({ path, file, size }: FolderFile): Promise<Uint8Array> {
  if (size > registryLimits.fileBytes) throw fileTooLarge(path, size);
  return readFile(file);
}

function fileTooLarge(path: string, size: number): SlipwayError {
  return new SlipwayError(
    'tooLarge',
    `${JSON.stringify(path)} has ${size} bytes; at most ${registryLimits.fileBytes} are read`,
    { fix: 'Split the file, or point at a folder without it.' },
  );
}

function tooManyFiles(): SlipwayError {
  return new SlipwayError('tooLarge', `the folder has more than ${registryLimits.folderFiles} files`, {
    fix: 'Point at the folder that holds the models.',
  });
}

function leadsOut(path: string): SlipwayError {
  return new SlipwayError('invalid', `${JSON.stringify(path)} is a link that leads out of the source`, {
    fix: 'Replace the link by what it leads to, or point at a folder without it.',
    findings: [
      {
        severity: 'error',
        code: 'source.linkLeadsOut',
        message: 'This link leads out of the source.',
        file: path,
      },
    ],
  });
}
