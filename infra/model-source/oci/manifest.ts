import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import { valueAt } from '../../../domain/json.ts';
import { jsonBody } from './json-body.ts';

/** Media types of the OCI image specification and of Docker before it. */
export const manifestTypes = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

/** The configuration of an artifact that needs none. */
export const emptyConfig = {
  mediaType: 'application/vnd.oci.empty.v1+json',
  bytes: new TextEncoder().encode('{}'),
} as const;

const layersMaximum = 1_000;
const annotations = z.record(z.string(), z.string()).nullish();

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" and 64 hex digits'),
  size: z.int().nonnegative(),
  artifactType: z.string().optional(),
  annotations,
  platform: z.object({ os: z.string(), architecture: z.string() }).nullish(),
});

const imageSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(layersMaximum),
  annotations,
});

const indexSchema = z.object({
  schemaVersion: z.literal(2),
  manifests: z.array(descriptorSchema).max(layersMaximum),
});

/** Where a piece of content is named with its type, digest and size. */
export type Descriptor = z.infer<typeof descriptorSchema>;
export type ImageManifest = z.infer<typeof imageSchema>;
export type ImageIndex = z.infer<typeof indexSchema>;
export type Manifest =
  | { readonly kind: 'image'; readonly image: ImageManifest }
  | { readonly kind: 'index'; readonly index: ImageIndex };

/** The digest of a piece of content as registries write it: `sha256:` and hex digits. */
export function sha256Of(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Reads a manifest or an index. Throws SlipwayError `unsupported` for anything else, with `where` in its message. */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  const document = jsonBody(bytes);
  if (document === undefined) throw unreadable(where, 'it is no JSON');
  const [hasManifests, hasLayers] = ['manifests', 'layers'].map((name) => valueAt(document, name) !== undefined);
  // Different tools would read it differently.
  if (hasManifests && hasLayers) throw unreadable(where, 'it is a manifest and an index at once');
  if (hasManifests) return { kind: 'index', index: read(indexSchema, document, where) };
  return { kind: 'image', image: read(imageSchema, document, where) };
}

function read<Schema extends z.ZodType>(schema: Schema, document: unknown, where: string): z.infer<Schema> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadable(where, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`);
}

function unreadable(where: string, problem: string): SlipwayError {
  return new SlipwayError('unsupported', `the manifest of ${where} cannot be read: ${problem}`, {
    fix: 'Push the artifact again with a tool that writes OCI or Docker version 2 manifests.',
  });
}
