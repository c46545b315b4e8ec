import { createRoute, z } from '@hono/zod-openapi';
import { deploymentStates, inventoryItemSchema } from '../../domain/deployment.ts';
import { definitionLinks } from '../../domain/registry/choose-definition.ts';
import { definitionStatuses } from '../../domain/registry/model.ts';
import { type Origin, traceInstance, type TracedDefinition } from '../../infra/registry/trace-instance.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { jsonAnswer, nameOrIdSchema } from '../schemas.ts';
import { requireConnection } from './connections.ts';

const originBody = z
  .object({
    link: z.enum(['recorded', 'intended']).openapi({
      description: 'recorded: applied and seen; intended: about to be applied when the record ends',
    }),
    uid: z.string().nullable(),
    state: inventoryItemSchema.shape.state,
    created: z.boolean().openapi({ description: 'False for an object that was there before and was adopted' }),
    appliedDigest: z.string().nullable().openapi({ description: 'SHA-256 of the manifest as last applied' }),
    deployment: z.object({ id: z.string(), state: z.enum(deploymentStates), href: z.string() }),
    declaration: z.object({
      designId: z.string(),
      designName: z.string(),
      revision: z.number().int(),
      component: z.string(),
      href: z.string(),
    }),
    definition: z
      .object({
        link: z.enum(definitionLinks).openapi({
          description:
            'declared: the design names model and version; latest: it names the model, and this is the newest; matched: the only definition of the kind; ambiguous: one of several',
        }),
        address: z.string(),
        model: z.string().openapi({ description: 'name@version' }),
        revision: z.number().int(),
        displayName: z.string(),
        digest: z.string().openapi({ description: 'SHA-256 of the definition' }),
        schemaDigest: z.string(),
        status: z.enum(definitionStatuses),
        others: z.array(z.string()).openapi({ description: 'Definitions of the kind in other models' }),
        href: z.string(),
      })
      .nullable()
      .openapi({ description: 'Null where the registry has none of the kind' }),
  })
  .openapi('Origin');

const lineageBody = z
  .object({
    instance: z.object({
      connection: z.object({ id: z.string(), name: z.string() }),
      apiVersion: z.string(),
      kind: z.string(),
      namespace: z.string().nullable(),
      name: z.string(),
    }),
    origins: z.array(originBody).openapi({ description: 'One for each deployment that owns the object' }),
  })
  .openapi('Lineage');

const get = createRoute({
  method: 'get',
  path: '/v1/lineage',
  operationId: 'getLineage',
  summary: 'For a live object the declaration, the definition and the schema that it came from',
  tags: ['components'],
  request: {
    query: z.strictObject({
      connection: nameOrIdSchema,
      kind: z.string().min(1).max(253),
      name: z.string().min(1).max(253),
      namespace: z.string().min(1).max(253).optional(),
      apiVersion: z.string().min(1).max(253).optional().openapi({ description: 'Needed where groups share the kind' }),
    }),
  },
  responses: { 200: jsonAnswer('It', lineageBody) },
});

/** The way from a live object back to its schema. */
export function lineageRoutes({ database }: RouteDeps) {
  return createRouter().openapi(get, async (c) => {
    const { connection: reference, ...query } = c.req.valid('query');
    const { id, name } = await requireConnection(database, reference);
    const origins = await traceInstance(database, { ...query, connectionId: id });
    const { namespace, ...object } = origins[0].instance.reference;
    const instance = { ...object, namespace: namespace ?? null, connection: { id, name } };
    return c.json({ instance, origins: origins.map(toOriginBody) }, 200);
  });
}

function toOriginBody({ link, instance, deployment, declaration, definition }: Origin): z.infer<typeof originBody> {
  const { uid, state, created, appliedDigest } = instance;
  const { designId, revision } = declaration;
  return {
    link,
    uid,
    state,
    created,
    appliedDigest,
    deployment: { ...deployment, href: `/v1/deployments/${deployment.id}` },
    declaration: { ...declaration, href: `/v1/designs/${designId}/revisions/${revision}` },
    definition: definition && toDefinitionBody(definition),
  };
}

function toDefinitionBody({ link, component, schemaDigest, others }: TracedDefinition) {
  const { id, address, displayName, digest, status, model } = component;
  return {
    link,
    address,
    displayName,
    digest,
    schemaDigest,
    status,
    model: `${model.name}@${model.version}`,
    revision: model.revision,
    others: [...others],
    href: `/v1/components/${id}`,
  };
}
