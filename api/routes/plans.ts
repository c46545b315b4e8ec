import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { deployOptionsSchema, planOptionsSchema, stepActions, undeployOptionsSchema } from '../../domain/operation.ts';
import type { PlanBody } from '../../domain/plan-changes.ts';
import { planGraphSchema } from '../../domain/plan-graph.ts';
import type { Database } from '../../infra/database/database.ts';
import { readOperationOptions } from '../../infra/database/operations.ts';
import { approvePlan, readPlan, type StoredPlan } from '../../infra/database/plans.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { accept, requireOperation } from '../operations.ts';
import { acceptedAnswer, anyJson, findingBody, idSchema, jsonAnswer, jsonBody } from '../schemas.ts';
import { ensureTarget, targetFields } from './deployments.ts';

const tags = ['plans'];
const params = z.object({ plan: idSchema });

const newPlanBody = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...targetFields, kind: z.literal('deploy'), options: deployOptionsSchema.prefault({}) }),
    z.strictObject({ ...targetFields, kind: z.literal('undeploy'), options: undeployOptionsSchema.prefault({}) }),
  ])
  .openapi('NewPlan');

const create = createRoute({
  method: 'post',
  path: '/v1/plans',
  operationId: 'createPlan',
  summary: 'Plans a deploy or an undeploy; writes nothing to the cluster',
  description: 'The operation names the plan in planId once it has succeeded.',
  tags,
  request: { body: jsonBody(newPlanBody) },
  responses: { 202: acceptedAnswer },
});

const planBody = z
  .object({
    id: z.string(),
    operationId: z.string(),
    deploymentId: z.string(),
    kind: z.enum(['deploy', 'undeploy']),
    revision: z.number().int().nullable(),
    digest: z.string().openapi({ description: 'SHA-256 of what is applied' }),
    approvedAt: z.string().nullable(),
    approvedBy: z.string().nullable(),
    appliedAt: z.string().nullable(),
    appliedOperationId: z.string().nullable(),
    createdAt: z.string(),
    graph: planGraphSchema.extend({}).openapi({ description: 'What is applied, or removed' }),
    prune: planGraphSchema
      .extend({})
      .openapi({ description: 'What the previous revision owned and this one does not' }),
    changes: z.array(
      z.object({
        key: z.string(),
        action: z.enum(stepActions),
        predicted: z.boolean().openapi({ description: 'The server could not be asked' }),
        diff: z.array(z.object({ path: z.string(), before: anyJson.optional(), after: anyJson.optional() })),
        message: z.string().optional(),
      }),
    ),
    findings: z.array(findingBody),
  })
  .openapi('Plan');

const planAnswer = jsonAnswer('The plan', planBody);

const get = createRoute({
  method: 'get',
  path: '/v1/plans/{plan}',
  operationId: 'getPlan',
  summary: 'A plan: its graph and what it changes; secret data is masked',
  tags,
  request: { params },
  responses: { 200: planAnswer },
});

const approve = createRoute({
  method: 'post',
  path: '/v1/plans/{plan}/approve',
  operationId: 'approvePlan',
  summary: 'Says that exactly this plan may be applied',
  tags,
  request: { params },
  responses: { 200: planAnswer },
});

const apply = createRoute({
  method: 'post',
  path: '/v1/plans/{plan}/apply',
  operationId: 'applyPlan',
  summary: 'Applies exactly this plan, once, after it was approved',
  tags,
  request: { params },
  responses: { 202: acceptedAnswer },
});

/** Plans: what a deploy or an undeploy would do. */
export function planRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(create, async (c) => {
      const { kind, options, ...body } = c.req.valid('json');
      const target = await ensureTarget(database, body);
      return c.json(await accept(deps, c, { ...target, kind: 'plan', options: { ...options, kind } }), 202);
    })
    .openapi(get, async (c) => c.json(toPlanBody(await requirePlan(database, c.req.valid('param').plan)), 200))
    .openapi(approve, async (c) => {
      const { id } = await requirePlan(database, c.req.valid('param').plan);
      await approvePlan(database, { id, actor: c.var.actor });
      return c.json(toPlanBody(await requirePlan(database, id)), 200);
    })
    .openapi(apply, async (c) => {
      const plan = await requirePlan(database, c.req.valid('param').plan);
      if (plan.approvedAt === null) {
        throw new SlipwayError('conflict', `plan ${plan.id} is not approved`, {
          fix: `Approve it: POST /v1/plans/${plan.id}/approve`,
        });
      }
      return c.json(await accept(deps, c, await applicationOf(database, plan)), 202);
    });
}

/** The operation that applies a plan: with the target and the options that the plan was made for. */
async function applicationOf(database: Database, plan: StoredPlan<PlanBody>) {
  const made = await requireOperation(database, plan.operationId);
  const { kind, ...options } = planOptionsSchema.parse(await readOperationOptions(database, made.id));
  return {
    kind,
    options,
    planId: plan.id,
    deploymentId: plan.deploymentId,
    designId: made.designId ?? undefined,
    connectionId: made.connectionId ?? undefined,
    revision: plan.revision ?? undefined,
  };
}

/** What people see of a plan: not the manifests, which may hold secrets. */
function toPlanBody({ body, ...plan }: StoredPlan<PlanBody>) {
  const { graph, prune, changes, findings } = body;
  return { ...plan, graph, prune, changes, findings };
}

async function requirePlan(database: Database, id: string): Promise<StoredPlan<PlanBody>> {
  const plan = await readPlan<PlanBody>(database, id);
  if (plan !== undefined) return plan;
  throw new SlipwayError('notFound', `there is no plan ${id}`);
}
