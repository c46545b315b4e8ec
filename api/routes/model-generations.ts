import { createRoute, z } from '@hono/zod-openapi';
import { generationOptionsSchema, pushOptionsSchema, sourceReportSchema } from '../../domain/registry/generation.ts';
import { readReports } from '../../infra/database/registry/sources.ts';
import { requireModel } from '../../infra/database/registry/models.ts';
import { parseOciReference } from '../../infra/model-source/oci/reference.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { accept, requireOperation } from '../operations.ts';
import { modelParam } from '../registry-bodies.ts';
import { acceptedAnswer, findingBody, idSchema, jsonAnswer, jsonBody } from '../schemas.ts';
import { requireConnection } from './connections.ts';
import { requireSources } from '../source-checks.ts';

const newGenerationBody = generationOptionsSchema.omit({ scheduleId: true }).openapi('NewModelGeneration');
const sourceReportBody = sourceReportSchema.extend({ findings: z.array(findingBody) }).openapi('SourceReport');

const newPushBody = pushOptionsSchema.omit({ modelId: true }).openapi('NewModelPush');

const generate = createRoute({
  method: 'post',
  path: '/v1/model-generations',
  operationId: 'generateModels',
  summary: 'Makes models of files, charts, repositories, artifacts, sheets and clusters, and stores them',
  tags: ['models'],
  request: { body: jsonBody(newGenerationBody) },
  responses: { 202: acceptedAnswer },
});

const sources = createRoute({
  method: 'get',
  path: '/v1/operations/{operation}/sources',
  operationId: 'listSourceReports',
  summary: 'What became of each source of a generation, in their order; those that are not finished are missing',
  tags: ['operations'],
  request: { params: z.object({ operation: idSchema }) },
  responses: { 200: jsonAnswer('All that are there', z.object({ items: z.array(sourceReportBody).readonly() })) },
});

const push = createRoute({
  method: 'post',
  path: '/v1/models/{model}/push',
  operationId: 'pushModel',
  summary: 'Sends a model to an OCI registry as a package; what is there already is not sent again',
  tags: ['models'],
  request: {
    params: z.object({ model: modelParam }),
    body: jsonBody(newPushBody),
  },
  responses: { 202: acceptedAnswer },
});

/** Generations of models, what came of their sources, and pushes of models. */
export function modelGenerationRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(generate, async (c) => {
      const options = c.req.valid('json');
      await requireSources(database, options.sources, ['sources']);
      return c.json(await accept(deps, c, { kind: 'modelGeneration', options }), 202);
    })
    .openapi(push, async (c) => {
      const options = c.req.valid('json');
      parseOciReference(options.reference);
      if (options.connection !== undefined) await requireConnection(database, options.connection);
      const { id } = await requireModel(database, c.req.valid('param').model);
      return c.json(await accept(deps, c, { kind: 'modelPush', options: { ...options, modelId: id } }), 202);
    })
    .openapi(sources, async (c) => {
      const { id } = await requireOperation(database, c.req.valid('param').operation);
      return c.json({ items: await readReports(database, { operationId: id }) }, 200);
    });
}
