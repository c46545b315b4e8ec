import { and, eq, sql } from 'drizzle-orm';
import type { Design } from '../../../domain/design.ts';
import { asSelects } from '../bulk.ts';
import type { Queries } from '../database.ts';
import { designComponents } from './tables.ts';

/**
 * The statements that say which kinds a design declares, in place of what was said before; for the batch that stores the
 * revision. They do nothing when that revision, with that digest, is not the newest one then.
 */
export function recordDeclarations(
  queries: Queries,
  { designId, revision, digest }: { readonly designId: string; readonly revision: number; readonly digest: string },
  { components }: Design,
) {
  const isNewest = sql`exists (
    select 1 from designs join design_revisions stored
      on stored.design_id = designs.id and stored.revision = designs.revision
    where designs.id = ${designId} and designs.revision = ${revision} and stored.digest = ${digest})`;
  const rows = components.map(({ name, object, model }) => ({
    designId,
    component: name,
    kind: object.kind,
    apiVersion: object.apiVersion,
    modelName: model?.name ?? null,
    modelVersion: model?.version ?? null,
  }));
  return [
    queries.delete(designComponents).where(and(eq(designComponents.designId, designId), isNewest)),
    ...asSelects(designComponents, rows).map((source) =>
      queries.insert(designComponents).select(sql`${source} and ${isNewest}`),
    ),
  ] as const;
}
