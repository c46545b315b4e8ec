import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { eventSchema, type EventSeverity, type NewEvent, type SlipwayEvent } from '../../domain/event.ts';
import { asSelects, isOneOf } from './bulk.ts';
import { decodeCursor, maximumPageSize, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { events } from './schema.ts';

export type EventFilter = {
  readonly severities?: readonly EventSeverity[] | undefined;
  readonly categories?: readonly SlipwayEvent['category'][] | undefined;
  readonly status?: SlipwayEvent['status'] | undefined;
  readonly operationId?: string | undefined;
  readonly acknowledged?: boolean | undefined;
  readonly dismissed?: boolean | undefined;
  /** Text in the description, the action, the actor or the subject's name; capitals do not matter. */
  readonly text?: string | undefined;
};

/** Which events: these ids, or all that a filter lets through. */
export type EventSelection = { readonly ids: readonly string[] } | { readonly filter: EventFilter };

/** Stores events. One with an id that is stored already is left as it is. */
export async function appendEvents(database: Database, entries: readonly NewEvent[]): Promise<void> {
  const rows = entries.map((event) => ({ ...event, status: 'unread' }));
  for (const source of asSelects(events, rows)) {
    await database.write((queries) => [
      queries.insert(events).select(source).onConflictDoNothing({ target: events.id }),
    ]);
  }
}

/** The event, or undefined. */
export async function findEvent(database: Database, id: string): Promise<SlipwayEvent | undefined> {
  const rows = await database.read((queries) => queries.select().from(events).where(eq(events.id, id)));
  return rows.map((row) => eventSchema.parse(row))[0];
}

/** Events, newest first. */
export async function listEvents(
  database: Database,
  { filter = {}, ...request }: PageRequest & { readonly filter?: EventFilter } = {},
): Promise<Page<SlipwayEvent>> {
  const before = decodeCursor(request, z.number().int());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(events)
      .where(and(matches(filter), before === undefined ? undefined : lt(events.sequence, before)))
      .orderBy(desc(events.sequence))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => eventSchema.parse(row), key: (row) => row.sequence });
}

/** Events after sequence `after`, in their order, for live streams. */
export async function readEventsAfter(
  database: Database,
  { after, limit = maximumPageSize }: { readonly after: number; readonly limit?: number },
): Promise<readonly SlipwayEvent[]> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(events)
      .where(gt(events.sequence, after))
      .orderBy(asc(events.sequence))
      .limit(Math.min(limit, maximumPageSize)),
  );
  return rows.map((row) => eventSchema.parse(row));
}

/** The sequence of the newest event, or 0. */
export async function latestEventSequence(database: Database): Promise<number> {
  const [row] = await database.read((queries) =>
    queries.select({ sequence: events.sequence }).from(events).orderBy(desc(events.sequence)).limit(1),
  );
  return row?.sequence ?? 0;
}

/** Acknowledges events, which reads them too. Gives how many were not acknowledged before. */
export async function acknowledgeEvents(database: Database, selection: EventSelection): Promise<number> {
  const acknowledgedAt = new Date().toISOString();
  return updateEvents(database, {
    selection,
    unlike: isNull(events.acknowledgedAt),
    set: { acknowledgedAt, status: 'read' },
  });
}

/** Dismisses events, which reads them too. Gives how many were not dismissed before. */
export async function dismissEvents(database: Database, selection: EventSelection): Promise<number> {
  const dismissedAt = new Date().toISOString();
  return updateEvents(database, {
    selection,
    unlike: isNull(events.dismissedAt),
    set: { dismissedAt, status: 'read' },
  });
}

/** Marks events as read. Gives how many were unread. */
export async function markEventsRead(database: Database, selection: EventSelection): Promise<number> {
  return updateEvents(database, { selection, unlike: eq(events.status, 'unread'), set: { status: 'read' } });
}

async function updateEvents(
  database: Database,
  { selection, unlike, set }: { selection: EventSelection; unlike: SQL; set: Partial<typeof events.$inferInsert> },
): Promise<number> {
  const selected = 'ids' in selection ? isOneOf(events.id, selection.ids) : matches(selection.filter);
  const [result] = await database.write((queries) => [queries.update(events).set(set).where(and(selected, unlike))]);
  return result.rowsAffected;
}

function matches(filter: EventFilter): SQL | undefined {
  const { severities, categories, status, operationId, acknowledged, dismissed, text } = filter;
  return and(
    severities === undefined ? undefined : inArray(events.severity, [...severities]),
    categories === undefined ? undefined : inArray(events.category, [...categories]),
    status === undefined ? undefined : eq(events.status, status),
    operationId === undefined ? undefined : eq(events.operationId, operationId),
    isSet(events.acknowledgedAt, acknowledged),
    isSet(events.dismissedAt, dismissed),
    text === undefined || text === '' ? undefined : contains(text),
  );
}

function isSet(column: typeof events.acknowledgedAt | typeof events.dismissedAt, wanted: boolean | undefined) {
  if (wanted === undefined) return undefined;
  return wanted ? isNotNull(column) : isNull(column);
}

function contains(text: string): SQL | undefined {
  const pattern = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const columns = [events.description, events.action, events.actor, sql`${events.subject} ->> 'name'`];
  return or(...columns.map((column) => sql`${column} like ${pattern} escape '\\'`));
}
