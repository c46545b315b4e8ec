import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { folderTree } from '../../../infra/model-source/folder-tree.ts';
import { memoryTree } from '../../../infra/model-source/source-tree.ts';
import { writeTree } from '../../../infra/model-source/write-tree.ts';
import { testScratch } from './scratch-folder.ts';

test('a tree is written as a folder, with archives as they are packed', async () => {
  const paths = ['Chart.yaml', 'charts/a.tgz', 'charts/a.tgz/a/Chart.yaml', 'templates/deep/b.yaml'];
  const folder = (await testScratch()).newPath();
  await writeTree(memoryTree(new Map(paths.map((path) => [path, Buffer.from(path)]))), folder);
  const written = await folderTree(folder);
  expect(written.files.map(({ path }) => path)).toEqual(['Chart.yaml', 'charts/a.tgz', 'templates/deep/b.yaml']);
  expect(Buffer.from(await written.read('charts/a.tgz')).toString()).toBe('charts/a.tgz');
});
