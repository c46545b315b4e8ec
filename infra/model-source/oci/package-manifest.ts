import { blobOf, type Blob } from './blob.ts';
import { emptyConfig, manifestTypes } from './manifest.ts';

/** A model package in a registry: one layer, the packed folder. */
export const modelArtifact = {
  artifactType: 'application/vnd.slipway.model.v1+json',
  layerType: 'application/vnd.slipway.model.layer.v1.tar+gzip',
} as const;

/** OCI's annotation of what a layer's file is called. */
export const titleAnnotation = 'org.opencontainers.image.title';

export type PackageLabels = {
  /** What the package's file is called, for tools that pull it without Slipway. */
  readonly title: string;
  /** On the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
};

export type PackageArtifact = { readonly layer: Blob; readonly config: Blob; readonly manifest: Blob };

/** The pieces of the artifact that a packed model becomes. Nothing in them depends on when or where they are made. */
export async function packageArtifact(
  layer: Blob,
  { title, annotations = {} }: PackageLabels,
): Promise<PackageArtifact> {
  const config = await blobOf({ bytes: emptyConfig.bytes });
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestTypes.image,
    artifactType: modelArtifact.artifactType,
    config: { mediaType: emptyConfig.mediaType, digest: config.digest, size: config.size },
    layers: [
      {
        mediaType: modelArtifact.layerType,
        digest: layer.digest,
        size: layer.size,
        annotations: { [titleAnnotation]: title },
      },
    ],
    annotations: Object.fromEntries(Object.entries(annotations).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
  return { layer, config, manifest: await jsonBlob(manifest) };
}

/** A JSON document as a blob. */
export function jsonBlob(value: unknown): Promise<Blob> {
  return blobOf({ bytes: new TextEncoder().encode(JSON.stringify(value)) });
}
