import { createRoute, z } from '@hono/zod-openapi';
import { isFinal, type OperationState, type ProgressEntry } from '../../domain/operation.ts';
import { readProgress } from '../../infra/database/progress.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { requireOperation } from '../operations.ts';
import { idSchema, lastEventIdHeader, streamAnswer, streamQuery } from '../schemas.ts';
import { followEntries } from '../streams/follow.ts';

const stream = createRoute({
  method: 'get',
  path: '/v1/operations/{operation}/stream',
  operationId: 'streamOperation',
  summary: 'Follows an operation: what happened so far, then what happens, until `event: end`',
  description:
    'The id of a message is the sequence of its entry, its event the type of the change, its data the entry as JSON.',
  tags: ['operations'],
  request: { params: z.object({ operation: idSchema }), headers: lastEventIdHeader, query: streamQuery },
  responses: { 200: streamAnswer },
});

/** The live stream of one operation, from any process. */
export function operationStreamRoutes({ database, streams, config, log }: RouteDeps) {
  return createRouter().openapi(stream, async (c) => {
    const { id } = await requireOperation(database, c.req.valid('param').operation);
    const leave = streams.admit('operation');
    return followEntries<ProgressEntry>(c, {
      subscriber: streams.progress.subscribe((entry) => entry.operationId === id),
      after: c.req.valid('header')['last-event-id'] ?? c.req.valid('query').after ?? 0,
      readAfter: (after, limit) => readProgress(database, { operationId: id, after, limit }),
      toMessage: (entry) => ({
        id: String(entry.sequence),
        event: entry.change.type,
        data: JSON.stringify(entry),
      }),
      endAfter: ({ change }) => (change.type === 'operation' ? endMessage(id, change.state) : undefined),
      findEnd: async () => endMessage(id, (await requireOperation(database, id)).state),
      streamMs: config.streamMs,
      onClose: leave,
      onError: (error) => log.warn({ err: error, operationId: id }, 'a live stream broke off'),
    });
  });
}

function endMessage(operationId: string, state: OperationState) {
  return isFinal(state) ? { event: 'end', data: JSON.stringify({ operationId, state }) } : undefined;
}
