import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { OperationProgress, ProgressChange, StepAction, StepState } from '../../domain/operation.ts';
import { asUpdates, changed, isGiven } from './bulk.ts';
import type { Database, Queries } from './database.ts';
import type { StepPlace } from './operation-steps.ts';
import { progressSources } from './progress.ts';
import { operations, operationSteps, progress } from './schema.ts';

/** What changed of one step. Absent fields stay as they are; null clears one. */
export type StepChange = {
  readonly position: number;
  readonly state?: StepState | undefined;
  readonly message?: string | null | undefined;
  readonly fix?: string | null | undefined;
  readonly uid?: string | null | undefined;
  /** ISO 8601. */
  readonly appliedAt?: string | null | undefined;
  readonly action?: StepAction | null | undefined;
};

export type Transitions = StepPlace & {
  /** The last one counts where two are about one step. */
  readonly steps: readonly StepChange[];
  /** The counts that are shown from now on. */
  readonly progress?: OperationProgress | undefined;
  /** More entries for the live stream, after those of the steps. */
  readonly changes?: readonly ProgressChange[] | undefined;
};

const changeable = ['state', 'message', 'fix', 'uid', 'appliedAt', 'action'] as const;
/** What people see of a step: a change of these gives an entry in the live stream. */
const visible = ['state', 'message', 'fix', 'action'] as const;

/**
 * Updates steps, appends what changed to the operation's live stream and sets its counts, all in one batch. Repeating it
 * changes nothing and appends no step again.
 */
export async function recordTransitions(database: Database, transitions: Transitions): Promise<void> {
  const { operationId, phase, steps, progress: counts, changes = [] } = transitions;
  const rows = lastOfEach(steps);
  await database.write((queries) => [
    queries
      .update(operations)
      .set({ progress: counts ?? sql`${operations.progress}` })
      .where(eq(operations.id, operationId)),
    ...stepStatements(queries, { operationId, phase, rows }),
    ...progressSources(changes.map((change) => ({ operationId, change }))).map((source) =>
      queries.insert(progress).select(source),
    ),
  ]);
}

/** Updates steps, with entries in the live stream for those that changed. */
export async function updateSteps(
  database: Database,
  { operationId, phase, steps }: StepPlace & { readonly steps: readonly StepChange[] },
): Promise<void> {
  await recordTransitions(database, { operationId, phase, steps });
}

/** The entries come first: they compare what is stored with what will be. */
function stepStatements(
  queries: Queries,
  { operationId, phase, rows }: StepPlace & { readonly rows: readonly StepChange[] },
): readonly BatchItem<'sqlite'>[] {
  const time = new Date().toISOString();
  const stamped = rows.map((row) => ({ ...row, updatedAt: time }));
  const isStep = and(
    eq(operationSteps.operationId, operationId),
    eq(operationSteps.phase, phase),
    eq(operationSteps.position, changed('position')),
  );
  return asUpdates(operationSteps, stamped, [...changeable, 'updatedAt']).flatMap(({ set, source }) => [
    queries.insert(progress).select(sql`
      select null, ${operationId}, ${time}, json_object('type', 'step', 'step', ${stepJson(time)})
      from ${source} join ${operationSteps} on ${isStep} where ${differs(visible)} order by changes.key`),
    queries
      .update(operationSteps)
      .set(set)
      .from(source)
      .where(and(isStep, differs(changeable))),
  ]);
}

function differs(names: readonly (typeof changeable)[number][]): SQL {
  const differences = names.map((name) => sql`(${isGiven(name)} and ${operationSteps[name]} is not ${changed(name)})`);
  return sql`(${sql.join(differences, sql` or `)})`;
}

/** An OperationStep as it will be after the change. */
function stepJson(time: string): SQL {
  const { apiVersion, kind, namespace, name } = operationSteps;
  const reference = sql`json_patch(
    json_object('apiVersion', ${apiVersion}, 'kind', ${kind}, 'name', ${name}),
    json_object('namespace', ${namespace}))`;
  return sql`json_object(
    'phase', ${operationSteps.phase}, 'position', ${operationSteps.position}, 'key', ${operationSteps.key},
    'reference', ${reference}, 'component', ${operationSteps.component}, 'stage', ${operationSteps.stage},
    'action', ${after('action')}, 'state', ${after('state')}, 'message', ${after('message')}, 'fix', ${after('fix')},
    'updatedAt', ${time})`;
}

function after(name: (typeof visible)[number]): SQL {
  return sql`iif(${isGiven(name)}, ${changed(name)}, ${operationSteps[name]})`;
}

/** One change a step. An absent field of a later change does not hide an earlier one. */
function lastOfEach(steps: readonly StepChange[]): readonly StepChange[] {
  const byPosition = new Map<number, StepChange>();
  for (const { position, ...fields } of steps) {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    byPosition.set(position, { ...byPosition.get(position), position, ...given });
  }
  return [...byPosition.values()];
}
