import { expect, test } from 'vitest';
import { appendEvents } from '../../infra/database/events.ts';
import { createTestApi, json, listOf, problemOf, type TestApi } from './api-fixture.ts';
import { newEvent } from './new-event.ts';

async function idsOf(api: TestApi, query: string): Promise<readonly (string | undefined)[]> {
  const { items } = await listOf(api.request(`/v1/events?${query}`));
  return items.map(({ id }) => id);
}

test('events are listed newest first, filtered and searched', async () => {
  const api = await createTestApi();
  await appendEvents(api.database, [
    newEvent('evt_1', { severity: 'error', operationId: 'op_1', description: 'The quota is used up' }),
    newEvent('evt_2', { category: 'connection' }),
    newEvent('evt_3'),
  ]);
  expect(await idsOf(api, '')).toEqual(['evt_3', 'evt_2', 'evt_1']);
  expect(await idsOf(api, 'severity=error&severity=warning')).toEqual(['evt_1']);
  expect(await idsOf(api, 'category=connection')).toEqual(['evt_2']);
  expect(await idsOf(api, 'operation=op_1')).toEqual(['evt_1']);
  expect(await idsOf(api, 'q=QUOTA')).toEqual(['evt_1']);
  expect(await idsOf(api, 'q=100%25')).toEqual([]);
  expect(await (await api.request('/v1/events/evt_1')).json()).toMatchObject({ sequence: 1, status: 'unread' });
});

test('events are acknowledged, dismissed and read by id and by filter', async () => {
  const api = await createTestApi();
  await appendEvents(
    api.database,
    ['evt_1', 'evt_2', 'evt_3'].map((id) => newEvent(id)),
  );
  const change = async (action: string, body: unknown) =>
    (await api.request(`/v1/events/${action}`, json('POST', body))).json();
  expect(await change('acknowledge', { ids: ['evt_1'] })).toEqual({ changed: 1 });
  expect(await change('acknowledge', { ids: ['evt_1'] })).toEqual({ changed: 0 });
  expect(await idsOf(api, 'acknowledged=true')).toEqual(['evt_1']);
  expect(await change('dismiss', { filter: { acknowledged: false, category: ['deployment'] } })).toEqual({
    changed: 2,
  });
  expect(await idsOf(api, 'dismissed=false')).toEqual(['evt_1']);
  expect(await change('read', { filter: {} })).toEqual({ changed: 0 });
  expect(await idsOf(api, 'status=unread')).toEqual([]);
});

test.each([
  [{}],
  [{ ids: [] }],
  [{ ids: ['a'], filter: {} }],
  [{ filter: { severity: ['loud'] } }],
  [{ filter: { colour: 1 } }],
])('the selection %j is refused', async (body) => {
  const { request } = await createTestApi();
  expect(await problemOf(await request('/v1/events/dismiss', json('POST', body)))).toMatchObject({ status: 400 });
});
