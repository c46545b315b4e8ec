import { z } from '@hono/zod-openapi';
import { SlipwayError } from '../domain/errors.ts';
import { isFinal } from '../domain/operation.ts';
import { maximumDraftBytes, type ModelDraft } from '../domain/registry/model-draft.ts';
import { memberKey, memberTypes, type ModelMember, modelMemberSchema } from '../domain/registry/model-member.ts';
import { modelSchema } from '../domain/registry/model.ts';
import type { Database } from '../infra/database/database.ts';
import { draftSummarySchema, requireModelDraft } from '../infra/database/registry/model-drafts.ts';
import { findOperation } from '../infra/database/operations.ts';
import { etagOf, expectedRevision } from './etag.ts';
import { anyObject, idSchema, jsonAnswer } from './schemas.ts';

export const draftParams = z.object({ draft: idSchema });

export const draftIfMatch = z.object({
  'if-match': z
    .string()
    .max(1_000)
    .optional()
    .openapi({ description: 'The ETag of the draft that is changed; needed' }),
});

export const draftSummaryBody = draftSummarySchema.extend({}).openapi('ModelDraftSummary');

export const draftBody = draftSummarySchema
  .omit({ name: true, version: true, displayName: true, memberCount: true })
  .extend({
    model: modelSchema.extend({ metadata: anyObject }),
    members: z.array(z.object({ type: z.enum(memberTypes), key: z.string() })),
  })
  .openapi('ModelDraft');

/** The answer of every request that reads or changes a draft. */
export const draftAnswer = (description: string) => jsonAnswer(`${description}; its ETag is for If-Match`, draftBody);

/** A draft as the API shows it: its members by name, as each can be read by itself. */
export function toDraftBody({ head, members, ...draft }: ModelDraft): z.infer<typeof draftBody> {
  return {
    ...draft,
    model: head.model,
    members: members.map((member) => ({ type: member.type, key: memberKey(member) })),
  };
}

export function draftEtag(draft: ModelDraft): { readonly ETag: string } {
  return { ETag: etagOf(draft) };
}

/**
 * The draft, when the change is for what it is now and nothing publishes it. Throws SlipwayError `preconditionRequired`,
 * `preconditionFailed`, `conflict` with the id of the operation, `notFound`.
 */
export async function editableDraft(
  database: Database,
  request: { readonly draft: string; readonly ifMatch: string | undefined },
): Promise<ModelDraft> {
  const draft = await requireModelDraft(database, request.draft);
  expectedRevision(request.ifMatch, draft, 'draft');
  const operation = draft.operationId === null ? undefined : await findOperation(database, draft.operationId);
  if (operation === undefined || isFinal(operation.state)) return draft;
  throw new SlipwayError('conflict', `draft ${draft.id} is being published`, {
    fix: `Wait for operation ${operation.id}, or cancel it.`,
    details: { operationId: operation.id },
  });
}

/** All members of a model, as long as they fit a draft. Throws SlipwayError `tooLarge`. */
export async function collectMembers(members: AsyncIterable<ModelMember>): Promise<readonly ModelMember[]> {
  const collected: ModelMember[] = [];
  let bytes = 0;
  for await (const { type, definition } of members) {
    const member = modelMemberSchema.parse({ type, definition });
    bytes += JSON.stringify(member).length;
    if (bytes > maximumDraftBytes) {
      throw new SlipwayError('tooLarge', 'the model is too large to be edited as a draft', {
        fix: 'Export it, change its package, and import that.',
      });
    }
    collected.push(member);
  }
  return collected;
}
