import { z } from '@hono/zod-openapi';
import { connectionSchema } from '../domain/connection.ts';
import { deploymentSchema, inventoryItemSchema } from '../domain/deployment.ts';
import { type Design, designFormats } from '../domain/design.ts';
import { eventSchema } from '../domain/event.ts';
import { findingSchema } from '../domain/finding.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { operationSchema, operationStepSchema } from '../domain/operation.ts';
import { designRevisionSchema, storedDesignSchema } from '../infra/database/designs.ts';
import { maximumPageSize } from '../infra/database/cursor.ts';

/** Bodies of answers, by the names that they have in the OpenAPI document. */

/** JSON that is passed on as it is. The document generator cannot read zod's recursive schema of it. */
export const anyJson: z.ZodType<z.infer<ReturnType<typeof z.json>>> = z
  .any()
  .openapi({ description: 'Any JSON value' });

/** JSON that nobody changes on its way. */
export const anyValue: z.ZodType<JsonValue> = z.any().openapi({ description: 'Any JSON value' });

/** A JSON object that is passed on as it is. */
export const anyObject: z.ZodType<JsonObject> = z.any().openapi({ type: 'object', description: 'Any JSON object' });

export const idSchema = z.string().min(1).max(100);
export const nameOrIdSchema = z.string().min(1).max(253).openapi({ description: 'An id or a name' });

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(maximumPageSize)
    .optional()
    .openapi({ description: 'Items a page; 50 if absent' }),
  cursor: z.string().min(1).max(1_000).optional().openapi({ description: 'The nextCursor of the page before' }),
};

/** A list answer of some item. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item).readonly(),
    nextCursor: z.string().nullable().openapi({ description: 'Null on the last page' }),
  });
}

/** An answer with a body in JSON. */
export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { 'application/json': { schema } } };
}

/** The answer of a list of some item. */
export function pageAnswer<Item extends z.ZodType>(item: Item) {
  return jsonAnswer('A page', pageOf(item));
}

/** The body in JSON that a request has to have. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true as const, content: { 'application/json': { schema } } };
}

export const findingBody = findingSchema.extend({}).openapi('Finding');
export const designBody = storedDesignSchema.extend({ findings: z.array(findingBody) }).openapi('Design');
export const designRevisionBody = designRevisionSchema
  .extend({ findings: z.array(findingBody) })
  .openapi('DesignRevision');

export const declarationBody: z.ZodType<Design> = z
  .any()
  .openapi('DesignDeclaration', { type: 'object', description: 'Its JSON Schema is at /v1/schemas/design.json' });

export const revisionWithDesignBody = designRevisionBody
  .extend({ design: declarationBody })
  .openapi('DesignRevisionWithDesign');

export const newDesignBody = z
  .strictObject({
    name: z.string().min(1).max(253).optional().openapi({ description: 'Default: the name that the source gives' }),
    source: z.string().openapi({ description: 'YAML or JSON in any accepted format' }),
    format: z
      .enum([...designFormats, 'auto'])
      .optional()
      .openapi({ description: 'Default: told by the source' }),
    fileName: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .openapi({ description: 'Named in findings; names the design where the source gives it no name' }),
  })
  .openapi('NewDesign');

export const connectionBody = connectionSchema.extend({}).openapi('Connection');
export const deploymentBody = deploymentSchema.extend({}).openapi('Deployment');
export const inventoryItemBody = inventoryItemSchema.extend({}).openapi('InventoryItem');
export const stepBody = operationStepSchema.extend({}).openapi('OperationStep');

export const operationBody = operationSchema
  .extend({
    findings: z.array(findingBody),
    result: z.record(z.string(), anyJson).nullable(),
    links: z.object({ self: z.string(), stream: z.string(), cancel: z.string() }),
  })
  .openapi('Operation');

export const eventBody = eventSchema.extend({ details: z.record(z.string(), anyJson).nullable() }).openapi('Event');

/** The answer of every request that starts long work. */
export const acceptedAnswer = jsonAnswer('The operation, queued; Location names it', operationBody);

/** A query parameter that may be given several times. */
export function oneOrMore<Item extends z.ZodType>(item: Item) {
  return z
    .union([item, z.array(item)])
    .transform((value) => (Array.isArray(value) ? value : [value]))
    .optional()
    .openapi({ description: 'May be repeated' });
}

const sequence = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional();

/** Where a live stream goes on after it was lost. */
export const lastEventIdHeader = z.object({
  'last-event-id': sequence.openapi({ description: 'The id of the last message; wins over `after`' }),
});

export const streamQuery = z.strictObject({
  after: sequence.openapi({ description: 'Only what came after this sequence' }),
});

export const streamAnswer = {
  description: 'Server-sent events; a comment every 15 seconds',
  content: { 'text/event-stream': { schema: z.string() } },
};
