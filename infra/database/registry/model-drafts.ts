import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import { maximumDraftBytes, type ModelDraft, modelDraftSchema } from '../../../domain/registry/model-draft.ts';
import type { ModelHead, ModelMember } from '../../../domain/registry/model-member.ts';
import { newId } from '../../ids.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database } from '../database.ts';
import { modelDrafts } from './tables.ts';

/** A draft as it is listed: without what it holds. */
export const draftSummarySchema = modelDraftSchema
  .omit({ head: true, members: true })
  .extend({ name: z.string(), version: z.string(), displayName: z.string(), memberCount: z.number().int() });

export type DraftSummary = z.infer<typeof draftSummarySchema>;

export type DraftContent = { readonly head: ModelHead; readonly members: readonly ModelMember[] };

/** The new draft at revision 1. Throws SlipwayError `tooLarge`. */
export async function createModelDraft(
  database: Database,
  { actor, ...content }: DraftContent & { readonly actor: string },
): Promise<ModelDraft> {
  refuseTooLarge(content);
  const now = new Date().toISOString();
  const { name, version } = content.head.model;
  const row = { id: newId('drf'), revision: 1, name, version, ...content, actor, createdAt: now, updatedAt: now };
  await database.write((queries) => [queries.insert(modelDrafts).values(row)]);
  return requireModelDraft(database, row.id);
}

/** The draft of that id with all that it holds, or undefined. */
export async function findModelDraft(database: Database, id: string): Promise<ModelDraft | undefined> {
  const rows = await database.read((queries) => queries.select().from(modelDrafts).where(eq(modelDrafts.id, id)));
  return rows.map((row) => modelDraftSchema.parse(row))[0];
}

/** The draft of that id. Throws SlipwayError `notFound`. */
export async function requireModelDraft(database: Database, id: string): Promise<ModelDraft> {
  const draft = await findModelDraft(database, id);
  if (draft !== undefined) return draft;
  throw new SlipwayError('notFound', `there is no draft ${id}`, { fix: 'List them with GET /v1/model-drafts.' });
}

/** Drafts, newest first. */
export async function listModelDrafts(database: Database, request: PageRequest = {}): Promise<Page<DraftSummary>> {
  const before = decodeCursor(request, z.string());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select(summaryColumns)
      .from(modelDrafts)
      .where(before === undefined ? undefined : lt(modelDrafts.id, before))
      .orderBy(desc(modelDrafts.id))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => draftSummarySchema.parse(row), key: (row) => row.id });
}

/**
 * The draft with another content, one revision on. Throws SlipwayError `preconditionFailed` when it was changed or
 * published since `draft` was read, `tooLarge`.
 */
export async function changeModelDraft(
  database: Database,
  draft: ModelDraft,
  change: Partial<DraftContent>,
): Promise<ModelDraft> {
  const content = { head: draft.head, members: draft.members, ...change };
  refuseTooLarge(content);
  const { name, version } = content.head.model;
  const updatedAt = new Date().toISOString();
  const [changed] = await database.write((queries) => [
    queries
      .update(modelDrafts)
      .set({ ...content, name, version, revision: draft.revision + 1, updatedAt })
      .where(isUnchanged(draft))
      .returning({ id: modelDrafts.id }),
  ]);
  if (changed.length === 0) throw await staleDraft(database, draft.id);
  return requireModelDraft(database, draft.id);
}

/** Says which operation publishes the draft as it was read. Throws SlipwayError `preconditionFailed`, `notFound`. */
export async function recordDraftPublication(
  database: Database,
  draft: ModelDraft,
  operationId: string,
): Promise<void> {
  const [changed] = await database.write((queries) => [
    queries.update(modelDrafts).set({ operationId }).where(isUnchanged(draft)).returning({ id: modelDrafts.id }),
  ]);
  if (changed.length === 0) throw await staleDraft(database, draft.id);
}

/** Forgets the draft as it was read. Throws SlipwayError `preconditionFailed`, `notFound`. */
export async function deleteModelDraft(database: Database, draft: ModelDraft): Promise<void> {
  const [deleted] = await database.write((queries) => [
    queries.delete(modelDrafts).where(isUnchanged(draft)).returning({ id: modelDrafts.id }),
  ]);
  if (deleted.length === 0) throw await staleDraft(database, draft.id);
}

const summaryColumns = {
  id: modelDrafts.id,
  revision: modelDrafts.revision,
  name: modelDrafts.name,
  version: modelDrafts.version,
  displayName: sql<string>`${modelDrafts.head} ->> '$.model.displayName'`,
  memberCount: sql<number>`json_array_length(${modelDrafts.members})`,
  operationId: modelDrafts.operationId,
  actor: modelDrafts.actor,
  createdAt: modelDrafts.createdAt,
  updatedAt: modelDrafts.updatedAt,
};

function isUnchanged({ id, revision, operationId }: ModelDraft) {
  const sameOperation =
    operationId === null ? isNull(modelDrafts.operationId) : eq(modelDrafts.operationId, operationId);
  return and(eq(modelDrafts.id, id), eq(modelDrafts.revision, revision), sameOperation);
}

async function staleDraft(database: Database, id: string): Promise<SlipwayError> {
  const { revision } = await requireModelDraft(database, id);
  return new SlipwayError('preconditionFailed', `draft ${id} was changed or published in the meantime`, {
    fix: 'Read it again and repeat the change on what it is now.',
    details: { revision },
  });
}

function refuseTooLarge(content: DraftContent): void {
  if (Buffer.byteLength(JSON.stringify(content)) <= maximumDraftBytes) return;
  throw new SlipwayError('tooLarge', `the draft has more than ${maximumDraftBytes / 1024 / 1024} MiB`, {
    fix: 'Make a package of the model and import that: slipway model import FILE.',
  });
}
