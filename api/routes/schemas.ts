import { createRoute, z } from '@hono/zod-openapi';
import { designJsonSchema } from '../../domain/design/slipway-source.ts';
import { createRouter } from '../context.ts';
import { jsonAnswer } from '../schemas.ts';

const designSchemaRoute = createRoute({
  method: 'get',
  path: '/v1/schemas/design.json',
  operationId: 'getDesignSchema',
  summary: "The JSON Schema of Slipway's own design format",
  tags: ['designs'],
  responses: { 200: jsonAnswer('JSON Schema 2020-12', z.record(z.string(), z.unknown())) },
});

/** Schemas that editors and other programs use. */
export function schemaRoutes() {
  return createRouter().openapi(designSchemaRoute, (c) => c.json(designJsonSchema(), 200));
}
