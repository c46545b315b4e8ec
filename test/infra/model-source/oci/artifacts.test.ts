import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { imageFiles } from '../../../../infra/design-source/image-archive.ts';
import { readArchive } from '../../../../infra/design-source/read-archive.ts';
import { pullArtifact, pushPackage, type PulledArtifact } from '../../../../infra/model-source/oci/artifact.ts';
import { blobOf } from '../../../../infra/model-source/oci/blob.ts';
import { imageLayouts, writePackageImage } from '../../../../infra/model-source/oci/layout.ts';
import { manifestTypes, sha256Of } from '../../../../infra/model-source/oci/manifest.ts';
import type { OciReference } from '../../../../infra/model-source/oci/reference.ts';
import { provision } from '../../../../infra/runtime/provision.ts';
import { temporaryFolder, testScratch } from '../scratch-folder.ts';
import { newReference, packedModel, testClient } from './oci-fixture.ts';

const run = promisify(execFile);
const flux = 'application/vnd.cncf.flux.content.v1.tar+gzip';
const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

async function pulled(reference: OciReference): Promise<PulledArtifact> {
  const artifact = await pullArtifact(testClient(), reference, { into: await testScratch() });
  if (!artifact.changed) throw new Error('a first pull is a change');
  return artifact;
}

/** Puts a document where manifests are, as other tools do. */
async function put(reference: OciReference, mediaType: string, document: object): Promise<string> {
  const body = JSON.stringify(document);
  const url = `http://${reference.registry}/v2/${reference.repository}/manifests/${reference.tag}`;
  const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': mediaType }, body });
  expect([answer.status, await answer.text()]).toEqual([201, '']);
  return sha256Of(Buffer.from(body));
}

type Layer = { readonly mediaType: string; readonly bytes: Uint8Array; readonly annotations?: object };

/** Pushes layers under a configuration and a manifest of the test's choice; gives the manifest's descriptor. */
async function putImage(reference: OciReference, layers: readonly Layer[], more: object = {}) {
  const client = testClient();
  const pushed = [];
  for (const { bytes, ...layer } of [{ mediaType: 'application/json', bytes: Buffer.from('{}') }, ...layers]) {
    const blob = await blobOf({ bytes });
    await client.pushBlob(reference, blob);
    pushed.push({ ...layer, digest: blob.digest, size: blob.size });
  }
  const [config, ...rest] = pushed;
  const manifest = { schemaVersion: 2, mediaType: manifestTypes.image, config, layers: rest, ...more };
  const digest = await put(reference, manifestTypes.image, manifest);
  return { mediaType: manifestTypes.image, digest, size: Buffer.byteLength(JSON.stringify(manifest)) };
}

test('a chart that "helm push" pushed is pulled as the same file', async () => {
  const folder = await temporaryFolder();
  const helm = await provision('helm', { environment: process.env, onProgress: () => {} });
  await mkdir(join(folder, 'hawser', 'templates'), { recursive: true });
  await writeFile(join(folder, 'hawser', 'Chart.yaml'), 'apiVersion: v2\nname: hawser\nversion: 1.2.3+knot\n');
  await writeFile(join(folder, 'hawser', 'templates', 'rope.yaml'), 'apiVersion: v1\nkind: ConfigMap\n');
  const env = { HOME: folder, PATH: '' };
  await run(helm, ['package', 'hawser'], { cwd: folder, env });
  await writeFile(join(folder, 'hawser-1.2.3+knot.tgz.prov'), 'a provenance');
  const { registry } = newReference(inject('registry').address);
  const repository = `charts-${process.pid}-${Date.now()}`;
  const target = `oci://${registry}/${repository}`;
  await run(helm, ['push', 'hawser-1.2.3+knot.tgz', target, '--plain-http'], { cwd: folder, env });
  const artifact = await pulled({ registry, repository: `${repository}/hawser`, tag: '1.2.3_knot' });
  expect(artifact.kind).toBe('chart');
  expect(await readFile(artifact.file)).toEqual(await readFile(join(folder, 'hawser-1.2.3+knot.tgz')));
  expect(artifact.provenance && (await readFile(artifact.provenance, 'utf8'))).toBe('a provenance');
});

test.each([
  ['Meshery builds', flux, 'model'],
  ['Meshery pushes', 'application/vnd.test.folder', 'model'],
  ['Docker makes', dockerLayer, 'other'],
] as const)('a package in a layer as %s them is pulled', async (_who, mediaType, kind) => {
  const [reference, { bytes }] = [newReference(inject('registry').address), await packedModel()];
  const annotations = { 'org.opencontainers.image.title': '../../crane' };
  await putImage(reference, [{ mediaType, bytes, annotations }]);
  const artifact = await pulled(reference);
  expect(artifact).toMatchObject({ kind, mediaType, name: 'crane' });
  expect((await readFile(artifact.file)).equals(bytes)).toBe(true);
});

test('a layer of a known kind is taken among others', async () => {
  const reference = newReference(inject('registry').address);
  const readme = { mediaType: 'text/markdown', bytes: Buffer.from('# crane') };
  await putImage(reference, [readme, { mediaType: flux, bytes: Buffer.from('package') }]);
  expect(await readFile((await pulled(reference)).file, 'utf8')).toBe('package');
});

test('an image of several layers is refused with their number', async () => {
  const reference = newReference(inject('registry').address);
  const layers = ['a', 'b', 'c'].map((text) => ({ mediaType: dockerLayer, bytes: Buffer.from(text) }));
  await putImage(reference, layers);
  await expect(pulled(reference)).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('it has 3 layers, and a package is one'),
  });
});

test('of an index, the manifest for no platform is taken, attestations left aside', async () => {
  const reference = newReference(inject('registry').address);
  const wanted = await putImage({ ...reference, tag: 'a' }, [{ mediaType: flux, bytes: Buffer.from('wanted') }]);
  const amd = await putImage({ ...reference, tag: 'b' }, [{ mediaType: flux, bytes: Buffer.from('amd64') }]);
  const note = await putImage({ ...reference, tag: 'c' }, [
    { mediaType: 'application/json', bytes: Buffer.from('{}') },
  ]);
  const digest = await put(reference, manifestTypes.index, {
    schemaVersion: 2,
    mediaType: manifestTypes.index,
    manifests: [
      { ...amd, platform: { os: 'linux', architecture: 'amd64' } },
      { ...note, platform: { os: 'unknown', architecture: 'unknown' } },
      wanted,
    ],
  });
  const artifact = await pulled(reference);
  expect(artifact.digest).toBe(digest);
  expect(await readFile(artifact.file, 'utf8')).toBe('wanted');
});

test('an index without a single choice is refused', async () => {
  const reference = newReference(inject('registry').address);
  const platforms = ['amd64', 'arm64'];
  const manifests = [];
  for (const architecture of platforms) {
    const image = await putImage({ ...reference, tag: architecture }, [
      { mediaType: flux, bytes: Buffer.from(architecture) },
    ]);
    manifests.push({ ...image, platform: { os: 'linux', architecture } });
  }
  await put(reference, manifestTypes.index, { schemaVersion: 2, mediaType: manifestTypes.index, manifests });
  await expect(pulled(reference)).rejects.toMatchObject({
    code: 'unsupported',
    fix: expect.stringContaining('digest'),
  });
});

test.each(imageLayouts)(
  'an image file in the layout %s holds the package, and is the same each time',
  async (layout) => {
    const [folder, { file, bytes }] = [await temporaryFolder(), await packedModel()];
    const image = { file, layout, name: 'crane:1.0.0', title: 'crane.tar.gz' };
    const targets = [join(folder, 'one.tar'), join(folder, 'two.tar')];
    for (const target of targets) await writePackageImage({ ...image, target });
    const [one, two] = await Promise.all(targets.map((target) => readFile(target)));
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
    const inside = await imageFiles(await readArchive(one ?? Buffer.alloc(0), 'one.tar'));
    expect([...inside]).toEqual([...(await readArchive(bytes, 'crane.tar.gz'))]);
  },
);

test('an image file of Docker is one that tar and Docker read: configuration and layer by their digests', async () => {
  const [folder, { file, bytes }] = [await temporaryFolder(), await packedModel()];
  const target = join(folder, 'crane.tar');
  await writePackageImage({ file, layout: 'docker', name: 'crane:1.0.0', title: 'crane.tar.gz', target });
  const { stdout } = await run('tar', ['-xOf', target, 'manifest.json']);
  const [{ Config: config, RepoTags: tags, Layers: layers }] = JSON.parse(stdout);
  expect([tags, layers]).toEqual([['crane:1.0.0'], [`${sha256Of(bytes).slice(7)}.tar.gz`]]);
  const written = await run('tar', ['-xOf', target, config]);
  expect(sha256Of(Buffer.from(written.stdout))).toBe(config);
});

test('the manifest in an OCI image file has the digest that a push gives', async () => {
  const [folder, { file }] = [await temporaryFolder(), await packedModel()];
  const target = join(folder, 'crane.tar');
  const labels = { title: 'crane.tar.gz', annotations: { 'org.opencontainers.image.version': '1.0.0' } };
  await writePackageImage({ file, layout: 'oci', name: 'crane:1.0.0', target, ...labels });
  const { stdout } = await run('tar', ['-xOf', target, 'index.json']);
  const pushed = await pushPackage(testClient(), newReference(inject('registry').address), { file, ...labels });
  expect(JSON.parse(stdout).manifests[0].digest).toBe(pushed.digest);
});
