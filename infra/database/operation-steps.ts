import { and, asc, count, eq, gt, inArray, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { KubernetesObject, ObjectReference } from '../../domain/kubernetes-object.ts';
import {
  type OperationPhase,
  operationPhases,
  type OperationStep,
  operationStepSchema,
  type StepAction,
  type StepState,
} from '../../domain/operation.ts';
import type { Vault } from '../secrets/vault.ts';
import { asSelects } from './bulk.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { toReference } from './reference.ts';
import { operationSteps } from './schema.ts';
import { openJson, sealJson } from './sealed-json.ts';

/** The steps of one phase of an operation. */
export type StepPlace = { readonly operationId: string; readonly phase: OperationPhase };

export type NewStep = {
  /** Unique in the phase; steps are shown in this order. */
  readonly position: number;
  readonly key: string;
  readonly reference: ObjectReference;
  readonly component: string;
  readonly stage: number;
  readonly action?: StepAction | null;
  readonly state: StepState;
  readonly message?: string | null;
  /** The live object before the operation, or null where there was none; kept from the first time it is given. */
  readonly before?: KubernetesObject | null;
};

/** A step with what a worker needs that takes the operation over. */
export type ResumableStep = OperationStep & {
  readonly uid: string | null;
  /** When the object was applied (ISO 8601), or null. */
  readonly appliedAt: string | null;
  readonly before: KubernetesObject | null;
};

/** Records what a phase is about to do. Steps that are there already keep their state and their before-image. */
export async function insertSteps(
  database: Database,
  { operationId, phase, steps }: StepPlace & { readonly steps: readonly NewStep[] },
): Promise<void> {
  const rows = steps.map((step) => stepRow(database.vault, { operationId, phase, step }));
  for (const source of asSelects(operationSteps, rows)) {
    await database.write((queries) => [queries.insert(operationSteps).select(source).onConflictDoNothing()]);
  }
}

export type StepFilter = PageRequest & {
  readonly operationId: string;
  readonly phase?: OperationPhase | undefined;
  readonly states?: readonly StepState[] | undefined;
};

const phaseOrder = sql.join(
  [
    sql`case ${operationSteps.phase}`,
    ...operationPhases.map((phase, index) => sql.raw(`when '${phase}' then ${index}`)),
    sql`end`,
  ],
  sql` `,
);

/** Steps in the order of phases and positions. */
export async function listSteps(database: Database, filter: StepFilter): Promise<Page<OperationStep>> {
  const after = decodeCursor(filter, z.tuple([z.number().int(), z.number().int()]));
  const size = pageSize(filter);
  const conditions: readonly (SQL | undefined)[] = [
    eq(operationSteps.operationId, filter.operationId),
    filter.phase === undefined ? undefined : eq(operationSteps.phase, filter.phase),
    filter.states === undefined ? undefined : inArray(operationSteps.state, [...filter.states]),
    after === undefined ? undefined : sql`(${phaseOrder}, ${operationSteps.position}) > (${after[0]}, ${after[1]})`,
  ];
  const rows = await database.read((queries) =>
    queries
      .select({ ...stepColumns, phaseIndex: sql<number>`${phaseOrder}` })
      .from(operationSteps)
      .where(and(...conditions))
      .orderBy(phaseOrder, asc(operationSteps.position))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: toStep, key: (row) => [row.phaseIndex, row.position] });
}

/** How many steps of a phase are in each state. */
export async function countSteps(
  database: Database,
  { operationId, phase }: StepPlace,
): Promise<ReadonlyMap<StepState, number>> {
  const rows = await database.read((queries) =>
    queries
      .select({ state: operationSteps.state, count: count() })
      .from(operationSteps)
      .where(and(eq(operationSteps.operationId, operationId), eq(operationSteps.phase, phase)))
      .groupBy(operationSteps.state),
  );
  return new Map(rows.map((row) => [operationStepSchema.shape.state.parse(row.state), row.count]));
}

/** Rows opened at a time: bounds the memory of a reader of thousands. */
const readBatchSize = 500;

/** All steps of a phase by position, with their before-images. */
export async function readStepsForResume(
  database: Database,
  { operationId, phase }: StepPlace,
): Promise<readonly ResumableStep[]> {
  const steps: ResumableStep[] = [];
  for (let after = -1; ;) {
    const rows = await database.read((queries) =>
      queries
        .select()
        .from(operationSteps)
        .where(
          and(
            eq(operationSteps.operationId, operationId),
            eq(operationSteps.phase, phase),
            gt(operationSteps.position, after),
          ),
        )
        .orderBy(asc(operationSteps.position))
        .limit(readBatchSize),
    );
    steps.push(...rows.map((row) => toResumable(database.vault, row)));
    const last = rows.at(-1);
    if (rows.length < readBatchSize || last === undefined) return steps;
    after = last.position;
  }
}

const stepColumns = {
  phase: operationSteps.phase,
  position: operationSteps.position,
  key: operationSteps.key,
  apiVersion: operationSteps.apiVersion,
  kind: operationSteps.kind,
  namespace: operationSteps.namespace,
  name: operationSteps.name,
  component: operationSteps.component,
  stage: operationSteps.stage,
  action: operationSteps.action,
  state: operationSteps.state,
  message: operationSteps.message,
  fix: operationSteps.fix,
  updatedAt: operationSteps.updatedAt,
};

type StepFields = Pick<typeof operationSteps.$inferSelect, keyof typeof stepColumns>;

function toStep(row: StepFields): OperationStep {
  return operationStepSchema.parse({ ...row, reference: toReference(row) });
}

function toResumable(vault: Vault, row: typeof operationSteps.$inferSelect): ResumableStep {
  const { uid, appliedAt, sealedBefore } = row;
  const before = sealedBefore === null ? null : openJson<KubernetesObject>(vault, sealedBefore, beforeContext(row));
  return { ...toStep(row), uid, appliedAt, before };
}

function stepRow(
  vault: Vault,
  { operationId, phase, step }: StepPlace & { readonly step: NewStep },
): typeof operationSteps.$inferInsert {
  const { reference, before, ...fields } = step;
  const context = beforeContext({ operationId, phase, position: step.position });
  return {
    operationId,
    phase,
    ...fields,
    ...reference,
    sealedBefore: before === undefined || before === null ? null : sealJson(vault, before, context),
    updatedAt: new Date().toISOString(),
  };
}

function beforeContext({
  operationId,
  phase,
  position,
}: {
  operationId: string;
  phase: string;
  position: number;
}): string {
  return `step/${operationId}/${phase}/${position}/before`;
}
