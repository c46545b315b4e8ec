import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { scheduleRunsSchema, scheduleSchema } from '../../domain/registry/schedule.ts';
import { createTestApi, json, problemOf, temporaryFolder, type TestApi } from './api-fixture.ts';

const options = { sources: [{ kind: 'url', url: 'https://example.com/crds.yaml' }] };
const newSchedule = (name: string, timing: object = { cron: ['0 3 1 1 *'] }) =>
  json('POST', { name, timing, options, paused: true });
const detailsSchema = scheduleSchema.extend(scheduleRunsSchema.shape);

async function details({ request }: TestApi, name: string) {
  return detailsSchema.parse(await (await request(`/v1/schedules/${name}`)).json());
}

/** Forgets the schedule in Temporal too, which other tests share. */
function forgetLater({ request }: TestApi, name: string): void {
  onTestFinished(async () => {
    await request(`/v1/schedules/${name}`, { method: 'DELETE' });
  });
}

test('a schedule is made, read, changed, paused, resumed and forgotten', async () => {
  const api = await createTestApi();
  const made = await api.request(
    '/v1/schedules',
    newSchedule('nightly', { cron: ['0 3 * * *'], timeZone: 'Europe/Berlin' }),
  );
  expect(made.status).toBe(201);
  forgetLater(api, 'nightly');
  const { nextRuns, paused } = await details(api, 'nightly');
  expect(paused).toBe(true);
  const hours = nextRuns.map((time) =>
    new Intl.DateTimeFormat('en', { timeZone: 'Europe/Berlin', hour: 'numeric', hourCycle: 'h23' }).format(
      new Date(time),
    ),
  );
  expect(new Set(hours)).toEqual(new Set(['03']));
  expect((await api.request('/v1/schedules', newSchedule('nightly'))).status).toBe(409);

  await api.request('/v1/schedules/nightly', json('PATCH', { timing: { every: '6h' } }));
  const changed = await details(api, 'nightly');
  expect(changed).toMatchObject({ paused: true, timing: { every: '6h', overlap: 'skip', timeZone: 'UTC' } });
  expect(changed.nextRuns[0]).toMatch(/T(00|06|12|18):00:00/);
  await api.request('/v1/schedules/nightly/resume', { method: 'POST' });
  expect(await details(api, 'nightly')).toMatchObject({ paused: false });
  await api.request('/v1/schedules/nightly/pause', { method: 'POST' });
  expect(await details(api, 'nightly')).toMatchObject({ paused: true });
  const page = z.object({ items: z.array(scheduleSchema) });
  expect(page.parse(await (await api.request('/v1/schedules')).json()).items.map(({ name }) => name)).toEqual([
    'nightly',
  ]);
  expect((await api.request('/v1/schedules/nightly', { method: 'DELETE' })).status).toBe(204);
  expect((await problemOf(await api.request('/v1/schedules/nightly'))).code).toBe('notFound');
});

test('a schedule that was stored while Temporal was away reaches it when it is looked at', async () => {
  const databaseUrl = `file:${join(await temporaryFolder(), 'slipway.db')}`;
  const away = await createTestApi({ databaseUrl, temporalAddress: '127.0.0.1:9' });
  expect((await away.request('/v1/schedules', newSchedule('stored'))).status).toBe(201);
  expect(await details(away, 'stored')).toMatchObject({ nextRuns: [] });
  const back = await createTestApi({ databaseUrl });
  forgetLater(back, 'stored');
  expect((await details(back, 'stored')).nextRuns.length).toBeGreaterThan(0);
});

test('one that runs when kinds change needs a cluster, and has no times to make up for', async () => {
  const api = await createTestApi();
  const refused = await problemOf(await api.request('/v1/schedules', newSchedule('change', { onChange: true })));
  expect(refused).toMatchObject({ status: 422, errors: [{ path: 'body.options.sources' }] });
});

test('a time to make up for must be over', async () => {
  const api = await createTestApi();
  await api.request('/v1/schedules', newSchedule('late'));
  forgetLater(api, 'late');
  const ahead = json('POST', { from: '2020-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z' });
  expect((await problemOf(await api.request('/v1/schedules/late/backfill', ahead))).errors).toEqual([
    { path: 'body.to', message: 'that time is not over' },
  ]);
});
