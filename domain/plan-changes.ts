import { z } from 'zod';
import { findingSchema } from './finding.ts';
import { kubernetesObjectSchema } from './kubernetes-object.ts';
import { fieldChangeSchema } from './object-diff.ts';
import { stepActions } from './operation.ts';
import { planGraphSchema } from './plan-graph.ts';

/** What a plan does to one object. */
export const planChangeSchema = z.object({
  key: z.string(),
  action: z.enum(stepActions),
  /** True where the server could not be asked, as the kind or the namespace comes with the same design. */
  predicted: z.boolean(),
  diff: z.array(fieldChangeSchema),
  /** Why it is kept, recreated, or the like. */
  message: z.string().optional(),
});

/** A plan as it is stored, shown, approved and applied. */
export const planBodySchema = z.object({
  /** The applying half of a deploy, or the whole of an undeploy. */
  graph: planGraphSchema,
  /** What the previous revision owned and this one does not, in undeploy order. */
  prune: planGraphSchema,
  changes: z.array(planChangeSchema),
  findings: z.array(findingSchema),
  /** The manifests as they are sent, by key. */
  objects: z.record(z.string(), kubernetesObjectSchema),
  /** Resource versions of the live objects that the plan was made against, by key. */
  observed: z.record(z.string(), z.string()),
});

export type PlanChange = z.infer<typeof planChangeSchema>;
export type PlanBody = z.infer<typeof planBodySchema>;
