import { isNotNull, ne, sql } from 'drizzle-orm';
import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { designs, operations } from '../schema.ts';

/** Who brings definitions: a chart, a repository, a cluster, a sheet. */
export const registrants = sqliteTable(
  'registrants',
  {
    id: text().primaryKey(),
    kind: text().notNull(),
    address: text().notNull(),
    createdAt: text().notNull(),
  },
  (table) => [uniqueIndex('registrants_kind_address').on(table.kind, table.address)],
);

/** Bodies of definitions, each stored once whatever holds it: canonical JSON, compressed, by its SHA-256. */
export const definitions = sqliteTable('definitions', {
  digest: text().primaryKey(),
  body: blob({ mode: 'buffer' }).notNull(),
});

/** Files that models carry, such as charts, by SHA-256. */
export const attachments = sqliteTable('attachments', {
  digest: text().primaryKey(),
  size: integer().notNull(),
  /** False until every chunk is there. */
  complete: integer({ mode: 'boolean' }).notNull(),
  /** When it was last counted on: a file that no model refers to is kept for a day after, as a run may be about to. */
  usedAt: text().notNull(),
});

export const attachmentChunks = sqliteTable(
  'attachment_chunks',
  {
    digest: text()
      .notNull()
      .references(() => attachments.digest, { onDelete: 'cascade' }),
    position: integer().notNull(),
    bytes: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.digest, table.position] })],
);

/**
 * Versions of models. A row is `staged`, and nobody sees it, until everything that belongs to it is stored; `published` in
 * one step then. Staged rows belong to a source of an operation and go with a repeated try.
 */
export const models = sqliteTable(
  'models',
  {
    /** The row of the search index. */
    sequence: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    name: text().notNull(),
    version: text().notNull(),
    /** Text that sorts as versions do: version-order.ts. */
    versionOrder: text().notNull(),
    /** From 1, for each content that was stored under the name and version. */
    revision: integer(),
    definitionVersion: text().notNull(),
    displayName: text().notNull(),
    description: text().notNull(),
    category: text().notNull(),
    subCategory: text().notNull(),
    metadata: text({ mode: 'json' }).notNull(),
    registrantId: text()
      .notNull()
      .references(() => registrants.id),
    /** SHA-256 over the model and the digests of its members, without the definition version. */
    contentDigest: text(),
    status: text().notNull(),
    state: text().notNull(),
    /** Whether it is the newest revision of its name and version: the one that `name@version` means. */
    current: integer({ mode: 'boolean' }).notNull(),
    /** Whether it is the one that the name alone means: of the usable versions the newest. */
    latest: integer({ mode: 'boolean' }).notNull(),
    componentCount: integer().notNull(),
    relationshipCount: integer().notNull(),
    /** The run that brought it, and which of its sources. */
    operationId: text().notNull(),
    position: integer().notNull(),
    source: text().notNull(),
    actor: text().notNull(),
    createdAt: text().notNull(),
    publishedAt: text(),
  },
  (table) => [
    uniqueIndex('models_name_version_revision').on(table.name, table.version, table.revision),
    index('models_order').on(table.name, table.versionOrder, table.revision),
    index('models_published').on(table.publishedAt),
    index('models_operation').on(table.operationId, table.position),
    index('models_registrant').on(table.registrantId),
  ],
);

/** Everything that a model holds, by type and key. */
export const modelMembers = sqliteTable(
  'model_members',
  {
    modelId: text()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    type: text().notNull(),
    key: text().notNull(),
    /** Of the definition. The reference is what keeps the body: it cannot go while a member, staged or not, counts on it. */
    digest: text()
      .notNull()
      .references(() => definitions.digest),
    /** Of the file itself, for an attachment. */
    attachmentDigest: text().references(() => attachments.digest),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.type, table.key] }),
    index('model_members_digest').on(table.digest),
    index('model_members_attachment').on(table.attachmentDigest).where(isNotNull(table.attachmentDigest)),
  ],
);

/** Kinds whose CustomResourceDefinitions are in a model's installations: deploying those makes a cluster serve them. */
export const installedKinds = sqliteTable(
  'installed_kinds',
  {
    modelId: text()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    /** Key of the member. */
    installation: text().notNull(),
    kind: text().notNull(),
    apiVersion: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.modelId, table.installation, table.kind, table.apiVersion] }),
    index('installed_kinds_kind').on(table.kind, table.apiVersion),
  ],
);

/** What lists and searches of components need; the definition itself is in `definitions`. `id` is the row of the search index. */
export const components = sqliteTable(
  'components',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    modelId: text()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    kind: text().notNull(),
    apiVersion: text().notNull(),
    displayName: text().notNull(),
    description: text().notNull(),
    /** The words that the kind is made of, for the search. */
    words: text().notNull(),
    scope: text(),
    adapter: text().notNull(),
    digest: text().notNull(),
    status: text().notNull(),
  },
  (table) => [
    uniqueIndex('components_model_kind').on(table.modelId, table.kind, table.apiVersion),
    index('components_kind').on(table.kind, table.apiVersion),
    index('components_status')
      .on(table.status)
      .where(ne(table.status, sql`'enabled'`)),
  ],
);

export const relationships = sqliteTable(
  'relationships',
  {
    id: integer().primaryKey({ autoIncrement: true }),
    modelId: text()
      .notNull()
      .references(() => models.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    kind: text().notNull(),
    type: text().notNull(),
    subType: text().notNull(),
    description: text().notNull(),
    foundBy: text().notNull(),
    /** Kinds that its allow selectors name, `*` included. */
    fromKinds: text({ mode: 'json' }).notNull(),
    toKinds: text({ mode: 'json' }).notNull(),
    digest: text().notNull(),
    status: text().notNull(),
  },
  (table) => [
    uniqueIndex('relationships_model_name').on(table.modelId, table.name),
    index('relationships_name').on(table.name),
    index('relationships_status')
      .on(table.status)
      .where(ne(table.status, sql`'enabled'`)),
  ],
);

/**
 * What became of each model of a source of a run. A row without `change` is staged; one without `model_id` then found the
 * same content in the registry and wrote nothing else.
 */
export const generatedModels = sqliteTable(
  'generated_models',
  {
    operationId: text().notNull(),
    position: integer().notNull(),
    name: text().notNull(),
    version: text().notNull(),
    modelId: text(),
    contentDigest: text().notNull(),
    definitionVersion: text().notNull(),
    revision: integer(),
    change: text(),
    componentCount: integer().notNull(),
    relationshipCount: integer().notNull(),
    rejectedCount: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.operationId, table.position, table.name, table.version] }),
    index('generated_models_model').on(table.modelId),
  ],
);

/** What is known of a source since it was last read, so that an unchanged one costs one request. */
export const modelSources = sqliteTable('model_sources', {
  /** SHA-256 of the source as it was asked for. */
  key: text().primaryKey(),
  source: text({ mode: 'json' }).notNull(),
  label: text().notNull(),
  state: text({ mode: 'json' }).notNull(),
  /** The run that read it last, and as which of its sources: `generated_models` has what came of it. */
  operationId: text().notNull(),
  position: integer().notNull(),
  checkedAt: text().notNull(),
  changedAt: text().notNull(),
});

/** The end of each source of a run, in its order. */
export const sourceReports = sqliteTable(
  'source_reports',
  {
    operationId: text()
      .notNull()
      .references(() => operations.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
    report: text({ mode: 'json' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.operationId, table.position] })],
);

/** Files that were sent to be generated from. They go when their operation ends, or after a day without one. */
export const uploads = sqliteTable('uploads', {
  id: text().primaryKey(),
  fileName: text().notNull(),
  size: integer().notNull(),
  digest: text().notNull(),
  /** False until every chunk is there. */
  complete: integer({ mode: 'boolean' }).notNull(),
  actor: text().notNull(),
  createdAt: text().notNull(),
});

export const uploadChunks = sqliteTable(
  'upload_chunks',
  {
    uploadId: text()
      .notNull()
      .references(() => uploads.id, { onDelete: 'cascade' }),
    position: integer().notNull(),
    bytes: blob({ mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.uploadId, table.position] })],
);

/** Models that people make step by step, before they are published. */
export const modelDrafts = sqliteTable('model_drafts', {
  id: text().primaryKey(),
  name: text().notNull(),
  version: text().notNull(),
  revision: integer().notNull(),
  head: text({ mode: 'json' }).notNull(),
  members: text({ mode: 'json' }).notNull(),
  operationId: text(),
  actor: text().notNull(),
  createdAt: text().notNull(),
  updatedAt: text().notNull(),
});

/** What a schedule of Temporal starts: the options stay here, Temporal keeps the time. */
export const schedules = sqliteTable('schedules', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  timing: text({ mode: 'json' }).notNull(),
  options: text({ mode: 'json' }).notNull(),
  actor: text().notNull(),
  createdAt: text().notNull(),
  updatedAt: text().notNull(),
});

/** Which kinds the newest revision of each stored design declares. */
export const designComponents = sqliteTable(
  'design_components',
  {
    designId: text()
      .notNull()
      .references(() => designs.id, { onDelete: 'cascade' }),
    component: text().notNull(),
    kind: text().notNull(),
    apiVersion: text().notNull(),
    modelName: text(),
    modelVersion: text(),
  },
  (table) => [
    primaryKey({ columns: [table.designId, table.component] }),
    index('design_components_kind').on(table.kind, table.apiVersion),
  ],
);
