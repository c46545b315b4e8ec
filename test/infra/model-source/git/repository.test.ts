import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderBytes } from '../../../../infra/model-source/git/folder-size.ts';
import { temporaryFolder, testScratch } from '../scratch-folder.ts';
import { newRepository, serveRepository } from './git-server.ts';
import { testGit, textsIn } from './git-fixture.ts';

test('the commit of a branch, of a tag, of an annotated tag and of HEAD is told', async () => {
  const repository = await newRepository();
  const first = await repository.commit({ 'model.json': '1' });
  await repository.git('tag', 'v1.0.0');
  await repository.git('tag', '-a', 'v1.0.1', '-m', 'signed by the harbourmaster');
  await repository.git('checkout', '-q', '-b', 'feature/cranes');
  const second = await repository.commit({ 'model.json': '2' });
  await repository.git('checkout', '-q', 'main');
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const ask = (ref?: string) => git.remoteCommit({ url: `${url}/models.git`, ref });
  expect(await ask()).toEqual({ commit: first, ref: 'HEAD', path: '' });
  expect(await ask('main')).toEqual({ commit: first, ref: 'refs/heads/main', path: '' });
  expect(await ask('v1.0.0')).toEqual({ commit: first, ref: 'refs/tags/v1.0.0', path: '' });
  expect(await ask('v1.0.1')).toEqual({ commit: first, ref: 'refs/tags/v1.0.1', path: '' });
  expect(await ask('feature/cranes')).toEqual({ commit: second, ref: 'refs/heads/feature/cranes', path: '' });
  expect(await ask('refs/tags/v1.0.1')).toMatchObject({ commit: first });
});

test('a full commit is itself and costs no request', async () => {
  const [git, server] = [await testGit(), await serveRepository(await newRepository())];
  const commit = 'a1'.repeat(20);
  expect(await git.remoteCommit({ url: `${server.url}/models.git`, ref: commit })).toEqual({
    commit,
    ref: commit,
    path: '',
  });
  expect(server.requests).toEqual([]);
});

test('asking for a commit fetches nothing and leaves nothing on disk', async () => {
  const repository = await newRepository();
  await repository.commit({ 'large.bin': Buffer.alloc(1_000_000, 'x') });
  const home = await temporaryFolder();
  const [git, server] = [await testGit({ home }), await serveRepository(repository)];
  await git.remoteCommit({ url: `${server.url}/models.git`, ref: 'main' });
  // Protocol 2: what the server can do, then the refs.
  expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET /models.git/info/refs?service=git-upload-pack',
    'POST /models.git/git-upload-pack',
  ]);
  expect(await readdir(join(home, 'scratch'))).toEqual([]);
});

test('all files of a branch are read', async () => {
  const repository = await newRepository();
  const commit = await repository.commit({ 'model.json': '{}', 'components/Hoist.json': '{"kind":"Hoist"}' });
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const clone = await git.cloneRepository({ url: `${url}/models.git`, ref: 'main', scratch: await testScratch() });
  expect(clone).toMatchObject({ commit, ref: 'refs/heads/main', path: '' });
  expect(await textsIn(clone.tree)).toEqual({ 'components/Hoist.json': '{"kind":"Hoist"}', 'model.json': '{}' });
});

test('an annotated tag, an older commit and a pull request are read', async () => {
  const repository = await newRepository();
  const old = await repository.commit({ 'model.json': 'old' });
  await repository.git('tag', '-a', 'v1', '-m', 'old');
  await repository.commit({ 'model.json': 'new' });
  await repository.git('update-ref', 'refs/pull/7/head', old);
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  for (const ref of ['v1', old, 'refs/pull/7/head']) {
    const clone = await git.cloneRepository({ url: `${url}/models.git`, ref, scratch: await testScratch() });
    expect([clone.commit, await textsIn(clone.tree)]).toEqual([old, { 'model.json': 'old' }]);
  }
});

test('of a path, only what is below it is fetched', async () => {
  const repository = await newRepository();
  await repository.commit({
    'large.bin': Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251)),
    'deploy/crds/hoist.yaml': 'kind: CustomResourceDefinition',
    'deploy/notes.txt': 'no',
  });
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const scratch = await testScratch();
  const clone = await git.cloneRepository({ url: `${url}/models.git`, path: 'deploy/crds', scratch });
  expect(clone.path).toBe('deploy/crds');
  expect(await textsIn(clone.tree)).toEqual({ 'hoist.yaml': 'kind: CustomResourceDefinition' });
  expect(await folderBytes(scratch.folder)).toBeLessThan(50_000);
});

test('a path that is a file is that file', async () => {
  const repository = await newRepository();
  await repository.commit({ 'deploy/hoist.yaml': 'kind: Hoist', 'deploy/other.yaml': 'kind: Other' });
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const scratch = await testScratch();
  const { tree } = await git.cloneRepository({ url: `${url}/models.git`, path: 'deploy/hoist.yaml', scratch });
  expect(await textsIn(tree)).toEqual({ 'hoist.yaml': 'kind: Hoist' });
});

test('a page of a branch with "/" is read as the branch that exists', async () => {
  const repository = await newRepository();
  await repository.git('checkout', '-q', '-b', 'feature/cranes');
  await repository.commit({ 'models/model.json': '{}' });
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const clone = await git.cloneRepository({
    url: `${url}/harbour/models/tree/feature/cranes/models`,
    scratch: await testScratch(),
  });
  expect(clone).toMatchObject({ ref: 'refs/heads/feature/cranes', path: 'models' });
  expect(Object.keys(await textsIn(clone.tree))).toEqual(['model.json']);
});

test('a server that knows no filter sends everything, and it is read all the same', async () => {
  const repository = await newRepository();
  await repository.git('config', 'uploadpack.allowFilter', 'false');
  await repository.commit({ 'a/model.json': '{}', 'b/other.json': '{}' });
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const { tree } = await git.cloneRepository({ url: `${url}/models.git`, path: 'a', scratch: await testScratch() });
  expect(await textsIn(tree)).toEqual({ 'model.json': '{}' });
});

test('a link to a file beside it is that file; one that leads out, round or to a folder is left out', async () => {
  const repository = await newRepository();
  const links = {
    'models/linked.json': 'components/Hoist.json',
    'models/twice.json': 'linked.json',
    'models/passwd': '/etc/passwd',
    'models/above': '../top.json',
    'models/round': 'round',
    'models/folder': 'components',
  };
  await repository.commit({ 'models/components/Hoist.json': '{}', 'top.json': 'secret' });
  for (const [path, target] of Object.entries(links)) await symlink(target, join(repository.folder, path));
  await repository.commit({});
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const { tree } = await git.cloneRepository({
    url: `${url}/models.git`,
    path: 'models',
    scratch: await testScratch(),
  });
  expect(await textsIn(tree)).toEqual({ 'components/Hoist.json': '{}', 'linked.json': '{}', 'twice.json': '{}' });
});

test('a submodule is not fetched', async () => {
  const [inner, outer] = [await newRepository(), await newRepository()];
  await inner.commit({ 'inner.json': '{}' });
  await outer.commit({ 'outer.json': '{}' });
  await outer.git('submodule', 'add', '-q', inner.folder, 'parts');
  await outer.commit({});
  const [git, { url }] = [await testGit(), await serveRepository(outer)];
  const ask = async (path?: string) =>
    git.cloneRepository({ url: `${url}/models.git`, path, scratch: await testScratch() });
  expect(Object.keys(await textsIn((await ask()).tree))).toEqual(['.gitmodules', 'outer.json']);
  await expect(ask('parts')).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('a submodule'),
  });
});

test('a ref or a path that is not there is named', async () => {
  const repository = await newRepository();
  await repository.commit({ 'model.json': '{}' });
  const [git, server] = [await testGit(), await serveRepository(repository)];
  const [url, scratch] = [`${server.url}/models.git`, await testScratch()];
  await expect(git.remoteCommit({ url, ref: 'develop' })).rejects.toMatchObject({
    code: 'notFound',
    message: expect.stringContaining('no branch and no tag "develop"'),
  });
  await expect(git.cloneRepository({ url, path: 'Models', scratch })).rejects.toMatchObject({
    code: 'notFound',
    message: expect.stringContaining('"Models" at HEAD'),
  });
  await expect(git.cloneRepository({ url, ref: 'b2'.repeat(20), scratch })).rejects.toMatchObject({ code: 'notFound' });
});

test('a repository without commits is told to be empty', async () => {
  const [git, { url }] = [await testGit(), await serveRepository(await newRepository())];
  await expect(git.remoteCommit({ url: `${url}/models.git` })).rejects.toThrow('is empty');
});
