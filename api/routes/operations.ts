import { createRoute, z } from '@hono/zod-openapi';
import { operationKinds, operationPhases, operationStates, stepStates } from '../../domain/operation.ts';
import { listSteps } from '../../infra/database/operation-steps.ts';
import { listOperations } from '../../infra/database/operations.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { explainWaiting } from '../explain-waiting.ts';
import { requireOperation, toOperationBody } from '../operations.ts';
import { idSchema, jsonAnswer, oneOrMore, operationBody, pageAnswer, pageQuery, stepBody } from '../schemas.ts';

const tags = ['operations'];
const params = z.object({ operation: idSchema });

const list = createRoute({
  method: 'get',
  path: '/v1/operations',
  operationId: 'listOperations',
  summary: 'Operations, newest first',
  tags,
  request: {
    query: z.strictObject({
      ...pageQuery,
      state: oneOrMore(z.enum(operationStates)),
      kind: oneOrMore(z.enum(operationKinds)),
      deployment: idSchema.optional(),
      connection: idSchema.optional(),
      design: idSchema.optional(),
    }),
  },
  responses: { 200: pageAnswer(operationBody) },
});

const operationDetailsBody = operationBody
  .extend({
    failedSteps: z.array(stepBody).readonly().openapi({ description: 'The first of them' }),
    blockedSteps: z.array(stepBody).readonly().openapi({ description: 'The first of them' }),
  })
  .openapi('OperationDetails');

const get = createRoute({
  method: 'get',
  path: '/v1/operations/{operation}',
  operationId: 'getOperation',
  summary: 'An operation, with the steps that failed and those that they block',
  tags,
  request: { params },
  responses: { 200: jsonAnswer('It', operationDetailsBody) },
});

const steps = createRoute({
  method: 'get',
  path: '/v1/operations/{operation}/steps',
  operationId: 'listSteps',
  summary: 'What happens to each object, in the order of the plan',
  tags,
  request: {
    params,
    query: z.strictObject({
      ...pageQuery,
      phase: z.enum(operationPhases).optional(),
      state: oneOrMore(z.enum(stepStates)),
    }),
  },
  responses: { 200: pageAnswer(stepBody) },
});

const blocked = createRoute({
  method: 'get',
  path: '/v1/operations/{operation}/blocked',
  operationId: 'listWaitingSteps',
  summary: 'Why it waits: each step that is waiting or blocked, with the chain to the root cause',
  tags,
  request: { params, query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(stepBody) },
});

/** How many failed and blocked steps an operation shows itself. */
const shownSteps = 20;

/** Operations: pieces of long work that people list and follow. */
export function operationRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => {
      const { state, kind, deployment, connection, design, ...page } = c.req.valid('query');
      const ids = { deploymentId: deployment, connectionId: connection, designId: design };
      const { items, nextCursor } = await listOperations(database, { ...page, ...ids, states: state, kinds: kind });
      return c.json({ items: items.map(toOperationBody), nextCursor }, 200);
    })
    .openapi(get, async (c) => {
      const operation = await requireOperation(database, c.req.valid('param').operation);
      const stepsIn = (state: 'failed' | 'blocked') =>
        listSteps(database, { operationId: operation.id, states: [state], limit: shownSteps });
      const [failedSteps, blockedSteps] = await Promise.all([stepsIn('failed'), stepsIn('blocked')]);
      const problems = { failedSteps: failedSteps.items, blockedSteps: blockedSteps.items };
      return c.json({ ...toOperationBody(operation), ...problems }, 200);
    })
    .openapi(steps, async (c) => {
      const { id } = await requireOperation(database, c.req.valid('param').operation);
      const { state, ...query } = c.req.valid('query');
      return c.json(await listSteps(database, { ...query, operationId: id, states: state }), 200);
    })
    .openapi(blocked, async (c) => {
      const operation = await requireOperation(database, c.req.valid('param').operation);
      const request = { ...c.req.valid('query'), operationId: operation.id, states: ['blocked', 'waiting'] } as const;
      const { items, nextCursor } = await listSteps(database, request);
      return c.json({ items: await explainWaiting(database, operation, items), nextCursor }, 200);
    });
}
