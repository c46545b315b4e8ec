import { expect, test } from 'vitest';
import type { NewEvent } from '../../../domain/event.ts';
import type { Database } from '../../../infra/database/database.ts';
import {
  acknowledgeEvents,
  appendEvents,
  dismissEvents,
  type EventFilter,
  findEvent,
  latestEventSequence,
  listEvents,
  markEventsRead,
  readEventsAfter,
} from '../../../infra/database/events.ts';
import { testDatabase } from './database-fixture.ts';

function eventOf(id: string, more: Partial<NewEvent> = {}): NewEvent {
  return {
    id,
    time: '2026-01-01T00:00:00.000Z',
    severity: 'error',
    category: 'deployment',
    action: 'deploy',
    actor: 'ann',
    subject: { kind: 'deployment', id: 'dep_1', name: 'shop' },
    operationId: null,
    description: `event ${id}`,
    details: null,
    actions: [],
    ...more,
  };
}

async function idsOf(database: Database, filter?: EventFilter): Promise<readonly string[]> {
  const { items } = await listEvents(database, filter === undefined ? {} : { filter });
  return items.map(({ id }) => id);
}

test('an event is stored once, however often it is appended, and comes unread', async () => {
  const database = await testDatabase();
  const event = eventOf('evt_1', {
    operationId: 'op_1',
    details: { object: 'Deployment shop/web', count: 2, nested: { list: [1, null] } },
    actions: [{ label: 'Retry', method: 'POST', href: '/v1/operations/op_1/retry' }],
  });
  await appendEvents(database, [event]);
  await appendEvents(database, [{ ...event, description: 'changed' }, eventOf('evt_2')]);
  const stored = { ...event, sequence: 1, status: 'unread', acknowledgedAt: null, dismissedAt: null };
  expect(await findEvent(database, 'evt_1')).toEqual(stored);
  expect(await idsOf(database)).toEqual(['evt_2', 'evt_1']);
  expect(await findEvent(database, 'evt_0')).toBeUndefined();
});

test('events are filtered by each property, and by all that are given', async () => {
  const database = await testDatabase();
  await appendEvents(database, [
    eventOf('a'),
    eventOf('b', { severity: 'success' }),
    eventOf('c', { category: 'connection', operationId: 'op_1' }),
  ]);
  await acknowledgeEvents(database, { ids: ['a'] });
  await dismissEvents(database, { ids: ['b'] });
  expect(await idsOf(database, { severities: ['success', 'debug'] })).toEqual(['b']);
  expect(await idsOf(database, { categories: ['connection'] })).toEqual(['c']);
  expect(await idsOf(database, { operationId: 'op_1' })).toEqual(['c']);
  expect(await idsOf(database, { status: 'unread' })).toEqual(['c']);
  expect(await idsOf(database, { acknowledged: true })).toEqual(['a']);
  expect(await idsOf(database, { acknowledged: false, dismissed: false })).toEqual(['c']);
  expect(await idsOf(database, { severities: ['error'], categories: ['deployment'] })).toEqual(['a']);
});

test('text is found in description, action, actor and subject, as it is written and in any case', async () => {
  const database = await testDatabase();
  await appendEvents(database, [
    eventOf('a', { description: '100% of C:\\data failed' }),
    eventOf('b', { subject: { kind: 'design', id: 'x', name: 'web_shop' }, action: 'register', actor: 'ci-bot' }),
  ]);
  const found = (text: string) => idsOf(database, { text });
  expect(await found('FAILED')).toEqual(['a']);
  expect(await found('100%')).toEqual(['a']);
  expect(await found('c:\\d')).toEqual(['a']);
  expect(await found('web_shop')).toEqual(['b']);
  expect(await found('regist')).toEqual(['b']);
  expect(await found('CI-BOT')).toEqual(['b']);
  expect(await found('1%failed')).toEqual([]);
  expect(await found('web-shop')).toEqual([]);
  expect(await found("'; drop table events; --")).toEqual([]);
  expect(await found('')).toEqual(['b', 'a']);
});

test('events are acknowledged, dismissed and read in bulk, each once', async () => {
  const database = await testDatabase();
  await appendEvents(
    database,
    ['a', 'b', 'c', 'd'].map((id) => eventOf(id)),
  );
  expect(await acknowledgeEvents(database, { ids: ['a', 'b', 'x'] })).toBe(2);
  const first = await findEvent(database, 'a');
  expect(first).toMatchObject({ status: 'read', acknowledgedAt: expect.any(String), dismissedAt: null });
  expect(await acknowledgeEvents(database, { ids: ['a'] })).toBe(0);
  expect(await findEvent(database, 'a')).toEqual(first);
  expect(await markEventsRead(database, { ids: ['c'] })).toBe(1);
  expect(await dismissEvents(database, { filter: { acknowledged: true } })).toBe(2);
  expect(await markEventsRead(database, { filter: {} })).toBe(1);
  expect(await dismissEvents(database, { filter: {} })).toBe(2);
});

test('events are listed newest first, page after page, also while new ones come', async () => {
  const database = await testDatabase();
  await appendEvents(
    database,
    ['a', 'b', 'c'].map((id) => eventOf(id)),
  );
  const first = await listEvents(database, { limit: 2 });
  await appendEvents(database, [eventOf('d')]);
  const second = await listEvents(database, { limit: 2, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(['c', 'b', 'a']);
});

test('a live reader gets the events after the last that it saw, in their order', async () => {
  const database = await testDatabase();
  await appendEvents(
    database,
    ['a', 'b'].map((id) => eventOf(id)),
  );
  const after = await latestEventSequence(database);
  await appendEvents(
    database,
    ['c', 'd', 'e'].map((id) => eventOf(id)),
  );
  const events = await readEventsAfter(database, { after, limit: 2 });
  expect(events.map(({ id }) => id)).toEqual(['c', 'd']);
});
