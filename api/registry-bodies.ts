import { z } from '@hono/zod-openapi';
import { definitionStatuses } from '../domain/registry/model.ts';
import type { RelationshipDefinition } from '../domain/registry/relationship-definition.ts';
import { storedComponentSchema, type StoredComponent } from '../infra/database/registry/components.ts';
import { type StoredModel, storedModelSchema } from '../infra/database/registry/models.ts';
import { countedRegistrantSchema } from '../infra/database/registry/registrants.ts';
import { storedRelationshipSchema, type StoredRelationship } from '../infra/database/registry/relationships.ts';
import { anyObject } from './schemas.ts';

/** Bodies of the registry's answers, by the names that they have in the OpenAPI document. */

export const modelParam = z.string().min(1).max(300).openapi({
  description: 'An id, `name` (the latest version), `name@version` or `name@version#revision` (# is sent as %23)',
});
export const componentParam = z.string().min(1).max(900).openapi({
  description: 'An id, or an address `model@version/kind@apiVersion` with / sent as %2F',
});
export const relationshipParam = z.string().min(1).max(600).openapi({
  description: 'An id, or an address `model@version/name` with / sent as %2F',
});

export const modelBody = storedModelSchema
  .extend({
    links: z.object({
      self: z.string(),
      versions: z.string(),
      components: z.string(),
      relationships: z.string(),
      export: z.string(),
      operation: z.string(),
    }),
  })
  .openapi('Model');

export const modelDetailBody = modelBody.extend({ metadata: anyObject }).openapi('ModelDetail');

const selfLink = z.object({ self: z.string(), model: z.string() });

export const componentBody = storedComponentSchema.extend({ links: selfLink }).openapi('Component');
export const componentDetailBody = componentBody
  .extend({
    schema: anyObject.openapi({ type: 'object', description: 'JSON Schema of what a declaration configures' }),
    schemaDigest: z.string().openapi({ description: 'SHA-256 of the schema' }),
    metadata: anyObject,
  })
  .openapi('ComponentDetail');

export const relationshipBody = storedRelationshipSchema.extend({ links: selfLink }).openapi('Relationship');
const relationshipDefinitionBody: z.ZodType<RelationshipDefinition> = z
  .any()
  .openapi({ type: 'object', description: 'With selectors, and what they match and change' });

export const relationshipDetailBody = relationshipBody
  .extend({ definition: relationshipDefinitionBody })
  .openapi('RelationshipDetail');

export const registrantBody = countedRegistrantSchema.extend({}).openapi('Registrant');

/** A change of status, with a reason that the event keeps. */
export const statusChangeBody = z
  .strictObject({
    status: z.enum(definitionStatuses),
    reason: z.string().max(1_000).optional(),
  })
  .openapi('StatusChange');

export function toModelBody<Model extends StoredModel>(model: Model): Model & Pick<z.infer<typeof modelBody>, 'links'> {
  const self = `/v1/models/${model.id}`;
  const links = {
    self,
    versions: `/v1/models/${model.name}/versions`,
    components: `${self}/components`,
    relationships: `${self}/relationships`,
    export: `${self}/export`,
    operation: `/v1/operations/${model.operationId}`,
  };
  return { ...model, links };
}

export function toComponentBody(component: StoredComponent): z.infer<typeof componentBody> {
  return {
    ...component,
    links: { self: `/v1/components/${component.id}`, model: `/v1/models/${component.model.id}` },
  };
}

export function toRelationshipBody(relationship: StoredRelationship): z.infer<typeof relationshipBody> {
  return {
    ...relationship,
    links: { self: `/v1/relationships/${relationship.id}`, model: `/v1/models/${relationship.model.id}` },
  };
}

/** A page with every item as the API shows it. */
export function mapPage<Item, Body>(
  page: { readonly items: readonly Item[]; readonly nextCursor: string | null },
  toBody: (item: Item) => Body,
) {
  return { items: page.items.map(toBody), nextCursor: page.nextCursor };
}
