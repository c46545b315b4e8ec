import { createRoute, z } from '@hono/zod-openapi';
import { compareDesigns, type DesignComparison } from '../../domain/design/compare-designs.ts';
import { listRevisions, readRevision } from '../../infra/database/designs.ts';
import { exportDesign } from '../../infra/design-source/export-design.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { sourceContent } from '../design-upload.ts';
import {
  anyJson,
  designRevisionBody,
  jsonAnswer,
  nameOrIdSchema,
  pageAnswer,
  pageQuery,
  revisionWithDesignBody,
} from '../schemas.ts';
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
  responses: { 200: pageAnswer(designRevisionBody) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/designs/{design}/revisions/{revision}',
  operationId: 'getDesignRevision',
  summary: 'A revision with the declarations that it holds',
  tags,
  request: { params: params.extend({ revision: revisionNumber }) },
  responses: { 200: jsonAnswer('It', revisionWithDesignBody) },
});

const fieldChange = z.object({ path: z.string(), before: anyJson.optional(), after: anyJson.optional() });

const comparisonBody = z
  .object({
    changes: z.array(
      z.object({
        component: z.string(),
        action: z.enum(['added', 'removed', 'changed']),
        diff: z.array(fieldChange).openapi({ description: 'Empty for what was added or removed' }),
      }),
    ),
    design: z.array(fieldChange).openapi({ description: 'Changes of its name, description or namespace' }),
  })
  .openapi('DesignComparison');

const compare = createRoute({
  method: 'get',
  path: '/v1/designs/{design}/compare',
  operationId: 'compareDesignRevisions',
  summary: 'What turns one revision into another, by component; secret data is hidden',
  tags,
  request: { params, query: z.strictObject({ from: revisionNumber, to: revisionNumber }) },
  responses: { 200: jsonAnswer('It', comparisonBody) },
});

const exportRoute = createRoute({
  method: 'get',
  path: '/v1/designs/{design}/export',
  operationId: 'exportDesign',
  summary: 'The design as a Slipway design, as manifests, or as it was sent',
  tags,
  request: {
    params,
    query: z.strictObject({
      format: z.enum(['slipway', 'manifests', 'source']).default('slipway'),
      revision: revisionNumber.optional().openapi({ description: 'Default: the newest' }),
    }),
  },
  responses: {
    200: { description: 'YAML, or the archive that was sent', content: { 'application/yaml': { schema: z.string() } } },
  },
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
    })
    .openapi(compare, async (c) => {
      const { id } = await requireStoredDesign(database, c.req.valid('param').design);
      const { from, to } = c.req.valid('query');
      const before = await readRevision(database, { id, revision: from });
      const after = await readRevision(database, { id, revision: to });
      return c.json(toComparisonBody(compareDesigns(before.design, after.design)), 200);
    })
    .openapi(exportRoute, async (c) => {
      const stored = await requireStoredDesign(database, c.req.valid('param').design);
      const { format, revision = stored.revision } = c.req.valid('query');
      const { design, source } = await readRevision(database, { id: stored.id, revision });
      const { mediaType, body } =
        format === 'source'
          ? sourceContent(source)
          : { mediaType: 'application/yaml', body: exportDesign(design, format) };
      return c.body(body, 200, { 'Content-Type': mediaType });
    });
}

function toComparisonBody({ added, removed, changed, design }: DesignComparison): z.infer<typeof comparisonBody> {
  return {
    changes: [
      ...removed.map((component) => ({ component, action: 'removed' as const, diff: [] })),
      ...changed.map(({ component, changes }) => ({ component, action: 'changed' as const, diff: changes })),
      ...added.map((component) => ({ component, action: 'added' as const, diff: [] })),
    ],
    design,
  };
}
