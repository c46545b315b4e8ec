import { createRoute, z } from '@hono/zod-openapi';
import { formatModelReference } from '../../domain/registry/model.ts';
import { deleteModel } from '../../infra/database/registry/delete-model.ts';
import { listModels, listModelVersions, requireModel } from '../../infra/database/registry/models.ts';
import { searchSorts } from '../../infra/database/registry/search-index.ts';
import { setModelStatus } from '../../infra/database/registry/status.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { mapPage, modelBody, modelDetailBody, modelParam, statusChangeBody, toModelBody } from '../registry-bodies.ts';
import { tellDeletion, tellStatusChange } from '../registry-events.ts';
import { conditionsOf, searchQuery } from '../registry-query.ts';
import { jsonAnswer, jsonBody, pageAnswer, pageQuery } from '../schemas.ts';

const tags = ['models'];
const params = z.object({ model: modelParam });
const modelAnswer = (description: string) => jsonAnswer(description, modelDetailBody);

const list = createRoute({
  method: 'get',
  path: '/v1/models',
  operationId: 'listModels',
  summary: 'Models: the newest revision of each version, by name and version',
  tags,
  request: {
    query: z.strictObject({
      ...searchQuery,
      name: z.string().max(100).optional(),
      kind: z.string().max(253).optional().openapi({ description: 'Only models with a component of that kind' }),
      apiVersion: z.string().max(253).optional(),
      sort: z.enum(searchSorts).optional(),
    }),
  },
  responses: { 200: pageAnswer(modelBody) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/models/{model}',
  operationId: 'getModel',
  summary: 'A version of a model',
  tags,
  request: { params },
  responses: { 200: modelAnswer('The model') },
});

const versions = createRoute({
  method: 'get',
  path: '/v1/models/{model}/versions',
  operationId: 'listModelVersions',
  summary: 'All versions and revisions of a model, newest first',
  tags,
  request: { params, query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(modelBody) },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/models/{model}',
  operationId: 'changeModelStatus',
  summary: 'Enables, disables, ignores or deprecates a version of a model, with all that it holds',
  tags,
  request: { params, body: jsonBody(statusChangeBody) },
  responses: { 200: modelAnswer('The model as it is now') },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/models/{model}',
  operationId: 'deleteModel',
  summary: 'Deletes a version of a model that no stored design and no deployment uses',
  tags,
  request: {
    params,
    query: z.strictObject({
      force: z.enum(['true', 'false']).optional().openapi({ description: 'Also when it is used' }),
    }),
  },
  responses: { 204: { description: 'It is gone' } },
});

/** Models: versioned packages of definitions. */
export function modelRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { name, kind, apiVersion, status, sort, q, limit, cursor, ...conditions } = c.req.valid('query');
      const filter = { ...conditionsOf(conditions), model: name, kind, apiVersion, status, q };
      return c.json(mapPage(await listModels(database, { ...filter, sort, limit, cursor }), toModelBody), 200);
    })
    .openapi(get, async (c) => c.json(toModelBody(await requireModel(database, c.req.valid('param').model)), 200))
    .openapi(versions, async (c) => {
      const { model } = c.req.valid('param');
      const { name } =
        model.startsWith('mdl_') || model.includes('@') ? await requireModel(database, model) : { name: model };
      const page = await listModelVersions(database, { ...c.req.valid('query'), name });
      if (page.items.length === 0) await requireModel(database, name);
      return c.json(mapPage(page, toModelBody), 200);
    })
    .openapi(change, async (c) => {
      const { status, reason } = c.req.valid('json');
      const before = await requireModel(database, c.req.valid('param').model);
      const model = await setModelStatus(database, { model: before.id, status });
      const subject = subjectOf(model);
      const { actor } = c.var;
      await tellStatusChange(database, { actor, subject, reason, before: before.status, after: status });
      return c.json(toModelBody(model), 200);
    })
    .openapi(remove, async (c) => {
      const model = await requireModel(database, c.req.valid('param').model);
      const force = c.req.valid('query').force === 'true';
      const { wasUsed } = await deleteModel(database, { model: model.id, force });
      const { actor } = c.var;
      await tellDeletion(database, { actor, subject: subjectOf(model), source: model.source, forced: wasUsed });
      return c.body(null, 204);
    });
}

function subjectOf(model: { readonly id: string; readonly name: string; readonly version: string }) {
  return { kind: 'model', id: model.id, name: formatModelReference(model) } as const;
}
