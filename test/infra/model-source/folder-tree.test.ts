import { Buffer } from 'node:buffer';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderTree } from '../../../infra/model-source/folder-tree.ts';
import { memoryTree, subtree } from '../../../infra/model-source/source-tree.ts';
import { temporaryFolder } from './scratch-folder.ts';

async function folder(): Promise<string> {
  const root = await temporaryFolder();
  await mkdir(join(root, 'crds/deep'), { recursive: true });
  await mkdir(join(root, '.git'));
  await writeFile(join(root, '.git/config'), 'secret');
  await writeFile(join(root, 'crds/deep/a.yaml'), 'a: 1');
  await writeFile(join(root, 'README.md'), '# Hi');
  return root;
}

const paths = async (root: string, within?: string) => (await folderTree(root, within)).files.map(({ path }) => path);

test('a folder is a tree of its files, without what belongs to Git', async () => {
  const root = await folder();
  const tree = await folderTree(root);
  expect(tree.files).toEqual([
    { path: 'README.md', size: 4 },
    { path: 'crds/deep/a.yaml', size: 4 },
  ]);
  expect(Buffer.from(await tree.read('crds/deep/a.yaml')).toString()).toBe('a: 1');
  await expect(tree.read('.git/config')).rejects.toMatchObject({ code: 'notFound' });
});

test('a link to a file in it is a file; one to a folder in it, to what belongs to Git or to nothing is left out', async () => {
  const root = await folder();
  await symlink('deep/a.yaml', join(root, 'crds/b.yaml'));
  await symlink('deep', join(root, 'crds/again'));
  await symlink('../crds', join(root, 'crds/deep/cycle'));
  await symlink('.git/config', join(root, 'config'));
  await symlink('gone', join(root, 'nothing'));
  expect(await paths(root)).toEqual(['README.md', 'crds/b.yaml', 'crds/deep/a.yaml']);
});

test.each(['/etc/passwd', '../../../../../../etc/passwd', '/gone', '../..'])(
  'a link to %s is refused by its name',
  async (target) => {
    const root = await folder();
    await symlink(target, join(root, 'crds/out.yaml'));
    await expect(folderTree(root)).rejects.toMatchObject({
      code: 'invalid',
      findings: [{ code: 'source.linkLeadsOut', file: 'crds/out.yaml' }],
    });
  },
);

test('a part of a working copy may link to the rest of it', async () => {
  const root = await folder();
  await symlink('../README.md', join(root, 'crds/README.md'));
  expect(await paths(join(root, 'crds'), root)).toEqual(['README.md', 'deep/a.yaml']);
  await expect(folderTree(join(root, 'crds'))).rejects.toMatchObject({ code: 'invalid' });
});

test('a part of a tree is a tree', async () => {
  const contents = new Map(['a/b/c', 'a/d', 'ab/e'].map((path) => [path, Buffer.from(path)]));
  const part = subtree(memoryTree(contents), 'a');
  expect(part.files.map(({ path }) => path)).toEqual(['b/c', 'd']);
  expect(Buffer.from(await part.read('b/c')).toString()).toBe('a/b/c');
});
