import { createRoute, z } from '@hono/zod-openapi';
import { requireCluster } from '../../domain/connection.ts';
import { deploymentStates } from '../../domain/deployment.ts';
import { deployOptionsSchema } from '../../domain/operation.ts';
import type { Database } from '../../infra/database/database.ts';
import {
  deleteDeployment,
  ensureDeployment,
  listDeployments,
  requireDeployment,
} from '../../infra/database/deployments.ts';
import { listInventory } from '../../infra/database/inventory.ts';
import { listOperations } from '../../infra/database/operations.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { accept, toOperationBody } from '../operations.ts';
import {
  acceptedAnswer,
  deploymentBody,
  idSchema,
  inventoryItemBody,
  jsonAnswer,
  jsonBody,
  nameOrIdSchema,
  operationBody,
  pageAnswer,
  pageQuery,
} from '../schemas.ts';
import { requireConnection } from './connections.ts';
import { requireRevisionOf, requireStoredDesign } from './designs.ts';

const tags = ['deployments'];
const params = z.object({ deployment: idSchema });

const list = createRoute({
  method: 'get',
  path: '/v1/deployments',
  operationId: 'listDeployments',
  summary: 'Deployments, newest first',
  tags,
  request: {
    query: z.strictObject({
      ...pageQuery,
      design: nameOrIdSchema.optional(),
      connection: nameOrIdSchema.optional(),
      state: z.enum(deploymentStates).optional(),
    }),
  },
  responses: { 200: pageAnswer(deploymentBody) },
});

/** What a deploy and a plan name: a revision of a design, and where. */
export const targetFields = {
  design: nameOrIdSchema,
  revision: z.number().int().min(1).optional().openapi({ description: 'Default: the newest' }),
  connection: nameOrIdSchema,
};

const queueField = z.boolean().optional().openapi({ description: 'Wait while another operation holds the deployment' });

const newDeploymentBody = z
  .strictObject({ ...targetFields, options: deployOptionsSchema.prefault({}), queue: queueField })
  .openapi('NewDeployment');

const create = createRoute({
  method: 'post',
  path: '/v1/deployments',
  operationId: 'deploy',
  summary: 'Deploys a design on a connection; makes the deployment when there is none',
  tags,
  request: { body: jsonBody(newDeploymentBody) },
  responses: { 202: acceptedAnswer },
});

const get = createRoute({
  method: 'get',
  path: '/v1/deployments/{deployment}',
  operationId: 'getDeployment',
  summary: 'A deployment',
  tags,
  request: { params },
  responses: { 200: jsonAnswer('It', deploymentBody) },
});

const getInventory = createRoute({
  method: 'get',
  path: '/v1/deployments/{deployment}/inventory',
  operationId: 'listInventory',
  summary: 'The objects that it owns',
  tags,
  request: { params, query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(inventoryItemBody) },
});

const getOperations = createRoute({
  method: 'get',
  path: '/v1/deployments/{deployment}/operations',
  operationId: 'listDeploymentOperations',
  summary: 'What was done with it, newest first',
  tags,
  request: { params, query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(operationBody) },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/deployments/{deployment}',
  operationId: 'deleteDeployment',
  summary: 'Forgets a deployment of which nothing is in a cluster',
  tags,
  request: { params },
  responses: { 204: { description: 'It is forgotten' } },
});

/** Deployments: one design on one connection each. */
export function deploymentRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(list, async (c) => {
      const { design, connection, ...query } = c.req.valid('query');
      const designId = design === undefined ? undefined : (await requireStoredDesign(database, design)).id;
      const connectionId = connection === undefined ? undefined : (await requireConnection(database, connection)).id;
      return c.json(await listDeployments(database, { ...query, designId, connectionId }), 200);
    })
    .openapi(create, async (c) => {
      const { options, queue, ...body } = c.req.valid('json');
      const target = await ensureTarget(database, body);
      return c.json(await accept(deps, c, { ...target, kind: 'deploy', options, queue }), 202);
    })
    .openapi(get, async (c) => c.json(await requireDeployment(database, c.req.valid('param').deployment), 200))
    .openapi(getInventory, async (c) => {
      const { id } = await requireDeployment(database, c.req.valid('param').deployment);
      return c.json(await listInventory(database, { ...c.req.valid('query'), deploymentId: id }), 200);
    })
    .openapi(getOperations, async (c) => {
      const { id } = await requireDeployment(database, c.req.valid('param').deployment);
      const { items, nextCursor } = await listOperations(database, { ...c.req.valid('query'), deploymentId: id });
      return c.json({ items: items.map(toOperationBody), nextCursor }, 200);
    })
    .openapi(remove, async (c) => {
      await deleteDeployment(database, c.req.valid('param').deployment);
      return c.body(null, 204);
    });
}

type Target = { readonly design: string; readonly revision?: number | undefined; readonly connection: string };

/** The ids of a target, with its deployment made when there is none. Throws SlipwayError `notFound`, `invalid` for no cluster. */
export async function ensureTarget(database: Database, target: Target) {
  const design = await requireStoredDesign(database, target.design);
  const connection = await requireConnection(database, target.connection);
  requireCluster(connection);
  const revision = target.revision ?? design.revision;
  requireRevisionOf(design, revision);
  const ids = { designId: design.id, connectionId: connection.id };
  const deployment = await ensureDeployment(database, ids);
  return { ...ids, deploymentId: deployment.id, revision };
}
