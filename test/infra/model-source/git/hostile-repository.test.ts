import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createAddressGuard, type AddressGuard } from '../../../../infra/model-source/address-guard.ts';
import { withScratch } from '../../../../infra/model-source/scratch.ts';
import { temporaryFolder, testScratch } from '../scratch-folder.ts';
import { startWebServer } from '../web-server.ts';
import { newRepository, serveRepository } from './git-server.ts';
import { testGit, textsIn } from './git-fixture.ts';

const credential = { username: 'harbourmaster', password: 'bollard-and-chain' };
const authorization = `Basic ${btoa(`${credential.username}:${credential.password}`)}`;

/** What of `pick` the processes of this machine show that mention `word`; a process that ended meanwhile shows nothing. */
async function processes(word: string, pick: 'cmdline' | 'environ'): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const texts = await Promise.all(ids.map((id) => readFile(`/proc/${id}/${pick}`, 'utf8').catch(() => '')));
  return texts.filter((text) => text.includes(word));
}

test('a repository that asks for a password is opened by a credential, which is in no argument', async () => {
  const repository = await newRepository();
  const commit = await repository.commit({ 'model.json': '{}' });
  const shown: string[] = [];
  const server = await serveRepository(repository, {
    authorization,
    onPart: async () => void shown.push(...(await processes('git', 'cmdline'))),
  });
  const [git, url] = [await testGit(), `${server.url}/models.git`];
  expect(await git.remoteCommit({ url, credential })).toMatchObject({ commit });
  const { tree } = await git.cloneRepository({ url, credential, scratch: await testScratch() });
  expect(await textsIn(tree)).toEqual({ 'model.json': '{}' });
  expect(shown.filter((text) => text.includes(server.address))).not.toEqual([]);
  expect(shown.filter((text) => text.includes('bollard') || text.includes(authorization.slice(-12)))).toEqual([]);
});

test('a token goes as the password of any user', async () => {
  const repository = await newRepository();
  await repository.commit({ 'model.json': '{}' });
  const server = await serveRepository(repository, { authorization: `Basic ${btoa('x-access-token:ghp_crane')}` });
  const git = await testGit();
  const asked = git.remoteCommit({ url: `${server.url}/models.git`, credential: { token: 'ghp_crane' } });
  await expect(asked).resolves.toMatchObject({ ref: 'HEAD' });
});

test('without a credential, a repository that asks for a password says to make a connection', async () => {
  const { url } = await serveRepository(await newRepository(), { authorization });
  const asked = (await testGit()).remoteCommit({ url: `${url}/models.git` });
  await expect(asked).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('asks for a password'),
    fix: expect.stringContaining('Make a connection of kind git'),
  });
});

test('a wrong password is refused and not repeated in the error', async () => {
  const { url } = await serveRepository(await newRepository(), { authorization });
  const wrong = { username: 'harbourmaster', password: 'not-the-bollard' };
  const asked = (await testGit()).remoteCommit({ url: `${url}/models.git`, credential: wrong });
  const error: unknown = await asked.catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('refuses the credential') });
  expect(JSON.stringify(error)).not.toMatch(/not-the-bollard|aGFyYm91cm/);
});

test.each([
  [302, 'invalid', 'has moved'],
  [403, 'forbidden', 'refuses to be read'],
  [404, 'notFound', 'is not there'],
  [429, 'rateLimited', 'wants fewer requests'],
  [500, 'unavailable', 'cannot be reached, or broke off'],
] as const)('a server that answers %i gives an error of its own kind', async (status, code, problem) => {
  const target = await startWebServer((_request, response) => void response.end());
  const server = await startWebServer((_request, response) => {
    response.writeHead(status, { location: `${target.url}/elsewhere` }).end();
  });
  const asked = (await testGit()).remoteCommit({ url: `${server.url}/models.git`, credential });
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringContaining(problem) });
  expect(target.requests).toEqual([]);
});

test('a server that stops halfway is told to have broken off', async () => {
  const repository = await newRepository();
  await repository.commit({ 'model.json': randomBytes(500_000) });
  let posts = 0;
  const server = await serveRepository(repository, {
    intercept: (request, response) => {
      if (request.method !== 'POST') return false;
      posts += 1;
      if (posts < 2) return false;
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
      response.write('0011shallow-info\n', () => response.destroy());
      return true;
    },
  });
  const git = await testGit();
  const cloning = git.cloneRepository({ url: `${server.url}/models.git`, scratch: await testScratch() });
  await expect(cloning).rejects.toMatchObject({ code: 'unavailable', fix: expect.any(String) });
});

test('what no server is, is not there', async () => {
  const { url } = await startWebServer((_request, response) => void response.end('<html>'));
  await expect((await testGit()).remoteCommit({ url: `${url}/models.git` })).rejects.toMatchObject({
    code: 'notFound',
  });
});

test('a large repository is stopped while it comes in, and nothing is left', async () => {
  const repository = await newRepository();
  await repository.git('config', 'uploadpack.allowFilter', 'false');
  const size = 40_000_000;
  await repository.commit({ 'large.bin': randomBytes(size) });
  let sent = 0;
  const [git, home, running] = [await testGit(), await temporaryFolder(), new Set<string>()];
  const server = await serveRepository(repository, {
    onPart: async (bytes) => {
      sent += bytes;
      for (const text of await processes(home, 'environ')) running.add(text);
      await sleep(sent > 4_000_000 ? 100 : 0);
    },
  });
  const cloning = withScratch(home, 'test', (scratch) =>
    git.cloneRepository({ url: `${server.url}/models.git`, scratch, limits: { bytes: 2_000_000 } }),
  );
  await expect(cloning).rejects.toMatchObject({
    code: 'tooLarge',
    message: expect.stringContaining('2000000 bytes'),
    fix: expect.stringContaining('path'),
  });
  expect(sent).toBeLessThan(size / 2);
  expect(running.size).toBeGreaterThan(0);
  expect(await processes(home, 'environ')).toEqual([]);
  expect(await readdir(join(home, 'scratch'))).toEqual([]);
});

test('a repository of too many files is refused before they are fetched', async () => {
  const repository = await newRepository();
  await repository.commit(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}.json`, `${index}`])));
  const server = await serveRepository(repository);
  const git = await testGit();
  const cloning = git.cloneRepository({
    url: `${server.url}/models.git`,
    scratch: await testScratch(),
    limits: { files: 20 },
  });
  await expect(cloning).rejects.toMatchObject({ code: 'tooLarge', message: expect.stringContaining('30 files') });
});

test('a clone that is called off ends with the reason, with git and all that it started', async () => {
  const repository = await newRepository();
  await repository.commit({ 'large.bin': randomBytes(5_000_000) });
  const abort = new AbortController();
  const server = await serveRepository(repository, {
    onPart: async () => {
      abort.abort(new Error('the tide turned'));
      await sleep(200);
    },
  });
  const [git, home] = [await testGit(), await temporaryFolder()];
  const cloning = withScratch(home, 'test', (scratch) =>
    git.cloneRepository({ url: `${server.url}/models.git`, scratch, signal: abort.signal }),
  );
  await expect(cloning).rejects.toThrow('the tide turned');
  expect(await processes(home, 'environ')).toEqual([]);
  expect(await readdir(join(home, 'scratch'))).toEqual([]);
});

test('a server that never answers is given up', async () => {
  const server = await startWebServer(() => {});
  const git = await testGit();
  const cloning = git.cloneRepository({
    url: `${server.url}/models.git`,
    scratch: await testScratch(),
    limits: { timeoutMs: 500 },
  });
  await expect(cloning).rejects.toMatchObject({ code: 'timedOut' });
});

test('hooks, filters and settings in a repository are only files', async () => {
  const repository = await newRepository();
  const marker = join(await temporaryFolder(), 'marker');
  const script = `#!/bin/sh\ntouch ${marker}\n`;
  await repository.commit({
    'hooks/post-checkout': script,
    '.githooks/post-checkout': script,
    '.gitattributes': '* filter=evil diff=evil merge=evil\n',
    '.gitconfig': `[filter "evil"]\n  smudge = touch ${marker}\n[core]\n  fsmonitor = touch ${marker}\n`,
    '.lfsconfig': `[lfs]\n  url = file://${marker}\n`,
    '.gitmodules': `[submodule "x"]\n  path = x\n  url = ext::sh -c touch% ${marker}\n  update = !touch ${marker}\n`,
  });
  await chmod(join(repository.folder, 'hooks/post-checkout'), 0o755);
  await repository.commit({});
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const { tree } = await git.cloneRepository({ url: `${url}/models.git`, scratch: await testScratch() });
  expect(tree.files.map(({ path }) => path)).toContain('hooks/post-checkout');
  await expect(access(marker)).rejects.toThrow('ENOENT');
});

test.each(['.git', '..', '.GIT', 'git~1'])('a repository with the file name %j in it is refused', async (name) => {
  const repository = await newRepository();
  await repository.commit({ 'model.json': '{}' });
  const blob = await repository.git('rev-parse', 'HEAD:model.json');
  const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
  const cwd = repository.folder;
  const tree = execFileSync('git', ['hash-object', '-w', '-t', 'tree', '--stdin', '--literally'], {
    cwd,
    input: entry,
  });
  await repository.git(
    'update-ref',
    'refs/heads/main',
    await repository.git('commit-tree', '-m', 'evil', `${tree}`.trim()),
  );
  const [git, { url }] = [await testGit(), await serveRepository(repository)];
  const cloning = git.cloneRepository({ url: `${url}/models.git`, ref: 'main', scratch: await testScratch() });
  await expect(cloning).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('invalid path') });
});

test('an address that is not allowed is refused before anything is asked', async () => {
  const server = await serveRepository(await newRepository());
  const git = await testGit({ guard: createAddressGuard({ allowed: [] }) });
  await expect(git.remoteCommit({ url: `${server.url}/models.git` })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(git.remoteCommit({ url: 'ssh://git@169.254.169.254/x' })).rejects.toMatchObject({ code: 'forbidden' });
  expect(server.requests).toEqual([]);
});

/** Nothing but this guard knows the name `git.test`. */
function guardWithName(): AddressGuard {
  const addresses = [{ address: '127.0.0.1', family: 4 }];
  return createAddressGuard({ allowed: ['git.test'], addressesOf: async () => addresses });
}

test('git connects to the address that was checked, whatever the name leads to later', async () => {
  const repository = await newRepository();
  const commit = await repository.commit({ 'model.json': '{}' });
  const server = await serveRepository(repository);
  const port = new URL(server.url).port;
  const guard = guardWithName();
  const git = await testGit({ guard, plainHttp: () => true });
  expect(await git.remoteCommit({ url: `http://git.test:${port}/models.git` })).toMatchObject({ commit });
  expect(server.requests[0]?.headers.host).toBe(`git.test:${port}`);
});

test('a host that is not this machine is not spoken to without encryption', async () => {
  const asked = (await testGit()).remoteCommit({ url: 'http://git.test/models.git', credential });
  await expect(asked).rejects.toMatchObject({ code: 'forbidden', fix: expect.stringContaining('https') });
});

test('without git the error says how to have it', async () => {
  const git = await testGit({ path: '/nowhere' });
  await expect(git.remoteCommit({ url: 'http://127.0.0.1:9/x.git' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('git is not installed'),
    fix: expect.stringContaining('git-scm.com'),
  });
});

test('a git that is too old to be kept to an address is refused', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'git'), '#!/bin/sh\necho "git version 2.36.9"\n', { mode: 0o755 });
  const git = await testGit({ path: folder });
  await expect(git.remoteCommit({ url: 'http://127.0.0.1:9/x.git' })).rejects.toThrow('git is too old');
});

const sshCredential = {
  sshPrivateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n-----END OPENSSH PRIVATE KEY-----',
  knownHosts: '[git.test]:2222 ssh-ed25519 AAAA',
};

/** A program that stands for ssh: notes what it is given and runs the command here instead of there. */
async function fakeSsh(): Promise<{ readonly path: string; readonly noted: (name: string) => Promise<string> }> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'bin'));
  const script = `#!/bin/sh
cp "$2" ${folder}/config; echo "$@" > ${folder}/arguments
cat "$(sed -n 's/.*UserKnownHostsFile "\\(.*\\)"/\\1/p' "$2")" > ${folder}/known_hosts
for last; do :; done
exec sh -c "$last"
`;
  await writeFile(join(folder, 'bin', 'ssh'), script, { mode: 0o755 });
  return {
    path: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    noted: async (name) => (await readFile(join(folder, name), 'utf8')).trim(),
  };
}

test('a repository is read over SSH, with the key and the known hosts of the credential only', async () => {
  const repository = await newRepository();
  const commit = await repository.commit({ 'model.json': '{}' });
  const ssh = await fakeSsh();
  const git = await testGit({ path: ssh.path, guard: guardWithName() });
  const url = `ssh://git@git.test:2222${repository.folder}`;
  const clone = await git.cloneRepository({ url, credential: sshCredential, scratch: await testScratch() });
  expect([clone.commit, await textsIn(clone.tree)]).toEqual([commit, { 'model.json': '{}' }]);
  expect(await ssh.noted('known_hosts')).toBe(sshCredential.knownHosts);
  expect(await ssh.noted('arguments')).toMatch(/-p 2222 git@git\.test git-upload-pack/);
  // What the real ssh makes of the settings.
  const config = `${await ssh.noted('config')}\n`;
  const file = join(await temporaryFolder(), 'config');
  await writeFile(file, config);
  const read = execFileSync('ssh', ['-G', '-F', file, '-p', '2222', 'git@git.test'], { encoding: 'utf8' });
  for (const line of [
    'hostname 127.0.0.1',
    'hostkeyalias [git.test]:2222',
    'stricthostkeychecking true',
    'batchmode yes',
    'identitiesonly yes',
    'permitlocalcommand no',
  ]) {
    expect(read.split('\n')).toContain(line);
  }
});

test.each([
  [undefined, 'it is opened by an SSH key'],
  [{ token: 'x' }, 'it is opened by an SSH key'],
  [{ sshPrivateKey: sshCredential.sshPrivateKey }, 'without knownHosts'],
])('over SSH, the credential %j is refused with why', async (given, problem) => {
  const asked = (await testGit()).remoteCommit({ url: 'git@127.0.0.1:team/models.git', credential: given });
  await expect(asked).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining(problem) });
});

test('an SSH key is not used for a web address', async () => {
  const asked = (await testGit()).remoteCommit({ url: 'http://127.0.0.1:9/x.git', credential: sshCredential });
  await expect(asked).rejects.toMatchObject({ code: 'invalid' });
});
