import { createRoute, z } from '@hono/zod-openapi';
import { parseComponentKey } from '../../domain/registry/component-definition.ts';
import { schemaChangeSchema } from '../../domain/registry/schema-change.ts';
import { requireComponent } from '../../infra/database/registry/components.ts';
import { memberChangeSchema } from '../../infra/database/registry/compare-models.ts';
import { requireModel, type StoredModel } from '../../infra/database/registry/models.ts';
import { compareModelSchemas, type ModelDifference } from '../../infra/registry/compare-model-schemas.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { badRequest } from '../problem.ts';
import { componentParam, modelParam } from '../registry-bodies.ts';
import { readUsage, usageBody, usageQuery } from '../registry-usage.ts';
import { anyValue, jsonAnswer } from '../schemas.ts';

const params = z.object({ model: modelParam });

const versionBody = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  revision: z.number().int(),
  definitionVersion: z.string(),
});

const comparisonBody = z
  .object({
    before: versionBody,
    after: versionBody,
    breaking: z.boolean().openapi({ description: 'Whether what was declared may be refused from now on' }),
    components: z.array(
      z.object({
        component: z.string().openapi({ description: 'kind@apiVersion' }),
        action: z.enum(['added', 'removed', 'changed']),
        breaking: z.boolean(),
        changeCount: z.number().int(),
        changes: z
          .array(schemaChangeSchema.extend({ before: anyValue.optional(), after: anyValue.optional() }))
          .readonly()
          .openapi({ description: 'Changes of its schema, by field; breaking ones first, 200 at most' }),
      }),
    ),
    members: z.array(memberChangeSchema).openapi({ description: 'Relationships, profiles and what else differs' }),
    usage: usageBody.openapi({ description: 'Who declares and runs what was changed or removed' }),
  })
  .openapi('ModelComparison');

const compare = createRoute({
  method: 'get',
  path: '/v1/models/{model}/compare',
  operationId: 'compareModels',
  summary: 'What turns one version of a model into another, by component and field, and whom it touches',
  tags: ['models'],
  request: { params, query: z.strictObject({ with: modelParam }) },
  responses: { 200: jsonAnswer('It', comparisonBody) },
});

const usageAnswer = { 200: jsonAnswer('It', usageBody) };

const modelUsage = createRoute({
  method: 'get',
  path: '/v1/models/{model}/usage',
  operationId: 'getModelUsage',
  summary: 'Designs that declare components of a model, and deployments that own objects of them',
  tags: ['models'],
  request: { params, query: usageQuery },
  responses: usageAnswer,
});

const componentUsage = createRoute({
  method: 'get',
  path: '/v1/components/{component}/usage',
  operationId: 'getComponentUsage',
  summary: 'Designs that declare a component, and deployments that own objects of it',
  tags: ['components'],
  request: { params: z.object({ component: componentParam }), query: usageQuery },
  responses: usageAnswer,
});

/** What a change of definitions would touch. */
export function modelComparisonRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(compare, async (c) => {
      const before = await requireModel(database, c.req.valid('param').model);
      const after = await requireModel(database, c.req.valid('query').with);
      if (before.name !== after.name) throw badRequest('only versions of one model can be compared');
      const difference = await compareModelSchemas(database, { before: before.id, after: after.id });
      const components = touchedKinds(difference);
      const usage = await readUsage(database, { modelId: before.id, components });
      return c.json({ ...toBody(difference), before: versionOf(before), after: versionOf(after), usage }, 200);
    })
    .openapi(modelUsage, async (c) => {
      const { id } = await requireModel(database, c.req.valid('param').model);
      return c.json(await readUsage(database, { modelId: id }, c.req.valid('query')), 200);
    })
    .openapi(componentUsage, async (c) => {
      const { kind, apiVersion, model } = await requireComponent(database, c.req.valid('param').component);
      const part = { modelId: model.id, components: [{ kind, apiVersion }] };
      return c.json(await readUsage(database, part, c.req.valid('query')), 200);
    });
}

function touchedKinds({ components }: ModelDifference) {
  return components
    .filter(({ action }) => action !== 'added')
    .map(({ component }) => ({ apiVersion: '', ...parseComponentKey(component) }));
}

function toBody({ components, members, breaking }: ModelDifference) {
  return { components: [...components], members: [...members], breaking };
}

function versionOf({ id, name, version, revision, definitionVersion }: StoredModel): z.infer<typeof versionBody> {
  return { id, name, version, revision, definitionVersion };
}
