import { z } from 'zod';
import { componentSchema, dependencySchema, designApiVersion, designSchema } from '../design.ts';

/** A dependency as people write it. */
export const dependencySourceSchema = z.union([z.string().min(1), dependencySchema], {
  error: "each entry is a component's name, or {component, state}",
});

const objectSourceSchema = z
  .looseObject({
    apiVersion: z.string().describe('As in "v1" or "apps/v1".'),
    kind: z.string().describe('As in "Deployment".'),
    metadata: z
      .looseObject({ name: z.string().optional().describe("The component's name where it is left out.") })
      .optional(),
  })
  .describe('A Kubernetes object, as kubectl takes it.');

const componentSourceSchema = componentSchema
  .omit({ dependsOn: true, object: true })
  .extend({ dependsOn: z.array(dependencySourceSchema).optional(), object: objectSourceSchema });

/** The optional fields of a component, whatever else it holds. */
export const componentFieldsSchema = z.object({
  description: componentSchema.shape.description,
  adapter: componentSchema.shape.adapter.optional(),
  model: componentSchema.shape.model,
});

/** A design as people write it. */
export const slipwaySourceSchema = z.strictObject({
  apiVersion: z.literal(designApiVersion),
  kind: z.literal('Design'),
  metadata: z.strictObject({ name: designSchema.shape.name, description: designSchema.shape.description }),
  spec: z.strictObject({
    namespace: designSchema.shape.namespace.describe('Given to namespaced objects that name none.'),
    components: z.array(componentSourceSchema),
  }),
});

/** The JSON Schema (draft 2020-12) of Slipway's own design format, for editors and other tools. */
export function designJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(slipwaySourceSchema, { io: 'input' }),
    $id: 'https://slipway.dev/schemas/design.json',
    title: 'Slipway design',
  };
}
