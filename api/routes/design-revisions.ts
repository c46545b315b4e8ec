import { createRoute, z } from '@hono/zod-openapi';
import { listRevisions, readRevision } from '../../infra/database/designs.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { designRevisionBody, nameOrIdSchema, pageOf, pageQuery, revisionWithDesignBody } from '../schemas.ts';
import { requireStoredDesign } from './designs.ts';

const tags = ['designs'];
const params = z.object({ design: nameOrIdSchema });
const revisionNumber = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

const list = createRoute({
  method: 'get',
  path: '/v1/designs/{design}/revisions',
  operationId: 'listDesignRevisions',
  summary: 'Revisions of a design, newest first',
  tags,
  request: { params, query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(designRevisionBody) } } },
  },
});

const get = createRoute({
  method: 'get',
  path: '/v1/designs/{design}/revisions/{revision}',
  operationId: 'getDesignRevision',
  summary: 'A revision with the declarations that it holds',
  tags,
  request: { params: params.extend({ revision: revisionNumber }) },
  responses: { 200: { description: 'It', content: { 'application/json': { schema: revisionWithDesignBody } } } },
});

/** Revisions of designs: read, compared and given back. */
export function designRevisionRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { id } = await requireStoredDesign(database, c.req.valid('param').design);
      return c.json(await listRevisions(database, { ...c.req.valid('query'), id }), 200);
    })
    .openapi(get, async (c) => {
      const { design: name, revision } = c.req.valid('param');
      const { id } = await requireStoredDesign(database, name);
      const { source: _source, ...rest } = await readRevision(database, { id, revision });
      return c.json(rest, 200);
    });
}
