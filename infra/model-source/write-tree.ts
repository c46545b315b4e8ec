import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { SourceTree } from './source-tree.ts';

/** Writes the files of a tree into a new folder, for a program that reads folders; of an opened archive only the archive. */
export async function writeTree(tree: SourceTree, folder: string): Promise<void> {
  const paths = new Set(tree.files.map(({ path }) => path));
  await mkdir(folder, { mode: 0o700 });
  for (const path of paths) {
    if (isInFile(path, paths)) continue;
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, await tree.read(path), { mode: 0o600, flag: 'wx' });
  }
}

function isInFile(path: string, files: ReadonlySet<string>): boolean {
  const parent = posix.dirname(path);
  return parent !== '.' && (files.has(parent) || isInFile(parent, files));
}
