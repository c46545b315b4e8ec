import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { blobOf } from '../../../../infra/model-source/oci/blob.ts';
import { modelArtifact } from '../../../../infra/model-source/oci/package-manifest.ts';
import { pullArtifact, pushPackage } from '../../../../infra/model-source/oci/artifact.ts';
import { testScratch } from '../scratch-folder.ts';
import { newReference, packedModel, testClient } from './oci-fixture.ts';
import { asked, forward, startRegistryProxy } from './registry-proxy.ts';

const title = 'crane.tar.gz';

test('a package that was pushed is pulled byte for byte', async () => {
  const [client, reference, { file, bytes }] = [
    testClient(),
    newReference(inject('registry').address),
    await packedModel(),
  ];
  const pushed = await pushPackage(client, reference, { file, title });
  const pulled = await pullArtifact(client, reference, { into: await testScratch() });
  expect(pushed.changed).toBe(true);
  expect(pulled).toMatchObject({
    digest: pushed.digest,
    kind: 'model',
    mediaType: modelArtifact.layerType,
    name: title,
    provenance: undefined,
  });
  expect(pulled.changed && (await readFile(pulled.file)).equals(bytes)).toBe(true);
});

test('the same package gets the same digest in every repository, from a file and from memory', async () => {
  const [client, { address }, { file, bytes }] = [testClient(), inject('registry'), await packedModel()];
  const annotations = { 'org.opencontainers.image.version': '1.0.0', 'org.opencontainers.image.title': 'crane' };
  const first = await pushPackage(client, newReference(address), { file, title, annotations });
  const turned = Object.fromEntries(Object.entries(annotations).toReversed());
  const second = await pushPackage(client, newReference(address), { bytes, title, annotations: turned });
  expect(second.digest).toBe(first.digest);
});

test('a package that the tag points at already costs one request and is not sent', async () => {
  const [reference, { file }] = [newReference(inject('registry').address), await packedModel()];
  await pushPackage(testClient(), reference, { file, title });
  const proxy = await startRegistryProxy(inject('registry').address);
  const again = await pushPackage(testClient(), { ...reference, registry: proxy.address }, { file, title });
  expect(again.changed).toBe(false);
  expect(asked(proxy)).toEqual([`HEAD /v2/${reference.repository}/manifests/1.0.0`]);
});

test('blobs that the registry has are not sent for another tag', async () => {
  const [reference, { file }] = [newReference(inject('registry').address), await packedModel()];
  const first = await pushPackage(testClient(), reference, { file, title });
  const proxy = await startRegistryProxy(inject('registry').address);
  const other = { ...reference, registry: proxy.address, tag: '1.0.1' };
  expect(await pushPackage(testClient(), other, { file, title })).toEqual({ digest: first.digest, changed: true });
  expect(asked(proxy).filter((line) => !line.startsWith('HEAD'))).toEqual([
    `PUT /v2/${reference.repository}/manifests/1.0.1`,
  ]);
});

test('an unchanged artifact costs one request by tag and none by digest', async () => {
  const [reference, { file }] = [newReference(inject('registry').address), await packedModel()];
  const { digest } = await pushPackage(testClient(), reference, { file, title });
  const proxy = await startRegistryProxy(inject('registry').address);
  const [client, into] = [testClient(), await testScratch()];
  const byTag = { ...reference, registry: proxy.address };
  expect(await pullArtifact(client, byTag, { into, previous: { digest } })).toEqual({ changed: false });
  expect(asked(proxy)).toHaveLength(1);
  expect(await pullArtifact(client, { ...byTag, digest }, { into, previous: { digest } })).toEqual({ changed: false });
  expect(asked(proxy)).toHaveLength(1);
});

test('a tag that moved gives the new package, and the digest still gives the old one', async () => {
  const [client, reference] = [testClient(), newReference(inject('registry').address)];
  const [old, recent] = [await packedModel('old'), await packedModel('recent')];
  const { digest } = await pushPackage(client, reference, { file: old.file, title });
  await pushPackage(client, reference, { file: recent.file, title });
  const into = await testScratch();
  const moved = await pullArtifact(client, reference, { into, previous: { digest } });
  const kept = await pullArtifact(client, { ...reference, digest }, { into });
  expect(moved.changed && (await readFile(moved.file)).equals(recent.bytes)).toBe(true);
  expect(kept.changed && (await readFile(kept.file)).equals(old.bytes)).toBe(true);
});

test('a push by digest is refused when the package has another one', async () => {
  const { file } = await packedModel();
  const { tag: _tag, ...reference } = newReference(inject('registry').address);
  const digest = `sha256:${'0'.repeat(64)}`;
  const push = pushPackage(testClient(), { ...reference, digest }, { file, title });
  await expect(push).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining(digest) });
});

test('a package without a tag is pushed by its digest alone', async () => {
  const [client, { file }] = [testClient(), await packedModel()];
  const tagged = await pushPackage(client, newReference(inject('registry').address), { file, title });
  const { tag: _tag, ...untagged } = newReference(inject('registry').address);
  const reference = { ...untagged, digest: tagged.digest };
  expect(await pushPackage(client, reference, { file, title })).toEqual({ digest: tagged.digest, changed: true });
  expect(await client.resolve(reference)).toBe(tagged.digest);
});

test('a large package is sent in pieces and arrives whole', async () => {
  const bytes = Buffer.alloc(1_000_001, 'keel');
  const proxy = await startRegistryProxy(inject('registry').address);
  const [client, reference] = [testClient({ chunkBytes: 300_000 }), newReference(proxy.address)];
  await pushPackage(client, reference, { bytes, title });
  expect(asked(proxy).filter((line) => line.startsWith('PATCH'))).toHaveLength(4);
  const pulled = await pullArtifact(client, reference, { into: await testScratch() });
  expect(pulled.changed && (await readFile(pulled.file)).equals(bytes)).toBe(true);
});

test('an upload whose connection breaks goes on where the registry stands', async () => {
  const bytes = Buffer.alloc(1_000_000, 'ballast');
  let chunks = 0;
  const proxy = await startRegistryProxy(inject('registry').address, (incoming, response) => {
    if (incoming.method !== 'PATCH') return false;
    chunks += 1;
    if (chunks === 2) incoming.once('data', () => response.destroy());
    return chunks === 2;
  });
  const [client, reference] = [testClient({ chunkBytes: 400_000 }), newReference(proxy.address)];
  const blob = await blobOf({ bytes });
  expect(await client.pushBlob(reference, blob)).toBe('sent');
  expect(
    proxy.requests.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['content-range']),
  ).toEqual(['0-399999', '400000-799999', '400000-799999', '800000-999999']);
  expect(await client.pushBlob(reference, blob)).toBe('known');
});

test('an upload whose answer is lost is found finished', async () => {
  const registry = inject('registry').address;
  const proxy = await startRegistryProxy(registry, (incoming, response) => {
    if (incoming.method !== 'PUT') return false;
    forward({ registry, incoming, response, onAnswer: () => response.destroy() });
    return true;
  });
  const blob = await blobOf({ bytes: Buffer.from('a small anchor') });
  await expect(testClient().pushBlob(newReference(proxy.address), blob)).resolves.toBe('known');
});

test('tags are read over all pages', async () => {
  const small = await packedModel();
  const reference = newReference(inject('registry').address);
  const tags = ['1.0.0', '1.0.1', '1.1.0', '2.0.0', '2.0.1'];
  for (const tag of tags) await pushPackage(testClient(), { ...reference, tag }, { file: small.file, title });
  const registry = inject('registry').address;
  const proxy = await startRegistryProxy(registry, (incoming, response) => {
    forward({ registry, incoming, response, path: incoming.url?.replace('n=1000', 'n=2') ?? '' });
    return true;
  });
  expect(await testClient().listTags({ ...reference, registry: proxy.address })).toEqual(tags);
  expect(proxy.requests).toHaveLength(3);
});

test('a tag that is not there is named with what to check', async () => {
  const [client, reference, { file }] = [testClient(), newReference(inject('registry').address), await packedModel()];
  await pushPackage(client, reference, { file, title });
  const name = `oci://${reference.registry}/${reference.repository}:9.9.9`;
  await expect(client.resolve({ ...reference, tag: '9.9.9' })).rejects.toMatchObject({
    code: 'notFound',
    message: expect.stringContaining(`${name}: the registry does not have it`),
    fix: expect.stringContaining('tag'),
  });
  await expect(client.readManifest({ ...reference, tag: '9.9.9' })).rejects.toThrow('MANIFEST_UNKNOWN');
  await expect(client.listTags(newReference(reference.registry))).rejects.toMatchObject({ code: 'notFound' });
});
