import { createRoute, z } from '@hono/zod-openapi';
import type { Deployment } from '../../domain/deployment.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { deployOptionsSchema, orphanCheckOptionsSchema, undeployOptionsSchema } from '../../domain/operation.ts';
import type { Database } from '../../infra/database/database.ts';
import { requireDeployment } from '../../infra/database/deployments.ts';
import { listOperations } from '../../infra/database/operations.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { accept } from '../operations.ts';
import { acceptedAnswer, idSchema } from '../schemas.ts';
import { requireRevisionOf, requireStoredDesign } from './designs.ts';

const tags = ['deployments'];
const params = z.object({ deployment: idSchema });
const queueField = z.boolean().optional().openapi({ description: 'Wait while another operation holds the deployment' });

const undeployBody = z
  .strictObject({
    options: undeployOptionsSchema.prefault({}),
    dryRun: z.boolean().optional().openapi({ description: 'Only plan it, and show the order' }),
    queue: queueField,
  })
  .openapi('Undeploy');

const undeploy = createRoute({
  method: 'post',
  path: '/v1/deployments/{deployment}/undeploy',
  operationId: 'undeploy',
  summary: 'Takes the deployment out of its cluster, in order, and checks that nothing is left',
  tags,
  request: { params, body: { content: { 'application/json': { schema: undeployBody } } } },
  responses: { 202: acceptedAnswer },
});

const rollbackBody = z
  .strictObject({
    toRevision: z
      .number()
      .int()
      .min(1)
      .optional()
      .openapi({ description: 'Default: the revision that was live before the present one' }),
    options: deployOptionsSchema.prefault({}),
    queue: queueField,
  })
  .openapi('Rollback');

const rollback = createRoute({
  method: 'post',
  path: '/v1/deployments/{deployment}/rollback',
  operationId: 'rollback',
  summary: 'Brings an earlier revision back',
  tags,
  request: { params, body: { content: { 'application/json': { schema: rollbackBody } } } },
  responses: { 202: acceptedAnswer },
});

const orphanCheckBody = orphanCheckOptionsSchema.extend({}).openapi('OrphanCheck');

const orphanCheck = createRoute({
  method: 'post',
  path: '/v1/deployments/{deployment}/orphan-check',
  operationId: 'checkOrphans',
  summary: 'Looks for objects that were left behind, and removes them when asked to',
  tags,
  request: {
    params,
    body: { content: { 'application/json': { schema: orphanCheckBody } } },
  },
  responses: { 202: acceptedAnswer },
});

/** What people do with a deployment: each starts an operation. */
export function deploymentActionRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(undeploy, async (c) => {
      const deployment = await requireDeployment(database, c.req.valid('param').deployment);
      const { options, dryRun, queue } = undeployBody.parse(c.req.valid('json'));
      const target = targetOf(deployment);
      const operation = await (dryRun === true
        ? accept(deps, c, { ...target, kind: 'plan', options: { kind: 'undeploy', ...options } })
        : accept(deps, c, { ...target, kind: 'undeploy', options, queue }));
      return c.json(operation, 202);
    })
    .openapi(rollback, async (c) => {
      const deployment = await requireDeployment(database, c.req.valid('param').deployment);
      const { toRevision, options, queue } = rollbackBody.parse(c.req.valid('json'));
      const revision = toRevision ?? (await revisionBefore(database, deployment));
      requireRevisionOf(await requireStoredDesign(database, deployment.designId), revision);
      return c.json(
        await accept(deps, c, { ...targetOf(deployment), kind: 'rollback', revision, options, queue }),
        202,
      );
    })
    .openapi(orphanCheck, async (c) => {
      const deployment = await requireDeployment(database, c.req.valid('param').deployment);
      const options = orphanCheckBody.parse(c.req.valid('json'));
      return c.json(await accept(deps, c, { ...targetOf(deployment), kind: 'orphanCheck', options }), 202);
    });
}

function targetOf({ id, designId, connectionId, revision }: Deployment) {
  return { deploymentId: id, designId, connectionId, revision: revision ?? undefined };
}

/** The revision of the newest operation that made another revision live than the present one. */
async function revisionBefore(database: Database, deployment: Deployment): Promise<number> {
  const { items } = await listOperations(database, {
    deploymentId: deployment.id,
    kinds: ['deploy', 'rollback'],
    states: ['succeeded'],
    limit: 1_000,
  });
  const revision = items.map((item) => item.revision).find((live) => live !== null && live !== deployment.revision);
  if (typeof revision === 'number') return revision;
  throw new SlipwayError('conflict', 'no other revision was live before', {
    fix: 'Name the revision to bring back by `toRevision`.',
  });
}
