import { basename } from 'node:path';
import { SlipwayError } from '../../../domain/errors.ts';
import type { Scratch } from '../scratch.ts';
import { blobOf, bytesOf, type BlobContent } from './blob.ts';
import type { OciClient } from './client.ts';
import type { Descriptor, ImageIndex, ImageManifest } from './manifest.ts';
import { modelArtifact, packageArtifact, titleAnnotation, type PackageLabels } from './package-manifest.ts';
import { formatOciReference, type OciReference } from './reference.ts';

const chartType = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const provenanceType = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

/** The second is what Meshery builds, the third what it pushes. */
const modelTypes: readonly string[] = [
  modelArtifact.layerType,
  'application/vnd.cncf.flux.content.v1.tar+gzip',
  'application/vnd.test.folder',
];

export type ArtifactKind = 'model' | 'chart' | 'other';

export type PulledArtifact = {
  readonly changed: true;
  /** Of what the reference points at: the manifest, or the index around it. */
  readonly digest: string;
  readonly kind: ArtifactKind;
  /** The packed content, in the scratch folder. */
  readonly file: string;
  readonly mediaType: string;
  /** What the layer says that its file is called. */
  readonly name: string | undefined;
  /** The signed provenance of a chart, where it was pushed with one. */
  readonly provenance: string | undefined;
};

export type PullOptions = {
  readonly into: Scratch;
  /** What the last pull gave. */
  readonly previous?: { readonly digest?: string | undefined } | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Fetches the packed content of an artifact, or says by at most one request that it has not changed. Throws SlipwayError `unsupported` for
 * an artifact that is not one file, and whatever the client throws.
 */
export async function pullArtifact(
  client: OciClient,
  reference: OciReference,
  { into, previous, signal }: PullOptions,
): Promise<{ readonly changed: false } | PulledArtifact> {
  const digest = reference.digest ?? (await client.resolve(reference, signal));
  if (digest === previous?.digest) return { changed: false };
  // By digest, so that a tag that moves now changes nothing.
  const image = await readImage(client, { ...reference, digest }, signal);
  const layer = contentLayer(image, reference);
  const file = await client.downloadBlob(reference, { descriptor: layer, into, signal });
  const signed = image.layers.find(({ mediaType }) => mediaType === provenanceType);
  return {
    changed: true,
    digest,
    kind: kindOf(layer, image),
    file,
    mediaType: layer.mediaType,
    name: titleOf(layer),
    provenance: signed && (await client.downloadBlob(reference, { descriptor: signed, into, signal })),
  };
}

export type PackagePush = BlobContent & PackageLabels & { readonly signal?: AbortSignal | undefined };

/**
 * Pushes a model package as an artifact. The same package and labels give the same digest; a tag that points at it already costs one
 * request and sends nothing.
 */
export async function pushPackage(
  client: OciClient,
  reference: OciReference,
  content: PackagePush,
): Promise<{ readonly digest: string; readonly changed: boolean }> {
  const { layer, config, manifest } = await packageArtifact(await blobOf(content), content);
  if ((await currentDigest(client, reference, content.signal)) === manifest.digest) {
    return { digest: manifest.digest, changed: false };
  }
  await client.pushBlob(reference, layer, content.signal);
  await client.pushBlob(reference, config, content.signal);
  return { digest: await client.pushManifest(reference, await bytesOf(manifest), content.signal), changed: true };
}

async function currentDigest(
  client: OciClient,
  reference: OciReference,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await client.resolve(reference, signal);
  } catch (error) {
    // A repository that may be written and not read, or that a push brings into being.
    if (error instanceof SlipwayError && ['notFound', 'forbidden', 'unauthenticated'].includes(error.code))
      return undefined;
    throw error;
  }
}

async function readImage(
  client: OciClient,
  reference: OciReference,
  signal: AbortSignal | undefined,
): Promise<ImageManifest> {
  const document = await client.readManifest(reference, signal);
  if (document.kind === 'image') return document.image;
  const { digest } = chooseManifest(document.index, reference);
  const chosen = await client.readManifest({ ...reference, digest }, signal);
  if (chosen.kind === 'image') return chosen.image;
  throw unsupported(reference, 'it is an index of indexes');
}

/** The only manifest that is for no platform, else the only one at all; attestations are for the platform "unknown". */
function chooseManifest({ manifests }: ImageIndex, reference: OciReference): Descriptor {
  const candidates = manifests.filter(({ platform }) => platform?.os !== 'unknown');
  const forAll = candidates.filter(({ platform }) => platform === undefined || platform === null || platform.os === '');
  const models = candidates.filter(({ artifactType }) => artifactType === modelArtifact.artifactType);
  const only = [models, forAll, candidates].find((found) => found.length === 1)?.[0];
  if (only !== undefined) return only;
  throw unsupported(reference, `it is an index of ${candidates.length} manifests, and none is the only one of a kind`);
}

/** The layer of a known kind, else the only one there is. */
function contentLayer({ layers }: ImageManifest, reference: OciReference): Descriptor {
  const contents = layers.filter(({ mediaType }) => mediaType !== provenanceType);
  const known = contents.filter(({ mediaType }) => mediaType === chartType || modelTypes.includes(mediaType));
  const only = [known, contents].find((found) => found.length === 1)?.[0];
  if (only !== undefined) return only;
  throw unsupported(reference, `it has ${contents.length} layers, and a package is one`);
}

function kindOf({ mediaType }: Descriptor, { artifactType }: ImageManifest): ArtifactKind {
  if (mediaType === chartType) return 'chart';
  return modelTypes.includes(mediaType) || artifactType === modelArtifact.artifactType ? 'model' : 'other';
}

/** Without folders: it is a name that somebody else chose. */
function titleOf({ annotations }: Descriptor): string | undefined {
  const title = annotations?.[titleAnnotation];
  const name = title === undefined ? '' : basename(title.replaceAll('\\', '/'));
  return name === '' || name === '.' || name === '..' ? undefined : name;
}

function unsupported(reference: OciReference, problem: string): SlipwayError {
  return new SlipwayError(
    'unsupported',
    `${formatOciReference(reference)} is no model package and no chart: ${problem}`,
    {
      fix: 'Give the reference of a package that Slipway, Meshery or "helm push" pushed, or name one manifest by its digest.',
    },
  );
}
