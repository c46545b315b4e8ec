import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { Header } from 'tar';
import { blobOf, type Blob } from './blob.ts';
import { manifestTypes } from './manifest.ts';
import {
  jsonBlob,
  modelArtifact,
  packageArtifact,
  type PackageArtifact,
  type PackageLabels,
} from './package-manifest.ts';

/** `docker`: as Meshery builds its images, which `docker load` reads; `oci`: the layout of the OCI image specification. */
export const imageLayouts = ['docker', 'oci'] as const;
export type ImageLayout = (typeof imageLayouts)[number];

export type PackageImage = PackageLabels & {
  /** The model package, a `.tar.gz`. */
  readonly file: string;
  readonly layout: ImageLayout;
  /** What the image is called: `cert-manager:v1.17.1`. */
  readonly name: string;
  /** Where the image is written. */
  readonly target: string;
  readonly signal?: AbortSignal | undefined;
};

type ImageEntry = { readonly path: string; readonly content: Blob };

const blockBytes = 512;

/**
 * Writes a model package as an image file, to be carried to where no registry is. The same package, name and labels give the same bytes, and the
 * manifest of the `oci` layout has the digest that a push of the package gives.
 * Layouts: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md, and `manifest.json` of `docker save`
 */
export async function writePackageImage(image: PackageImage): Promise<void> {
  const layer = await blobOf({ file: image.file });
  const entries =
    image.layout === 'docker'
      ? await dockerEntries(image, layer)
      : await ociEntries(await packageArtifact(layer, image), image.name);
  const target = createWriteStream(image.target, { mode: 0o600 });
  await pipeline(tarOf(entries), target, image.signal === undefined ? {} : { signal: image.signal });
}

/** `manifest.json`, the configuration under its digest, one layer under its digest. */
async function dockerEntries({ file, name }: PackageImage, layer: Blob): Promise<readonly ImageEntry[]> {
  const config = await jsonBlob({
    architecture: 'all',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [await unpackedDigest(file)] },
  });
  const layerPath = `${hexOf(layer)}.tar.gz`;
  const manifest = await jsonBlob([{ Config: config.digest, RepoTags: [name], Layers: [layerPath] }]);
  return [
    { path: config.digest, content: config },
    { path: layerPath, content: layer },
    { path: 'manifest.json', content: manifest },
  ];
}

async function ociEntries({ layer, config, manifest }: PackageArtifact, name: string): Promise<readonly ImageEntry[]> {
  const index = await jsonBlob({
    schemaVersion: 2,
    mediaType: manifestTypes.index,
    manifests: [
      {
        mediaType: manifestTypes.image,
        artifactType: modelArtifact.artifactType,
        digest: manifest.digest,
        size: manifest.size,
        annotations: { 'org.opencontainers.image.ref.name': name },
      },
    ],
  });
  return [
    { path: 'oci-layout', content: await jsonBlob({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', content: index },
    ...[config, manifest, layer].map((content) => ({ path: `blobs/sha256/${hexOf(content)}`, content })),
  ];
}

function hexOf({ digest }: Blob): string {
  return digest.replace('sha256:', '');
}

/** Docker names a layer by the digest of what is packed in it. */
async function unpackedDigest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), createGunzip(), hash);
  return `sha256:${hash.digest('hex')}`;
}

/** A tar of plain files that tells nothing of who wrote it and when. */
async function* tarOf(entries: readonly ImageEntry[]): AsyncGenerator<Uint8Array> {
  for (const { path, content } of entries) {
    yield headerOf(path, content.size);
    yield* content.read(0, content.size);
    yield Buffer.alloc((blockBytes - (content.size % blockBytes)) % blockBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

function headerOf(path: string, size: number): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  new Header({ path, size, type: 'File', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) }).encode(block);
  return block;
}
