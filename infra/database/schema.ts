import { blob, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** Columns named `sealed…` hold bytes of infra/secrets/vault.ts: manifests and credentials are encrypted at rest. Times are ISO 8601 text in UTC. */

export const designs = sqliteTable('designs', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  revision: integer().notNull(),
  createdAt: text().notNull(),
  updatedAt: text().notNull(),
});

export const designRevisions = sqliteTable(
  'design_revisions',
  {
    designId: text()
      .notNull()
      .references(() => designs.id, { onDelete: 'cascade' }),
    revision: integer().notNull(),
    format: text().notNull(),
    /** SHA-256 of the canonical design: an update that changes nothing makes no revision. */
    digest: text().notNull(),
    componentCount: integer().notNull(),
    /** The text as it was given, and the design it became. */
    sealedSource: blob({ mode: 'buffer' }).notNull(),
    sealedDesign: blob({ mode: 'buffer' }).notNull(),
    findings: text({ mode: 'json' }).notNull(),
    actor: text().notNull(),
    createdAt: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.designId, table.revision] })],
);

export const connections = sqliteTable('connections', {
  id: text().primaryKey(),
  name: text().notNull().unique(),
  kind: text().notNull(),
  status: text().notNull(),
  server: text().notNull(),
  version: text(),
  message: text(),
  sealedCredential: blob({ mode: 'buffer' }).notNull(),
  createdAt: text().notNull(),
  updatedAt: text().notNull(),
});

export const deployments = sqliteTable(
  'deployments',
  {
    id: text().primaryKey(),
    designId: text()
      .notNull()
      .references(() => designs.id),
    connectionId: text()
      .notNull()
      .references(() => connections.id),
    state: text().notNull(),
    revision: integer(),
    operationId: text(),
    createdAt: text().notNull(),
    updatedAt: text().notNull(),
  },
  (table) => [uniqueIndex('deployments_design_connection').on(table.designId, table.connectionId)],
);

/** What a deployment owns, keyed by objectKey. Written before the cluster is, trimmed when the operation ends. */
export const inventory = sqliteTable(
  'inventory',
  {
    deploymentId: text()
      .notNull()
      .references(() => deployments.id, { onDelete: 'cascade' }),
    key: text().notNull(),
    connectionId: text().notNull(),
    apiVersion: text().notNull(),
    kind: text().notNull(),
    namespace: text(),
    name: text().notNull(),
    component: text().notNull(),
    uid: text(),
    revision: integer().notNull(),
    created: integer({ mode: 'boolean' }).notNull(),
    state: text().notNull(),
    /** SHA-256 of the manifest as last applied. */
    appliedDigest: text(),
    sealedApplied: blob({ mode: 'buffer' }),
    /** For an adopted object: the live object before the first apply. */
    sealedOriginal: blob({ mode: 'buffer' }),
  },
  (table) => [
    primaryKey({ columns: [table.deploymentId, table.key] }),
    index('inventory_connection_key').on(table.connectionId, table.key),
  ],
);

/** Which deployments were made for another one, because it lacked their kinds. They stay while one that needs them is there. */
export const deploymentPrerequisites = sqliteTable(
  'deployment_prerequisites',
  {
    deploymentId: text()
      .notNull()
      .references(() => deployments.id, { onDelete: 'cascade' }),
    prerequisiteId: text()
      .notNull()
      .references(() => deployments.id, { onDelete: 'cascade' }),
  },
  (table) => [
    primaryKey({ columns: [table.deploymentId, table.prerequisiteId] }),
    index('deployment_prerequisites_prerequisite').on(table.prerequisiteId),
  ],
);

/**
 * What charts became, by chart, values, release and namespace: templates may draw passwords and keys by lot, and a deploy with
 * nothing changed must find the same ones.
 */
export const chartRenderings = sqliteTable('chart_renderings', {
  key: text().primaryKey(),
  sealedObjects: blob({ mode: 'buffer' }).notNull(),
  createdAt: text().notNull(),
});

export const operations = sqliteTable(
  'operations',
  {
    id: text().primaryKey(),
    kind: text().notNull(),
    state: text().notNull(),
    actor: text().notNull(),
    workflowId: text().notNull(),
    deploymentId: text(),
    designId: text(),
    revision: integer(),
    connectionId: text(),
    planId: text(),
    /** The operation that needs this one to go first, or after. */
    acceptedFor: text(),
    /** Options of the kind: deployOptionsSchema, undeployOptionsSchema … */
    options: text({ mode: 'json' }).notNull(),
    progress: text({ mode: 'json' }).notNull(),
    findings: text({ mode: 'json' }).notNull(),
    trouble: text({ mode: 'json' }),
    error: text({ mode: 'json' }),
    result: text({ mode: 'json' }),
    createdAt: text().notNull(),
    startedAt: text(),
    finishedAt: text(),
  },
  (table) => [
    index('operations_deployment').on(table.deploymentId),
    index('operations_state').on(table.state),
    index('operations_connection').on(table.connectionId),
  ],
);

/** One object in one phase of an operation, with its before-image: the intent, written before the cluster is. */
export const operationSteps = sqliteTable(
  'operation_steps',
  {
    operationId: text()
      .notNull()
      .references(() => operations.id, { onDelete: 'cascade' }),
    phase: text().notNull(),
    position: integer().notNull(),
    key: text().notNull(),
    apiVersion: text().notNull(),
    kind: text().notNull(),
    namespace: text(),
    name: text().notNull(),
    component: text().notNull(),
    stage: integer().notNull(),
    action: text(),
    state: text().notNull(),
    message: text(),
    fix: text(),
    uid: text(),
    /** When the object was applied, for its readiness deadline across worker restarts. */
    appliedAt: text(),
    sealedBefore: blob({ mode: 'buffer' }),
    updatedAt: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.operationId, table.phase, table.position] })],
);

/** The live stream of operations. `sequence` grows for ever and is the SSE id. */
export const progress = sqliteTable(
  'progress',
  {
    sequence: integer().primaryKey({ autoIncrement: true }),
    operationId: text().notNull(),
    time: text().notNull(),
    change: text({ mode: 'json' }).notNull(),
  },
  (table) => [index('progress_operation').on(table.operationId, table.sequence)],
);

/** A plan that was asked for: the graph, the objects and the changes, as one sealed body. */
export const plans = sqliteTable('plans', {
  id: text().primaryKey(),
  operationId: text().notNull(),
  deploymentId: text().notNull(),
  kind: text().notNull(),
  revision: integer(),
  digest: text().notNull(),
  sealedBody: blob({ mode: 'buffer' }).notNull(),
  approvedAt: text(),
  approvedBy: text(),
  /** A plan is applied once, by this operation. */
  appliedOperationId: text(),
  appliedAt: text(),
  createdAt: text().notNull(),
});

export const events = sqliteTable(
  'events',
  {
    sequence: integer().primaryKey({ autoIncrement: true }),
    id: text().notNull().unique(),
    time: text().notNull(),
    severity: text().notNull(),
    category: text().notNull(),
    action: text().notNull(),
    actor: text().notNull(),
    subject: text({ mode: 'json' }).notNull(),
    operationId: text(),
    description: text().notNull(),
    details: text({ mode: 'json' }),
    status: text().notNull(),
    acknowledgedAt: text(),
    dismissedAt: text(),
    actions: text({ mode: 'json' }).notNull(),
  },
  (table) => [index('events_operation').on(table.operationId)],
);

/** Answers to requests with an Idempotency-Key, kept for a day. */
export const idempotencyKeys = sqliteTable(
  'idempotency_keys',
  {
    key: text().notNull(),
    actor: text().notNull(),
    method: text().notNull(),
    path: text().notNull(),
    bodyDigest: text().notNull(),
    status: integer(),
    response: text({ mode: 'json' }),
    createdAt: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.actor, table.key] })],
);
