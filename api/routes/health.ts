import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { createRouter, type RouteDeps } from '../context.ts';
import { jsonAnswer } from '../schemas.ts';

const partSchema = z.enum(['up', 'down']);

const readinessSchema = z
  .object({ status: z.enum(['ready', 'notReady']), parts: z.object({ database: partSchema, temporal: partSchema }) })
  .openapi('Readiness');

const health = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  summary: 'Whether the process lives',
  tags: ['health'],
  security: [],
  responses: { 200: jsonAnswer('It does', z.object({ status: z.literal('up') })) },
});

const readiness = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  summary: 'Whether the database and Temporal answer',
  tags: ['health'],
  responses: {
    200: jsonAnswer('Both answer', readinessSchema),
    503: jsonAnswer('One does not', readinessSchema),
  },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'getMetrics',
  summary: 'Metrics in the text format of Prometheus',
  tags: ['health'],
  responses: { 200: { description: 'Metrics', content: { 'text/plain': { schema: z.string() } } } },
});

/** How long a part may take to answer. */
const patienceMs = 2_000;

/** Whether the process lives, whether its parts answer, and what it measures. */
export function healthRoutes({ database, temporal, metrics }: RouteDeps) {
  return createRouter()
    .openapi(health, (c) => c.json({ status: 'up' as const }, 200))
    .openapi(readiness, async (c) => {
      const deadline = Date.now() + patienceMs;
      const [databaseState, temporalState] = await Promise.all([
        stateOf(database.read((queries) => queries.run(sql`select 1`))),
        stateOf(temporal.connection.withDeadline(deadline, () => temporal.workflowService.getSystemInfo({}))),
      ]);
      const parts = { database: databaseState, temporal: temporalState };
      return databaseState === 'up' && temporalState === 'up'
        ? c.json({ status: 'ready' as const, parts }, 200)
        : c.json({ status: 'notReady' as const, parts }, 503);
    })
    .openapi(metricsRoute, async (c) => c.text(await metrics.render(), 200, { 'Content-Type': metrics.contentType }));
}

async function stateOf(answer: PromiseLike<unknown>): Promise<'up' | 'down'> {
  const timeout = Promise.withResolvers<'down'>();
  const timer = setTimeout(() => timeout.resolve('down'), patienceMs);
  try {
    return await Promise.race([answer.then(() => 'up' as const), timeout.promise]);
  } catch {
    return 'down';
  } finally {
    clearTimeout(timer);
  }
}
