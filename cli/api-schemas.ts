import { z } from 'zod';
import { designFormats } from '../domain/design.ts';
import { findingSchema } from '../domain/finding.ts';
import { jsonObjectSchema } from '../domain/json.ts';
import { fieldChangeSchema } from '../domain/object-diff.ts';
import { planBodySchema } from '../domain/plan-changes.ts';

/** Answers of the API that are not entities of `domain/`, as far as the CLI reads them. */

/** An answer whose body is of no interest. */
export const ignoredSchema = z.unknown();

export const jsonDocumentSchema = jsonObjectSchema;

/** A page of a list. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

export const designSummarySchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  revision: z.number().int(),
  format: z.enum(designFormats),
  componentCount: z.number().int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  findings: z.array(findingSchema).default([]),
});

export const revisionSchema = z.looseObject({
  revision: z.number().int(),
  format: z.enum(designFormats),
  componentCount: z.number().int(),
  actor: z.string(),
  createdAt: z.string(),
});

/** What a design becomes when it is only checked: null where it cannot be read at all. */
export const validationSchema = z.looseObject({
  design: z.looseObject({ name: z.string() }).nullable(),
  findings: z.array(findingSchema),
});

/** How two revisions of a design differ, component by component. */
export const comparisonSchema = z.looseObject({
  changes: z.array(
    z.looseObject({
      component: z.string(),
      action: z.enum(['added', 'removed', 'changed']),
      diff: z.array(fieldChangeSchema),
    }),
  ),
  /** Changes of its name, description or namespace. */
  design: z.array(fieldChangeSchema),
});

/** A plan as the API shows it: what is stored, without the manifests. */
export const planSchema = planBodySchema.pick({ graph: true, prune: true, changes: true, findings: true }).extend({
  id: z.string(),
  kind: z.enum(['deploy', 'undeploy']),
  deploymentId: z.string(),
  revision: z.number().int().nullable(),
  approvedAt: z.string().nullable(),
  approvedBy: z.string().nullable(),
  appliedAt: z.string().nullable(),
  createdAt: z.string(),
});

export type DesignSummary = z.infer<typeof designSummarySchema>;
export type DesignRevision = z.infer<typeof revisionSchema>;
export type Validation = z.infer<typeof validationSchema>;
export type Comparison = z.infer<typeof comparisonSchema>;
export type Plan = z.infer<typeof planSchema>;
