import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { DefinitionStatus } from '../../../domain/registry/model.ts';
import type { Queries } from '../database.ts';
import { models } from './tables.ts';

/** What may be used in designs: a deprecated definition works, and is advised against. */
export const usableStatuses: readonly DefinitionStatus[] = ['enabled', 'deprecated'];

const isNewestRevision = sql`${models.revision} is (
  select max(other.revision) from models other
  where other.name = ${models.name} and other.version = ${models.version} and other.state = 'published')`;

const isNewestUsable = sql`${models.id} is (
  select other.id from models other
  where other.name = ${models.name} and other.state = 'published'
  order by other.status in ('enabled', 'deprecated') desc, other.version_order desc, other.revision desc limit 1)`;

/**
 * Says anew which of the published versions of some models are the newest; for batches that publish, delete or change the
 * status of a model. Rows that are right already are not written.
 */
export function markNewest(queries: Queries, names: SQL) {
  return queries
    .update(models)
    .set({ current: isNewestRevision, latest: isNewestUsable })
    .where(
      and(
        eq(models.state, 'published'),
        sql`${models.name} in ${names}`,
        sql`(${models.current} is not (${isNewestRevision}) or ${models.latest} is not (${isNewestUsable}))`,
      ),
    );
}
