import { z } from 'zod';
import { shownUrl } from '../shown-url.ts';
import { modelCategories, modelNameSchema, modelVersionSchema } from './model.ts';

/** What the source does not say of the model that comes of it, or says wrongly. */
const overridesSchema = z.strictObject({
  name: modelNameSchema.optional(),
  version: modelVersionSchema.optional(),
  displayName: z.string().min(1).max(200).optional(),
  category: z.enum(modelCategories).optional(),
  subCategory: z.string().max(200).optional(),
});

/** The id or name of a connection whose credential opens the source. */
const connection = z.string().min(1).max(253).optional();
const overrides = { model: overridesSchema.optional() };

/** An address is shown and logged. */
const noPassword = 'no user or password in the address: use a connection';

const webAddress = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .max(2_000)
  .refine((text) => !/^https?:\/\/[^/?#]*@/.test(text), noPassword);

/** `git@host:path` and `ssh://git@host/path` name a user, which is no secret. */
const gitAddress = z
  .string()
  .min(1)
  .max(2_000)
  .refine((text) => !/^[a-z+]+:\/\/[^/?#]*:[^/?#]*@/i.test(text) && !/^https?:\/\/[^/?#]*@/i.test(text), noPassword);

const ociReference = z
  .string()
  .min(1)
  .max(2_000)
  .refine((text) => !/^([a-z]+:\/\/)?[^/@]*:[^/@]*@[^/]*\//i.test(text), noPassword);

/** Where definitions come from. Every one can be read again later, but an upload. */
export const modelSourceSchema = z.discriminatedUnion('kind', [
  /** A file, or a folder as an archive, that was sent before. */
  z.strictObject({ kind: z.literal('upload'), uploadId: z.string().min(1).max(100), ...overrides }),
  /** A file at a web address: JSON, YAML, CSV, a package, a chart. */
  z.strictObject({ kind: z.literal('url'), url: webAddress, connection, ...overrides }),
  /** A chart of a chart repository. */
  z.strictObject({
    kind: z.literal('helm'),
    repository: webAddress,
    chart: z.string().min(1).max(253),
    /** A version or a range; absent: the newest stable one. */
    version: z.string().min(1).max(100).optional(),
    connection,
    ...overrides,
  }),
  z.strictObject({
    kind: z.literal('git'),
    url: gitAddress,
    /** A branch, a tag or a commit; absent: what the repository's HEAD names. */
    ref: z.string().min(1).max(253).optional(),
    path: z.string().min(1).max(1_000).optional(),
    connection,
    ...overrides,
  }),
  /** `oci://registry/name:tag` or `…@sha256:…`: a model package or a chart. */
  z.strictObject({ kind: z.literal('oci'), reference: ociReference, connection, ...overrides }),
  /** Published sheets: models, and their components and relationships where there are such sheets. */
  z.strictObject({
    kind: z.literal('csv'),
    models: webAddress,
    components: webAddress.optional(),
    relationships: webAddress.optional(),
    connection,
    ...overrides,
  }),
  /** The kinds that a cluster serves. */
  z.strictObject({
    kind: z.literal('cluster'),
    connection: z.string().min(1).max(253),
    /** API groups to read, `core` for the one without a name; absent: all. */
    groups: z.array(z.string().min(1).max(253)).max(500).optional(),
    ...overrides,
  }),
  /** A model that was made by hand, step by step. */
  z.strictObject({ kind: z.literal('draft'), draftId: z.string().min(1).max(100) }),
]);

/** What tells at the next run, by one request, whether a source has changed. */
export const sourceStateSchema = z.strictObject({
  etag: z.string().max(1_000).optional(),
  lastModified: z.string().max(200).optional(),
  commit: z.string().max(100).optional(),
  /** Of the artifact, the chart file, the upload or the cluster's kinds. */
  digest: z.string().max(200).optional(),
});

export type ModelSource = z.infer<typeof modelSourceSchema>;
export type SourceState = z.infer<typeof sourceStateSchema>;
export type ModelOverrides = z.infer<typeof overridesSchema>;

/** A source in a few words, for progress, reports and registrants. Holds no secret. */
export function describeSource(source: ModelSource): string {
  switch (source.kind) {
    case 'upload':
      return `upload ${source.uploadId}`;
    case 'draft':
      return `draft ${source.draftId}`;
    case 'url':
      return shownUrl(source.url);
    case 'helm':
      return `${shownUrl(source.repository).replace(/\/$/, '')}/${source.chart}${source.version === undefined ? '' : ` ${source.version}`}`;
    case 'git':
      return [source.url, source.ref, source.path].filter((part) => part !== undefined).join(' ');
    case 'oci':
      return source.reference;
    case 'csv':
      return shownUrl(source.models);
    case 'cluster':
      return `cluster ${source.connection}`;
  }
}
