import { createRoute, z } from '@hono/zod-openapi';
import {
  type RelationshipDefinition,
  relationshipKinds,
  relationshipOrigins,
} from '../../domain/registry/relationship-definition.ts';
import { readDefinition } from '../../infra/database/registry/members.ts';
import {
  listRelationships,
  relationshipSorts,
  requireRelationship,
} from '../../infra/database/registry/relationships.ts';
import { setRelationshipStatus } from '../../infra/database/registry/status.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import {
  mapPage,
  relationshipBody,
  relationshipDetailBody,
  relationshipParam,
  statusChangeBody,
  toRelationshipBody,
} from '../registry-bodies.ts';
import { tellStatusChange } from '../registry-events.ts';
import { conditionsOf, ofModel, searchQuery } from '../registry-query.ts';
import { jsonAnswer, jsonBody, oneOrMore, pageAnswer } from '../schemas.ts';

const tags = ['relationships'];
const params = z.object({ relationship: relationshipParam });

const list = createRoute({
  method: 'get',
  path: '/v1/relationships',
  operationId: 'listRelationships',
  summary: 'Relationships without their selectors, by name',
  tags,
  request: {
    query: z.strictObject({
      ...searchQuery,
      q: z.string().max(200).optional().openapi({ description: 'Text in the name, type or description' }),
      model: z.string().max(300).optional().openapi({ description: 'A name (its latest version), name@version or id' }),
      kind: oneOrMore(z.enum(relationshipKinds)),
      type: z.string().max(100).optional(),
      subType: z.string().max(100).optional(),
      foundBy: oneOrMore(z.enum(relationshipOrigins)),
      between: z.string().max(253).optional().openapi({ description: 'A kind that it names on one of its sides' }),
      sort: z.enum(relationshipSorts).optional(),
    }),
  },
  responses: { 200: pageAnswer(relationshipBody) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/relationships/{relationship}',
  operationId: 'getRelationship',
  summary: 'A relationship with its selectors',
  tags,
  request: { params },
  responses: { 200: jsonAnswer('It', relationshipDetailBody) },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/relationships/{relationship}',
  operationId: 'changeRelationshipStatus',
  summary: 'Enables, disables, ignores or deprecates one relationship',
  tags,
  request: { params, body: jsonBody(statusChangeBody) },
  responses: { 200: jsonAnswer('It, as it is now', relationshipBody) },
});

/** Relationships: which components go with which. */
export function relationshipRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { model, kind, type, subType, foundBy, between, status, sort, q, limit, cursor, ...conditions } =
        c.req.valid('query');
      const filter = {
        ...conditionsOf(conditions),
        ...ofModel(model),
        kind,
        type,
        subType,
        foundBy,
        between,
        status,
        q,
      };
      const page = await listRelationships(database, { ...filter, sort, limit, cursor });
      return c.json(mapPage(page, toRelationshipBody), 200);
    })
    .openapi(get, async (c) => {
      const relationship = await requireRelationship(database, c.req.valid('param').relationship);
      const definition = await readDefinition<RelationshipDefinition>(database, relationship.digest);
      return c.json({ ...toRelationshipBody(relationship), definition }, 200);
    })
    .openapi(change, async (c) => {
      const { status, reason } = c.req.valid('json');
      const before = await requireRelationship(database, c.req.valid('param').relationship);
      const relationship = await setRelationshipStatus(database, { relationship: String(before.id), status });
      const { actor } = c.var;
      const subject = { kind: 'relationship', id: String(relationship.id), name: relationship.address } as const;
      await tellStatusChange(database, { actor, subject, reason, before: before.status, after: status });
      return c.json(toRelationshipBody(relationship), 200);
    });
}
