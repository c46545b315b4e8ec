import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { definitionStatuses, modelCategories, registrantKinds } from '../../../domain/registry/model.ts';
import type { Database } from '../database.ts';

const count = z.number().int();

export const registrySummarySchema = z.object({
  /** Different names of models. */
  models: count,
  /** Versions of them, without replaced revisions; the counts below are of what these hold. */
  versions: count,
  components: count,
  relationships: count,
  registrants: count,
  /** Different bodies of definitions, those of replaced revisions included. */
  definitions: count,
  versionsByStatus: z.array(z.object({ status: z.enum(definitionStatuses), count })),
  versionsByCategory: z.array(z.object({ category: z.enum(modelCategories), count })),
  versionsByRegistrantKind: z.array(z.object({ kind: z.enum(registrantKinds), count })),
});

/** How much the registry holds. */
export type RegistrySummary = z.infer<typeof registrySummarySchema>;

/** Counts what is published. */
export async function summarizeRegistry(database: Database): Promise<RegistrySummary> {
  const [totals, versionsByStatus, versionsByCategory, versionsByRegistrantKind] = await Promise.all([
    database.read((queries) => queries.all<object>(totalsQuery)),
    database.read((queries) => queries.all(countedBy(sql`status`, 'status'))),
    database.read((queries) => queries.all(countedBy(sql`category`, 'category'))),
    database.read((queries) => queries.all(countedBy(sql`registrants.kind`, 'kind'))),
  ]);
  return registrySummarySchema.parse({
    ...totals[0],
    versionsByStatus,
    versionsByCategory,
    versionsByRegistrantKind,
  });
}

/** The models know how many components and relationships they hold. */
const totalsQuery = sql`
  select count(distinct name) as models, count(*) as versions, count(distinct registrant_id) as registrants,
    coalesce(sum(component_count), 0) as components, coalesce(sum(relationship_count), 0) as relationships,
    (select count(*) from definitions) as definitions
  from models where state = 'published' and current`;

function countedBy(column: ReturnType<typeof sql>, name: string) {
  return sql`
    select ${column} as ${sql.identifier(name)}, count(*) as count
    from models join registrants on registrants.id = models.registrant_id
    where state = 'published' and current group by 1 order by 1`;
}
