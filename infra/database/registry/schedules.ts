import { and, asc, desc, eq, gt, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import { isJsonObject, jsonObjectSchema } from '../../../domain/json.ts';
import type { GenerationOptions } from '../../../domain/registry/generation.ts';
import { type Schedule, scheduleSchema, type ScheduleTiming } from '../../../domain/registry/schedule.ts';
import { newId } from '../../ids.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database } from '../database.ts';
import { isTaken } from '../failures.ts';
import { operations } from '../schema.ts';
import { schedules } from './tables.ts';

export type NewSchedule = {
  readonly name: string;
  readonly timing: ScheduleTiming;
  readonly options: GenerationOptions;
  readonly paused: boolean;
  readonly actor: string;
};

/** The new schedule. Throws SlipwayError `conflict` when the name is taken. */
export async function createSchedule(database: Database, { paused, ...given }: NewSchedule): Promise<Schedule> {
  const now = new Date().toISOString();
  const row = { ...given, id: newId('sch'), timing: { ...given.timing, paused }, createdAt: now, updatedAt: now };
  await refusingTakenName(given.name, () => database.write((queries) => [queries.insert(schedules).values(row)]));
  return toSchedule(row);
}

/** The schedule of that id or name, or undefined. */
export async function findSchedule(database: Database, idOrName: string): Promise<Schedule | undefined> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(schedules)
      .where(or(eq(schedules.id, idOrName), eq(schedules.name, idOrName)))
      .orderBy(desc(eq(schedules.id, idOrName)))
      .limit(1),
  );
  return rows.map(toSchedule)[0];
}

/** Throws SlipwayError `notFound`. */
export async function requireSchedule(database: Database, idOrName: string): Promise<Schedule> {
  const schedule = await findSchedule(database, idOrName);
  if (schedule !== undefined) return schedule;
  throw missing(idOrName);
}

/** Schedules by name. */
export async function listSchedules(database: Database, request: PageRequest = {}): Promise<Page<Schedule>> {
  const after = decodeCursor(request, z.string());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(schedules)
      .where(after === undefined ? undefined : gt(schedules.name, after))
      .orderBy(asc(schedules.name))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: toSchedule, key: (row) => row.name });
}

/** What is absent stays as it is. */
export type ScheduleChange = {
  readonly [Field in 'name' | 'timing' | 'options' | 'paused']?: NewSchedule[Field] | undefined;
};

/** The schedule with what was changed of it. Throws SlipwayError `notFound`, and `conflict` when the name is taken. */
export async function changeSchedule(database: Database, id: string, change: ScheduleChange): Promise<Schedule> {
  const current = await requireSchedule(database, id);
  const { name = current.name, options = current.options, timing = current.timing, paused = current.paused } = change;
  const set = { name, options, timing: { ...timing, paused }, updatedAt: new Date().toISOString() };
  const [[row]] = await refusingTakenName(name, () =>
    database.write((queries) => [queries.update(schedules).set(set).where(eq(schedules.id, current.id)).returning()]),
  );
  if (row === undefined) throw missing(id);
  return toSchedule(row);
}

/** Forgets the schedule; true where there was one. */
export async function deleteSchedule(database: Database, id: string): Promise<boolean> {
  const [deleted] = await database.write((queries) => [
    queries.delete(schedules).where(eq(schedules.id, id)).returning({ id: schedules.id }),
  ]);
  return deleted.length > 0;
}

/** The newest operations that a schedule started. */
export async function lastRunsOf(database: Database, scheduleId: string, limit: number) {
  return database.read((queries) =>
    queries
      .select({ operationId: operations.id, state: operations.state, startedAt: operations.createdAt })
      .from(operations)
      .where(and(eq(operations.kind, 'modelGeneration'), sql`${operations.options} ->> 'scheduleId' = ${scheduleId}`))
      .orderBy(desc(operations.id))
      .limit(limit),
  );
}

/** Whether a schedule is paused is stored with its timing. */
function toSchedule(row: typeof schedules.$inferSelect): Schedule {
  const { paused, ...timing } = isJsonObject(row.timing) ? row.timing : {};
  return scheduleSchema.parse({ ...row, timing, paused, options: jsonObjectSchema.parse(row.options) });
}

async function refusingTakenName<T>(name: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new SlipwayError('conflict', `a schedule named ${name} exists already`, {
      cause: error,
      fix: 'Give another name, or change the schedule that exists.',
    });
  }
}

function missing(id: string): SlipwayError {
  return new SlipwayError('notFound', `there is no schedule ${id}`, { fix: 'List them with GET /v1/schedules.' });
}
