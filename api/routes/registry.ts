import { createRoute, z } from '@hono/zod-openapi';
import { modelCategories, registrantKinds } from '../../domain/registry/model.ts';
import { listRegistrants } from '../../infra/database/registry/registrants.ts';
import { registrySummarySchema, summarizeRegistry } from '../../infra/database/registry/summary.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { registrantBody } from '../registry-bodies.ts';
import { jsonAnswer, pageAnswer, pageQuery } from '../schemas.ts';

const tags = ['registry'];

const summary = createRoute({
  method: 'get',
  path: '/v1/registry/summary',
  operationId: 'getRegistrySummary',
  summary: 'How much the registry holds, by status, category and kind of registrant',
  tags,
  responses: { 200: jsonAnswer('Counts', registrySummarySchema.extend({}).openapi('RegistrySummary')) },
});

const registrants = createRoute({
  method: 'get',
  path: '/v1/registrants',
  operationId: 'listRegistrants',
  summary: 'Charts, repositories, clusters and what else brought definitions, by kind and address',
  tags,
  request: { query: z.strictObject({ ...pageQuery, kind: z.enum(registrantKinds).optional() }) },
  responses: { 200: pageAnswer(registrantBody) },
});

const categories = createRoute({
  method: 'get',
  path: '/v1/categories',
  operationId: 'listCategories',
  summary: 'All categories that models can have, with how many versions of models are in each',
  tags,
  responses: {
    200: {
      description: 'All of them',
      content: {
        'application/json': {
          schema: z.object({
            items: z.array(z.object({ name: z.enum(modelCategories), modelCount: z.number().int() })),
          }),
        },
      },
    },
  },
});

/** The registry as a whole. */
export function registryRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(summary, async (c) => c.json(await summarizeRegistry(database), 200))
    .openapi(registrants, async (c) => {
      const page = await listRegistrants(database, c.req.valid('query'));
      return c.json({ items: [...page.items], nextCursor: page.nextCursor }, 200);
    })
    .openapi(categories, async (c) => {
      const { versionsByCategory } = await summarizeRegistry(database);
      const counts = new Map(versionsByCategory.map(({ category, count }) => [category, count]));
      return c.json({ items: modelCategories.map((name) => ({ name, modelCount: counts.get(name) ?? 0 })) }, 200);
    });
}
