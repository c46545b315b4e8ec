import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { eventCategories, eventSeverities, eventStatuses } from '../../domain/event.ts';
import {
  acknowledgeEvents,
  dismissEvents,
  type EventFilter,
  type EventSelection,
  findEvent,
  listEvents,
  markEventsRead,
} from '../../infra/database/events.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { eventBody, idSchema, jsonAnswer, jsonBody, oneOrMore, pageAnswer, pageQuery } from '../schemas.ts';

const tags = ['events'];
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** How many events one request may name. */
const maximumIds = 1_000;

const list = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'listEvents',
  summary: 'Events, newest first',
  tags,
  request: {
    query: z.strictObject({
      ...pageQuery,
      severity: oneOrMore(z.enum(eventSeverities)),
      category: oneOrMore(z.enum(eventCategories)),
      status: z.enum(eventStatuses).optional(),
      operation: idSchema.optional(),
      q: z.string().max(200).optional().openapi({ description: 'Text in the description, action, actor or subject' }),
      acknowledged: flag.optional(),
      dismissed: flag.optional(),
    }),
  },
  responses: { 200: pageAnswer(eventBody) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/events/{event}',
  operationId: 'getEvent',
  summary: 'An event',
  tags,
  request: { params: z.object({ event: idSchema }) },
  responses: { 200: jsonAnswer('It', eventBody) },
});

const filterBody = z
  .strictObject({
    severity: z.array(z.enum(eventSeverities)).min(1).optional(),
    category: z.array(z.enum(eventCategories)).min(1).optional(),
    status: z.enum(eventStatuses).optional(),
    operation: idSchema.optional(),
    q: z.string().max(200).optional(),
    acknowledged: z.boolean().optional(),
    dismissed: z.boolean().optional(),
  })
  .openapi('EventFilter');

const selectionBody = z
  .union([
    z.strictObject({ ids: z.array(idSchema).min(1).max(maximumIds) }),
    z.strictObject({ filter: filterBody.openapi({ description: 'All events that it lets through' }) }),
  ])
  .openapi('EventSelection');

const changedBody = z.object({ changed: z.number().int() }).openapi('EventsChanged');

function changeRoute<Name extends 'acknowledge' | 'dismiss' | 'read'>(name: Name, summary: string) {
  return createRoute({
    method: 'post',
    path: `/v1/events/${name}`,
    operationId: `${name}Events`,
    summary,
    tags,
    request: { body: jsonBody(selectionBody) },
    responses: { 200: jsonAnswer('How many were not so before', changedBody) },
  });
}

/** Events: what a person may need to know. */
export function eventRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { limit, cursor, ...query } = c.req.valid('query');
      return c.json(await listEvents(database, { limit, cursor, filter: toFilter(query) }), 200);
    })
    .openapi(get, async (c) => {
      const { event: id } = c.req.valid('param');
      const event = await findEvent(database, id);
      if (event === undefined) throw new SlipwayError('notFound', `there is no event ${id}`);
      return c.json(event, 200);
    })
    .openapi(changeRoute('acknowledge', 'Says that somebody takes care of them'), async (c) =>
      c.json({ changed: await acknowledgeEvents(database, toSelection(c.req.valid('json'))) }, 200),
    )
    .openapi(changeRoute('dismiss', 'Puts them out of sight'), async (c) =>
      c.json({ changed: await dismissEvents(database, toSelection(c.req.valid('json'))) }, 200),
    )
    .openapi(changeRoute('read', 'Marks them as read'), async (c) =>
      c.json({ changed: await markEventsRead(database, toSelection(c.req.valid('json'))) }, 200),
    );
}

function toSelection(body: z.infer<typeof selectionBody>): EventSelection {
  return 'ids' in body ? body : { filter: toFilter(body.filter) };
}

function toFilter({ severity, category, operation, q, ...rest }: z.infer<typeof filterBody>): EventFilter {
  return { ...rest, severities: severity, categories: category, operationId: operation, text: q };
}
