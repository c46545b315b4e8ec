import { z } from '@hono/zod-openapi';
import type { Database } from '../infra/database/database.ts';
import {
  listUsingDeployments,
  listUsingDesigns,
  type UsedPart,
  usingDeploymentSchema,
  usingDesignSchema,
} from '../infra/database/registry/model-usage.ts';
import { pageOf, pageQuery } from './schemas.ts';

export const usageQuery = z.strictObject({
  limit: pageQuery.limit,
  designs: z.string().min(1).max(1_000).optional().openapi({ description: 'The nextCursor of the designs before' }),
  deployments: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .openapi({ description: 'The nextCursor of the deployments before' }),
});

export const usageBody = z
  .object({
    designs: pageOf(usingDesignSchema.extend({ needed: z.boolean() }).openapi('UsingDesign')),
    deployments: pageOf(usingDeploymentSchema.extend({ needed: z.boolean() }).openapi('UsingDeployment')),
  })
  .openapi('DefinitionUsage');

/** Where kinds of a model are declared and where they are live, one page of each. */
export async function readUsage(
  database: Database,
  part: UsedPart,
  { limit, designs, deployments }: z.infer<typeof usageQuery> = {},
): Promise<z.infer<typeof usageBody>> {
  const [declared, live] = await Promise.all([
    listUsingDesigns(database, { ...part, limit, cursor: designs }),
    listUsingDeployments(database, { ...part, limit, cursor: deployments }),
  ]);
  return { designs: toMutable(declared), deployments: toMutable(live) };
}

function toMutable<Item>(page: { readonly items: readonly Item[]; readonly nextCursor: string | null }) {
  return { items: [...page.items], nextCursor: page.nextCursor };
}
