import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import {
  configurationProfileSchema,
  type MemberType,
  memberTypes,
  sampleDesignSchema,
} from '../../domain/registry/model-member.ts';
import type { Database } from '../../infra/database/database.ts';
import { listComponents } from '../../infra/database/registry/components.ts';
import { findMember, listMembers, memberSummarySchema } from '../../infra/database/registry/members.ts';
import { requireModel } from '../../infra/database/registry/models.ts';
import { listRelationships } from '../../infra/database/registry/relationships.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import {
  componentBody,
  mapPage,
  modelParam,
  relationshipBody,
  toComponentBody,
  toRelationshipBody,
} from '../registry-bodies.ts';
import { anyObject, jsonAnswer, pageAnswer, pageQuery } from '../schemas.ts';

const tags = ['models'];
const params = z.object({ model: modelParam });
const name = z.string().min(1).max(253);
const query = z.strictObject(pageQuery);
const members = createRoute({
  method: 'get',
  path: '/v1/models/{model}/members',
  operationId: 'listModelMembers',
  summary: 'All that a model holds, by type and key, with digests',
  tags,
  request: { params, query: query.extend({ type: z.enum(memberTypes).optional() }) },
  responses: { 200: pageAnswer(memberSummarySchema.extend({}).openapi('ModelMember')) },
});

const components = createRoute({
  method: 'get',
  path: '/v1/models/{model}/components',
  operationId: 'listComponentsOfModel',
  summary: 'Components of a model, by kind',
  tags,
  request: { params, query },
  responses: { 200: pageAnswer(componentBody) },
});

const relationships = createRoute({
  method: 'get',
  path: '/v1/models/{model}/relationships',
  operationId: 'listRelationshipsOfModel',
  summary: 'Relationships of a model, by name',
  tags,
  request: { params, query },
  responses: { 200: pageAnswer(relationshipBody) },
});

const profileBody = configurationProfileSchema
  .extend({ values: anyObject, digest: z.string() })
  .openapi('ConfigurationProfile');

const profiles = createRoute({
  method: 'get',
  path: '/v1/models/{model}/profiles',
  operationId: 'listProfilesOfModel',
  summary: 'Named sets of values with which what the model holds can be configured',
  tags,
  request: { params, query },
  responses: { 200: pageAnswer(profileBody) },
});

const sampleBody = sampleDesignSchema.omit({ source: true }).extend({ digest: z.string() }).openapi('SampleDesign');

const samples = createRoute({
  method: 'get',
  path: '/v1/models/{model}/samples',
  operationId: 'listSamplesOfModel',
  summary: 'Designs that show the model at work, without their text',
  tags,
  request: { params, query },
  responses: { 200: pageAnswer(sampleBody) },
});

const sample = createRoute({
  method: 'get',
  path: '/v1/models/{model}/samples/{sample}',
  operationId: 'getSampleOfModel',
  summary: 'A design that shows the model at work',
  tags,
  request: { params: params.extend({ sample: name }) },
  responses: {
    200: jsonAnswer(
      'With its text, which can be stored as a design',
      sampleBody.extend({ source: z.string() }).openapi('SampleDesignWithSource'),
    ),
  },
});

/** What one version of a model holds. */
export function modelMemberRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(members, async (c) => {
      const { id } = await requireModel(database, c.req.valid('param').model);
      const page = await listMembers(database, { ...c.req.valid('query'), modelId: id });
      return c.json(
        mapPage(page, ({ type, key, digest }) => ({ type, key, digest })),
        200,
      );
    })
    .openapi(components, async (c) => {
      const { id } = await requireModel(database, c.req.valid('param').model);
      const page = await listComponents(database, { ...c.req.valid('query'), modelId: id });
      return c.json(mapPage(page, toComponentBody), 200);
    })
    .openapi(relationships, async (c) => {
      const { id } = await requireModel(database, c.req.valid('param').model);
      const page = await listRelationships(database, { ...c.req.valid('query'), modelId: id });
      return c.json(mapPage(page, toRelationshipBody), 200);
    })
    .openapi(profiles, async (c) => {
      const page = await pageOfType(database, 'profile', { ...c.req.valid('query'), ...c.req.valid('param') });
      const toBody = ({ definition, digest }: (typeof page.items)[number]) =>
        profileBody.parse({ ...definition, digest });
      return c.json(mapPage(page, toBody), 200);
    })
    .openapi(samples, async (c) => {
      const page = await pageOfType(database, 'sample', { ...c.req.valid('query'), ...c.req.valid('param') });
      return c.json(mapPage(page, toSampleBody), 200);
    })
    .openapi(sample, async (c) => {
      const { model: reference, sample: key } = c.req.valid('param');
      const model = await requireModel(database, reference);
      const found = await findMember(database, { modelId: model.id, type: 'sample', key });
      if (found?.type !== 'sample') throw new SlipwayError('notFound', `model ${reference} has no sample ${key}`);
      return c.json({ ...found.definition, digest: found.digest }, 200);
    });
}

type Paged = { readonly model: string; readonly limit?: number | undefined; readonly cursor?: string | undefined };

async function pageOfType(database: Database, type: MemberType, { model: reference, ...page }: Paged) {
  const { id } = await requireModel(database, reference);
  return listMembers(database, { ...page, modelId: id, type });
}

function toSampleBody({ definition, digest }: { readonly definition: object; readonly digest: string }) {
  const { source: _source, ...rest } = sampleDesignSchema.parse(definition);
  return { ...rest, digest };
}
