import { sql } from 'drizzle-orm';
import { z } from 'zod';
import { memberTypes } from '../../../domain/registry/model-member.ts';
import type { Database } from '../database.ts';

export const memberChangeSchema = z.object({
  type: z.enum(memberTypes),
  key: z.string(),
  change: z.enum(['added', 'removed', 'changed']),
  /** Digest of the definition in the first model, or null where it is not there. */
  before: z.string().nullable(),
  after: z.string().nullable(),
});

/** What differs between two models in one member. */
export type MemberChange = z.infer<typeof memberChangeSchema>;

/** The members in which one model (`before`) differs from another (`after`), both by id; by type and key. */
export async function compareModels(
  database: Database,
  { before, after }: { readonly before: string; readonly after: string },
): Promise<readonly MemberChange[]> {
  const rows = await database.read((queries) =>
    queries.all(sql`
      select coalesce(b.type, a.type) as type, coalesce(b.key, a.key) as key, b.digest as before, a.digest as after,
        case when b.digest is null then 'added' when a.digest is null then 'removed' else 'changed' end as change
      from (select * from model_members where model_id = ${before}) b
      full join (select * from model_members where model_id = ${after}) a on a.type = b.type and a.key = b.key
      where a.digest is not b.digest
      order by 1, 2`),
  );
  return rows.map((row) => memberChangeSchema.parse(row));
}
