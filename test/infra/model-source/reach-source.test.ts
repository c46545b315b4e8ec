import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { SourceConnection } from '../../../domain/source-connection.ts';
import { createAddressGuard } from '../../../infra/model-source/address-guard.ts';
import { reachSource, type SourceReach } from '../../../infra/model-source/reach-source.ts';
import { createWebClient } from '../../../infra/model-source/web-client.ts';
import { testGit } from './git/git-fixture.ts';
import { newRepository, serveRepository } from './git/git-server.ts';
import { temporaryFolder } from './scratch-folder.ts';
import { startWebServer } from './web-server.ts';

async function reachOf(allowed: readonly string[] = ['127.0.0.1']): Promise<SourceReach> {
  const home = await temporaryFolder();
  const web = createWebClient({ guard: createAddressGuard({ allowed }), retryForMs: 0 });
  onTestFinished(() => web.close());
  return { web, git: await testGit({ home }), home };
}

async function reach(source: SourceConnection): Promise<void> {
  const tools = await reachOf();
  try {
    await reachSource(tools, source);
  } finally {
    expect(await readdir(join(tools.home, 'scratch')).catch(() => [])).toEqual([]);
  }
}

const pair = { username: 'ann', password: 'very-secret' };
const basic = `Basic ${btoa('ann:very-secret')}`;
const wrong = { username: 'ann', password: 'not-this-one' };

test('a Git repository is asked for its refs with the credential, and nothing is left on disk', async () => {
  const repository = await newRepository();
  await repository.commit({ 'model.json': '{}' });
  const { url } = await serveRepository(repository, { authorization: basic });
  const source = { kind: 'git', server: `${url}/models.git` } as const;
  await expect(reach({ ...source, credential: pair })).resolves.toBeUndefined();
  await expect(reach({ ...source, credential: wrong })).rejects.toMatchObject({ code: 'unauthenticated' });
  await expect(reach({ ...source, credential: {} })).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a Git repository without a commit is there', async () => {
  const { url } = await serveRepository(await newRepository());
  await expect(reach({ kind: 'git', server: `${url}/models.git`, credential: {} })).resolves.toBeUndefined();
});

test('an address below which there are repositories says how to try it', async () => {
  const { url } = await startWebServer((_request, response) => void response.writeHead(404).end());
  await expect(reach({ kind: 'git', server: `${url}/harbour`, credential: {} })).rejects.toMatchObject({
    code: 'notFound',
    fix: expect.stringContaining('by reading one of them'),
  });
});

const indexes = {
  '/lines/index.yaml': 'apiVersion: v1\nentries:\n  crane:\n    - { name: crane, version: 1.0.0, urls: [crane.tgz] }\n',
  '/json/index.yaml': '{"apiVersion":"v1","entries":{"crane":[]}}',
  '/empty/index.yaml': 'apiVersion: v1\nentries: {}\n',
  '/page/index.yaml': '<html><body>Welcome to the harbour</body></html>',
  '/other/index.yaml': 'kind: ConfigMap\n',
};

function serveIndexes() {
  const texts = new Map(Object.entries(indexes));
  return startWebServer((request, response) => {
    const text = texts.get(request.url ?? '');
    if (request.headers.authorization !== basic) response.writeHead(401).end();
    else if (text === undefined) response.writeHead(404).end();
    else response.end(text);
  });
}

test.each(['lines', 'json', 'empty'])('a chart repository is reached by its index (%s)', async (name) => {
  const { url } = await serveIndexes();
  await expect(reach({ kind: 'helm', server: `${url}/${name}`, credential: pair })).resolves.toBeUndefined();
});

test.each([
  ['page', pair, 'invalid'],
  ['other', pair, 'invalid'],
  ['nowhere', pair, 'notFound'],
  ['lines', {}, 'unauthenticated'],
  ['lines', wrong, 'unauthenticated'],
] as const)('a chart repository that is none, or closed, is told (%s, %o)', async (name, credential, code) => {
  const { url } = await serveIndexes();
  await expect(reach({ kind: 'helm', server: `${url}/${name}`, credential })).rejects.toMatchObject({ code });
});

test('a registry is asked for its version, with the credential where it wants one', async () => {
  const { address, guarded } = inject('registry');
  const { username, password } = guarded;
  await expect(reach({ kind: 'oci', server: address, credential: {} })).resolves.toBeUndefined();
  const closed = { kind: 'oci', server: guarded.address } as const;
  await expect(reach({ ...closed, credential: { username, password } })).resolves.toBeUndefined();
  await expect(reach({ ...closed, credential: wrong })).rejects.toMatchObject({
    code: 'unauthenticated',
    message: `the registry ${guarded.address} refuses the credential`,
  });
  await expect(reach({ ...closed, credential: {} })).rejects.toMatchObject({
    code: 'unauthenticated',
    message: `the registry ${guarded.address} asks who wants in`,
  });
});

test('a token server that a registry names is asked for a token of no repository', async () => {
  const issuer = await startWebServer((request, response) => {
    if (request.headers.authorization === basic) response.end('{"token":"berth-7"}');
    else response.writeHead(401).end();
  });
  const registry = await startWebServer((request, response) => {
    const isLetIn = request.headers.authorization === 'Bearer berth-7';
    const challenge = { 'www-authenticate': `Bearer realm="${issuer.url}/token",service="quay"` };
    response.writeHead(isLetIn ? 200 : 401, isLetIn ? {} : challenge).end();
  });
  await expect(reach({ kind: 'oci', server: registry.address, credential: pair })).resolves.toBeUndefined();
  expect(issuer.requests.map(({ url }) => url)).toEqual(['/token?service=quay']);
  expect(registry.requests.map(({ url }) => url)).toEqual(['/v2/', '/v2/']);
  await expect(reach({ kind: 'oci', server: registry.address, credential: wrong })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});

test('what is no registry is told', async () => {
  const { address } = await startWebServer((_request, response) => void response.writeHead(404).end());
  await expect(reach({ kind: 'oci', server: address, credential: {} })).rejects.toMatchObject({ code: 'notFound' });
});

test.each([
  ['helm', 'http://169.254.169.254'],
  ['oci', '169.254.169.254'],
] as const)('%s at an address that is not allowed is not asked', async (kind, server) => {
  await expect(reach({ kind, server, credential: {} })).rejects.toMatchObject({ code: 'forbidden' });
});
