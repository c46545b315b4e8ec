import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { hasErrors } from '../../domain/finding.ts';
import type { ModelDraft } from '../../domain/registry/model-draft.ts';
import { memberTypes, type ModelHead } from '../../domain/registry/model-member.ts';
import { type Model, modelSchema } from '../../domain/registry/model.ts';
import { readableName } from '../../domain/registry/readable-name.ts';
import type { Database } from '../../infra/database/database.ts';
import {
  changeModelDraft,
  createModelDraft,
  deleteModelDraft,
  listModelDrafts,
  recordDraftPublication,
  requireModelDraft,
} from '../../infra/database/registry/model-drafts.ts';
import { membersOf } from '../../infra/database/registry/members.ts';
import { type ModelDetail, requireModel } from '../../infra/database/registry/models.ts';
import type { DesignReader } from '../../infra/design-source/design-reader.ts';
import { newId } from '../../infra/ids.ts';
import { checkDraft } from '../../infra/registry/check-draft.ts';
import { compareDraft } from '../../infra/registry/compare-draft.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { type DraftChange, draftChangeBody, newDraftBody } from '../draft-input.ts';
import {
  collectMembers,
  draftAnswer,
  draftEtag,
  draftIfMatch,
  draftParams,
  draftSummaryBody,
  editableDraft,
  toDraftBody,
} from '../model-drafts.ts';
import { accept } from '../operations.ts';
import { acceptedAnswer, findingBody, jsonAnswer, jsonBody, pageAnswer, pageQuery } from '../schemas.ts';

const tags = ['model drafts'];

const list = createRoute({
  method: 'get',
  path: '/v1/model-drafts',
  operationId: 'listModelDrafts',
  summary: 'Models that are being made by hand, newest first',
  tags,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(draftSummaryBody) },
});

const create = createRoute({
  method: 'post',
  path: '/v1/model-drafts',
  operationId: 'createModelDraft',
  summary: 'Begins a model: an empty one, or one with all that another version holds',
  tags,
  request: { body: jsonBody(newDraftBody) },
  responses: { 201: draftAnswer('The draft') },
});

const get = createRoute({
  method: 'get',
  path: '/v1/model-drafts/{draft}',
  operationId: 'getModelDraft',
  summary: 'A draft, with its members by name',
  tags,
  request: { params: draftParams },
  responses: { 200: draftAnswer('The draft') },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/model-drafts/{draft}',
  operationId: 'changeModelDraft',
  summary: 'Changes what a draft says of its model',
  tags,
  request: { params: draftParams, headers: draftIfMatch, body: jsonBody(draftChangeBody) },
  responses: { 200: draftAnswer('The draft') },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/model-drafts/{draft}',
  operationId: 'deleteModelDraft',
  summary: 'Throws a draft away; what was published of it stays',
  tags,
  request: { params: draftParams, headers: draftIfMatch },
  responses: { 204: { description: 'It is gone' } },
});

const reviewBody = z
  .object({
    publishable: z.boolean(),
    change: z.enum(['added', 'changed', 'unchanged']).openapi({
      description:
        'added: the first of this version; changed: its next revision; unchanged: the registry has it already',
    }),
    current: z
      .object({ id: z.string(), revision: z.number().int(), definitionVersion: z.string() })
      .nullable()
      .openapi({ description: 'What the registry has under this name and version' }),
    members: z.array(
      z.object({ type: z.enum(memberTypes), key: z.string(), action: z.enum(['added', 'changed', 'removed']) }),
    ),
    findings: z.array(findingBody),
  })
  .openapi('ModelDraftReview');

const review = createRoute({
  method: 'get',
  path: '/v1/model-drafts/{draft}/review',
  operationId: 'reviewModelDraft',
  summary: 'All that is wrong with a draft, and what publishing it would change',
  tags,
  request: { params: draftParams },
  responses: { 200: jsonAnswer('It', reviewBody) },
});

const publish = createRoute({
  method: 'post',
  path: '/v1/model-drafts/{draft}/publish',
  operationId: 'publishModelDraft',
  summary: 'Publishes a draft; until the operation ends it cannot be changed',
  tags,
  request: { params: draftParams, headers: draftIfMatch },
  responses: { 202: acceptedAnswer },
});

/** Models made by hand, step by step: described, filled, reviewed, published. */
export function modelDraftRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(list, async (c) => c.json(await listModelDrafts(database, c.req.valid('query')), 200))
    .openapi(create, async (c) => {
      const content = await beginDraft(database, c.req.valid('json'));
      const draft = await createModelDraft(database, { ...content, actor: c.var.actor });
      return c.json(toDraftBody(draft), 201, { ...draftEtag(draft), Location: `/v1/model-drafts/${draft.id}` });
    })
    .openapi(get, async (c) => {
      const draft = await requireModelDraft(database, c.req.valid('param').draft);
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(change, async (c) => {
      const before = await editable(database, c.req.valid('param'), c.req.valid('header'));
      const head = { ...before.head, model: changeModel(before.head.model, c.req.valid('json')) };
      const draft = await changeModelDraft(database, before, { head });
      return c.json(toDraftBody(draft), 200, draftEtag(draft));
    })
    .openapi(remove, async (c) => {
      const draft = await editable(database, c.req.valid('param'), c.req.valid('header'));
      await deleteModelDraft(database, draft);
      return c.body(null, 204);
    })
    .openapi(review, async (c) => {
      const draft = await requireModelDraft(database, c.req.valid('param').draft);
      return c.json(await reviewOf(deps, draft), 200);
    })
    .openapi(publish, async (c) => {
      const draft = await editable(database, c.req.valid('param'), c.req.valid('header'));
      await refuseUnpublishable(draft, deps.designReader);
      // The draft names its operation before there is one, so that no change comes between the two.
      const operationId = c.var.operationId ?? newId('op');
      c.set('operationId', operationId);
      await recordDraftPublication(database, draft, operationId);
      const options = { sources: [{ kind: 'draft', draftId: draft.id }] };
      return c.json(await accept(deps, c, { kind: 'modelGeneration', options }), 202);
    });
}

function editable(
  database: Database,
  { draft }: { readonly draft: string },
  headers: z.infer<typeof draftIfMatch>,
): Promise<ModelDraft> {
  return editableDraft(database, { draft, ifMatch: headers['if-match'] });
}

async function beginDraft(database: Database, input: z.infer<typeof newDraftBody>) {
  if (!('from' in input)) {
    const { name, version, ...fields } = input;
    const model = modelSchema.parse({ displayName: readableName(name), ...fields, name, version });
    return { head: { model, definitionVersion: 'v1.0.0' }, members: [] };
  }
  const { from, ...changes } = input;
  const origin = await requireModel(database, from);
  const members = await collectMembers(membersOf(database, { modelId: origin.id }));
  return { head: headOf(origin, changes), members };
}

function headOf(origin: ModelDetail, changes: DraftChange): ModelHead {
  const { name, version, displayName, description, category, subCategory, metadata, definitionVersion } = origin;
  const model = { name, version, displayName, description, category, subCategory, metadata };
  return { model: changeModel(model, changes), definitionVersion };
}

function changeModel(model: Model, changes: DraftChange): Model {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return modelSchema.parse({ ...model, ...Object.fromEntries(given) });
}

async function reviewOf(
  { database, designReader }: Pick<RouteDeps, 'database' | 'designReader'>,
  draft: ModelDraft,
): Promise<z.infer<typeof reviewBody>> {
  const { change: changed, current, members } = await compareDraft(database, draft);
  const findings = [...(await checkDraft(draft, designReader))];
  return { publishable: !hasErrors(findings), change: changed, current, members: [...members], findings };
}

/** Throws SlipwayError `invalid` with all that is wrong with the draft. */
async function refuseUnpublishable(draft: ModelDraft, designReader: DesignReader): Promise<void> {
  const findings = await checkDraft(draft, designReader);
  if (!hasErrors(findings)) return;
  throw new SlipwayError('invalid', `draft ${draft.id} has errors`, {
    findings,
    fix: `See all of them: GET /v1/model-drafts/${draft.id}/review`,
  });
}
