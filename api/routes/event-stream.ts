import { createRoute, z } from '@hono/zod-openapi';
import { eventCategories, eventSeverities, type SlipwayEvent } from '../../domain/event.ts';
import { latestEventSequence, readEventsAfter } from '../../infra/database/events.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { idSchema, lastEventIdHeader, oneOrMore, streamAnswer, streamQuery } from '../schemas.ts';
import { followEntries } from '../streams/follow.ts';

const querySchema = streamQuery.extend({
  severity: oneOrMore(z.enum(eventSeverities)),
  category: oneOrMore(z.enum(eventCategories)),
  operation: idSchema.optional(),
});

const stream = createRoute({
  method: 'get',
  path: '/v1/events/stream',
  operationId: 'streamEvents',
  summary: 'Follows events as they come; with a position, all since then first',
  description: 'The id of a message is the sequence of its event, its event `event`, its data the event as JSON.',
  tags: ['events'],
  request: { headers: lastEventIdHeader, query: querySchema },
  responses: { 200: streamAnswer },
});

/** The live stream of events, from any process. */
export function eventStreamRoutes({ database, streams, config, log }: RouteDeps) {
  return createRouter().openapi(stream, async (c) => {
    const query = c.req.valid('query');
    const given = c.req.valid('header')['last-event-id'] ?? query.after;
    const after = given ?? (await latestEventSequence(database));
    const leave = streams.admit('events');
    return followEntries<SlipwayEvent>(c, {
      subscriber: streams.events.subscribe(() => true),
      after,
      readAfter: (sequence, limit) => readEventsAfter(database, { after: sequence, limit }),
      toMessage: (event) => (matches(event, query) ? toMessage(event) : undefined),
      endAfter: () => undefined,
      findEnd: async () => undefined,
      streamMs: config.streamMs,
      onClose: leave,
      onError: (error) => log.warn({ err: error }, 'a live stream broke off'),
    });
  });
}

function matches(event: SlipwayEvent, query: z.infer<typeof querySchema>): boolean {
  return (
    (query.severity?.includes(event.severity) ?? true) &&
    (query.category?.includes(event.category) ?? true) &&
    (query.operation === undefined || query.operation === event.operationId)
  );
}

function toMessage(event: SlipwayEvent) {
  return { id: String(event.sequence), event: 'event', data: JSON.stringify(event) };
}
