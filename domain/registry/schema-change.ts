import { z } from 'zod';
import { jsonValueSchema } from '../json.ts';

export const schemaChangeKinds = [
  'fieldAdded',
  'fieldRemoved',
  'typeChanged',
  'requiredAdded',
  'requiredRemoved',
  'constraintAdded',
  'constraintRemoved',
  'constraintChanged',
  'defaultChanged',
] as const;

/** One difference between two JSON Schemas. `breaking`: a value that the old one accepts may be refused by the new one. */
export const schemaChangeSchema = z.object({
  /** The field, as `spec.ports[].name`; `[]` stands for every item of a list, `*` for every other field. */
  path: z.string(),
  change: z.enum(schemaChangeKinds),
  breaking: z.boolean(),
  /** The keyword of JSON Schema that differs, where it is not told by the kind of the change. */
  keyword: z.string().optional(),
  before: jsonValueSchema.optional(),
  after: jsonValueSchema.optional(),
});

export type SchemaChange = z.infer<typeof schemaChangeSchema>;
