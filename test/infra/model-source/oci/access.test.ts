import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import { blobOf } from '../../../../infra/model-source/oci/blob.ts';
import { pullArtifact, pushPackage } from '../../../../infra/model-source/oci/artifact.ts';
import { provision } from '../../../../infra/runtime/provision.ts';
import { startRegistry } from '../../../../infra/runtime/registry-server.ts';
import { openStateDirectory } from '../../../../infra/runtime/state-directory.ts';
import { temporaryFolder, testScratch } from '../scratch-folder.ts';
import { startWebServer, type WebServer } from '../web-server.ts';
import { newReference, packedModel, testClient } from './oci-fixture.ts';

const title = 'crane.tar.gz';

test('a registry that asks for a name and a password gets them', async () => {
  const { address, username, password } = inject('registry').guarded;
  const client = testClient({ credential: { username, password } });
  const [reference, { file, bytes }] = [newReference(address), await packedModel()];
  const { digest } = await pushPackage(client, reference, { file, title });
  const pulled = await pullArtifact(testClient({ credential: { username, password } }), reference, {
    into: await testScratch(),
  });
  expect(pulled).toMatchObject({ changed: true, digest });
  expect(pulled.changed && (await readFile(pulled.file)).equals(bytes)).toBe(true);
});

test('without a credential the error says to make a connection', async () => {
  const reference = newReference(inject('registry').guarded.address);
  await expect(testClient().resolve(reference)).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('asks who wants'),
    fix: expect.stringContaining('connection'),
  });
  const push = pushPackage(testClient(), reference, { bytes: Buffer.from('x'), title });
  await expect(push).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a wrong password is refused and not repeated in the error', async () => {
  const { address, username } = inject('registry').guarded;
  const client = testClient({ credential: { username, password: 'not-the-berth' } });
  const error: unknown = await client.resolve(newReference(address)).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('refuses the credential') });
  expect(JSON.stringify(error)).not.toContain('not-the-berth');
});

type Issuer = { readonly server: WebServer; readonly keys: string };

/** A token server as registries name it in their challenge; grants what is asked to whoever brings the right password. */
async function startIssuer(credential?: { readonly username: string; readonly password: string }): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'dock', alg: 'RS256', use: 'sig' };
  const expected = credential && `Basic ${btoa(`${credential.username}:${credential.password}`)}`;
  const server = await startWebServer((request, response) => {
    if (request.headers.authorization !== expected) return void response.writeHead(401).end();
    const url = new URL(request.url ?? '', 'http://issuer');
    const access = url.searchParams.getAll('scope').map((scope) => {
      const [type, name, actions = ''] = scope.split(':');
      return { type, name, actions: actions.split(',') };
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'harbour', aud: url.searchParams.get('service'), exp: now + 60, nbf: now - 10, iat: now };
    const parts = [
      { alg: 'RS256', typ: 'JWT', kid: 'dock' },
      { ...claims, jti: randomUUID(), access },
    ];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url');
    response.end(JSON.stringify({ token: `${signed}.${signature}` }));
  });
  return { server, keys: JSON.stringify({ keys: [key] }) };
}

async function startTokenRegistry({ server, keys }: Issuer): Promise<string> {
  const registry = await startRegistry({
    state: await openStateDirectory(await temporaryFolder()),
    program: await provision('registry', { environment: process.env, onProgress: () => {} }),
    name: 'token-registry',
    access: { kind: 'token', realm: `${server.url}/token`, service: 'quay', issuer: 'harbour', keys },
    onUnexpectedExit: () => {},
  });
  onTestFinished(registry.stop);
  return registry.address;
}

test('a registry that wants a token is given one from the server that it names, for reading and for writing', async () => {
  const credential = { username: 'harbourmaster', password: 'bollard' };
  const issuer = await startIssuer(credential);
  const [reference, { file, bytes }] = [newReference(await startTokenRegistry(issuer)), await packedModel()];
  await pushPackage(testClient({ credential }), reference, { file, title });
  const scopes = issuer.server.requests.map(({ url }) => new URL(url ?? '', 'http://issuer').searchParams.get('scope'));
  expect(scopes.at(-1)).toMatch(new RegExp(`^repository:${reference.repository}:(pull,push|push,pull)$`));
  const asked = issuer.server.requests.length;
  const pulled = await pullArtifact(testClient({ credential }), reference, { into: await testScratch() });
  expect(pulled.changed && (await readFile(pulled.file)).equals(bytes)).toBe(true);
  expect(issuer.server.requests).toHaveLength(asked + 1);
});

test('a token server that lets anybody read is asked without a credential', async () => {
  const issuer = await startIssuer();
  const reference = newReference(await startTokenRegistry(issuer));
  await expect(testClient().listTags(reference)).rejects.toMatchObject({ code: 'notFound' });
  expect(issuer.server.requests).toHaveLength(1);
});

test('a token server that refuses the password is named as what it is', async () => {
  const issuer = await startIssuer({ username: 'harbourmaster', password: 'bollard' });
  const client = testClient({ credential: { username: 'harbourmaster', password: 'wrong' } });
  await expect(client.resolve(newReference(await startTokenRegistry(issuer)))).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('refuses the credential'),
  });
});

/** A registry that names a token server of the test's choice. */
async function namingTokenServer(realm: string): Promise<string> {
  const server = await startWebServer((_request, response) => {
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="quay"` }).end();
  });
  return server.address;
}

const credential = { username: 'harbourmaster', password: 'bollard' };

test('a token server at an address that is not allowed is not asked', async () => {
  const client = testClient({ credential, plainHttp: () => true });
  const reference = newReference(await namingTokenServer('http://169.254.169.254/token'));
  await expect(client.resolve(reference)).rejects.toMatchObject({ code: 'forbidden' });
});

test.each([
  ['http://auth.example.com/token', 'not reached by https'],
  ['file:///etc/passwd', 'not reached by https'],
  ['nowhere', 'no valid address'],
])('no password goes to the token server %s', async (realm, problem) => {
  const client = testClient({ credential });
  await expect(client.resolve(newReference(await namingTokenServer(realm)))).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining(problem),
  });
});

test('a token server that answers anything but a token is named', async () => {
  const issuer = await startWebServer((_request, response) => void response.end('<html>'));
  const reference = newReference(await namingTokenServer(`${issuer.url}/token`));
  await expect(testClient().resolve(reference)).rejects.toThrow(`${issuer.address} answers no token`);
});

test('a token that runs out in the middle is fetched anew', async () => {
  let tokens = 0;
  const issuer = await startWebServer((_request, response) => {
    tokens += 1;
    response.end(JSON.stringify({ access_token: `token-${tokens}` }));
  });
  let asked = 0;
  const registry = await startWebServer((request, response) => {
    asked += 1;
    // The first token is good for one request.
    const good = request.headers.authorization === (asked <= 2 ? 'Bearer token-1' : 'Bearer token-2');
    const challenge = { 'www-authenticate': `Bearer realm="${issuer.url}/token"` };
    response.writeHead(good ? 200 : 401, good ? { 'content-type': 'application/json' } : challenge);
    response.end(good ? '{"name":"quay","tags":["1.0.0"]}' : '');
  });
  const [client, reference] = [testClient(), newReference(registry.address)];
  expect(await client.listTags(reference)).toEqual(['1.0.0']);
  expect(await client.listTags(reference)).toEqual(['1.0.0']);
  expect(tokens).toBe(2);
});

test('a credential is not sent to the store that a registry sends an upload to', async () => {
  const store = await startWebServer((_request, response) => void response.writeHead(201).end());
  const registry = await startWebServer((request, response) => {
    if (request.headers.authorization === undefined) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="quay"' }).end();
    } else if (request.method === 'POST') response.writeHead(202, { location: `${store.url}/upload?state=1` }).end();
    else response.writeHead(404).end();
  });
  const bytes = Buffer.from('cargo');
  await testClient({ credential }).pushBlob(newReference(registry.address), await blobOf({ bytes }));
  expect(store.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(store.requests[0]?.url).toContain('state=1&digest=sha256%3A');
});

test('a token is sent as it is', async () => {
  const registry = await startWebServer((request, response) => {
    const good = request.headers.authorization === 'Bearer my-own-token';
    response.writeHead(good ? 200 : 401, good ? {} : { 'www-authenticate': 'Bearer realm="http://127.0.0.1:9/token"' });
    response.end(good ? '{"tags":null}' : '');
  });
  const client = testClient({ credential: { token: 'my-own-token' } });
  expect(await client.listTags(newReference(registry.address))).toEqual([]);
});
