import { and, eq, isNull, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { digestOf } from '../digest.ts';
import type { Database } from './database.ts';
import { plans } from './schema.ts';
import { openJson, sealJson } from './sealed-json.ts';

const planRecordSchema = z.object({
  id: z.string(),
  operationId: z.string(),
  deploymentId: z.string(),
  kind: z.enum(['deploy', 'undeploy']),
  revision: z.number().int().nullable(),
  /** SHA-256 of the canonical body. */
  digest: z.string(),
  approvedAt: z.iso.datetime().nullable(),
  approvedBy: z.string().nullable(),
  appliedAt: z.iso.datetime().nullable(),
  appliedOperationId: z.string().nullable(),
  createdAt: z.iso.datetime(),
});

export type PlanRecord = z.infer<typeof planRecordSchema>;
export type StoredPlan<Body> = PlanRecord & { readonly body: Body };

export type NewPlan = {
  readonly id: string;
  /** The `plan` operation that made it. */
  readonly operationId: string;
  readonly deploymentId: string;
  readonly kind: PlanRecord['kind'];
  readonly revision: number | null;
  readonly body: object;
};

/** The plan, sealed. Saved again under its id it replaces what is there, as long as it was neither approved nor applied. */
export async function savePlan(database: Database, { body, ...plan }: NewPlan): Promise<PlanRecord> {
  const content = {
    digest: digestOf(body),
    sealedBody: sealJson(database.vault, body, bodyContext(plan.id)),
  };
  await database.write((queries) => [
    queries
      .insert(plans)
      .values({ ...plan, ...content, createdAt: new Date().toISOString() })
      .onConflictDoUpdate({
        target: plans.id,
        set: content,
        setWhere: sql`${plans.approvedAt} is null and ${plans.appliedOperationId} is null`,
      }),
  ]);
  return requirePlan(database, plan.id);
}

/** The plan with its body, or undefined. The body is what `savePlan` was given. */
export async function readPlan<Body>(database: Database, id: string): Promise<StoredPlan<Body> | undefined> {
  const [row] = await database.read((queries) => queries.select().from(plans).where(eq(plans.id, id)));
  if (row === undefined) return undefined;
  return { ...planRecordSchema.parse(row), body: openJson<Body>(database.vault, row.sealedBody, bodyContext(id)) };
}

/** The plan as approved; the first approval stays. Throws SlipwayError `notFound`. */
export async function approvePlan(
  database: Database,
  { id, actor }: { readonly id: string; readonly actor: string },
): Promise<PlanRecord> {
  await database.write((queries) => [
    queries
      .update(plans)
      .set({ approvedAt: new Date().toISOString(), approvedBy: actor })
      .where(and(eq(plans.id, id), isNull(plans.approvedAt))),
  ]);
  return requirePlan(database, id);
}

/**
 * Gives the plan to the operation that applies it; again for the same operation is the same as once. `acceptOperation`
 * does this itself. Throws SlipwayError `conflict` when another operation applied it, `notFound`.
 */
export async function markPlanApplied(
  database: Database,
  { id, operationId }: { readonly id: string; readonly operationId: string },
): Promise<void> {
  const [marked] = await database.write((queries) => [
    queries
      .update(plans)
      .set({ appliedAt: new Date().toISOString(), appliedOperationId: operationId })
      .where(and(eq(plans.id, id), or(isNull(plans.appliedOperationId), eq(plans.appliedOperationId, operationId))))
      .returning({ id: plans.id }),
  ]);
  if (marked.length > 0) return;
  const { appliedOperationId } = await requirePlan(database, id);
  throw planApplied(id, appliedOperationId ?? '');
}

/** A plan is applied once. */
export function planApplied(planId: string, operationId: string): SlipwayError {
  return new SlipwayError('conflict', `plan ${planId} was applied already, by operation ${operationId}`, {
    fix: 'Make a new plan.',
    details: { planId, operationId },
  });
}

/** The plan without its body. Throws SlipwayError `notFound`. */
export async function requirePlan(database: Database, id: string): Promise<PlanRecord> {
  const [row] = await database.read((queries) => queries.select().from(plans).where(eq(plans.id, id)));
  if (row === undefined) throw new SlipwayError('notFound', `there is no plan ${id}`);
  return planRecordSchema.parse(row);
}

function bodyContext(id: string): string {
  return `plan/${id}/body`;
}
