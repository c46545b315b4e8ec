import { createRoute, z } from '@hono/zod-openapi';
import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import type { Database } from '../../infra/database/database.ts';
import { listComponents, requireComponent, type StoredComponent } from '../../infra/database/registry/components.ts';
import { readDefinition } from '../../infra/database/registry/members.ts';
import { searchSorts } from '../../infra/database/registry/search-index.ts';
import { setComponentStatus } from '../../infra/database/registry/status.ts';
import { digestOf } from '../../infra/digest.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import {
  componentBody,
  componentDetailBody,
  componentParam,
  mapPage,
  statusChangeBody,
  toComponentBody,
} from '../registry-bodies.ts';
import { tellStatusChange } from '../registry-events.ts';
import { conditionsOf, ofModel, searchQuery } from '../registry-query.ts';
import { jsonAnswer, jsonBody, pageAnswer } from '../schemas.ts';

const tags = ['components'];
const params = z.object({ component: componentParam });

const list = createRoute({
  method: 'get',
  path: '/v1/components',
  operationId: 'listComponents',
  summary: 'Components without their schemas, by kind; by relevance where words are searched for',
  tags,
  request: {
    query: z.strictObject({
      ...searchQuery,
      model: z.string().max(300).optional().openapi({ description: 'A name (its latest version), name@version or id' }),
      kind: z.string().max(253).optional(),
      apiVersion: z.string().max(253).optional(),
      sort: z.enum(searchSorts).optional(),
    }),
  },
  responses: { 200: pageAnswer(componentBody) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/components/{component}',
  operationId: 'getComponent',
  summary: 'A component with its schema',
  tags,
  request: { params },
  responses: { 200: jsonAnswer('It', componentDetailBody) },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/components/{component}',
  operationId: 'changeComponentStatus',
  summary: 'Enables, disables, ignores or deprecates one component',
  tags,
  request: { params, body: jsonBody(statusChangeBody) },
  responses: { 200: jsonAnswer('It, as it is now', componentBody) },
});

/** Components: kinds that designs can declare. */
export function componentRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { model, kind, apiVersion, status, sort, q, limit, cursor, ...conditions } = c.req.valid('query');
      const filter = { ...conditionsOf(conditions), ...ofModel(model), kind, apiVersion, status, q };
      const page = await listComponents(database, { ...filter, sort, limit, cursor });
      return c.json(mapPage(page, toComponentBody), 200);
    })
    .openapi(get, async (c) => {
      const component = await requireComponent(database, c.req.valid('param').component);
      return c.json(await withSchema(database, component), 200);
    })
    .openapi(change, async (c) => {
      const { status, reason } = c.req.valid('json');
      const before = await requireComponent(database, c.req.valid('param').component);
      const component = await setComponentStatus(database, { component: String(before.id), status });
      const { actor } = c.var;
      const subject = { kind: 'component', id: String(component.id), name: component.address } as const;
      await tellStatusChange(database, { actor, subject, reason, before: before.status, after: status });
      return c.json(toComponentBody(component), 200);
    });
}

async function withSchema(
  database: Database,
  component: StoredComponent,
): Promise<z.infer<typeof componentDetailBody>> {
  const { schema, metadata } = await readDefinition<ComponentDefinition>(database, component.digest);
  return { ...toComponentBody(component), schema, metadata, schemaDigest: digestOf(schema) };
}
