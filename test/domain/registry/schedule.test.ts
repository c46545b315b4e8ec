import { describe, expect, test } from 'vitest';
import { describeTiming, scheduleOptionsSchema, scheduleTimingSchema } from '../../../domain/registry/schedule.ts';

const places = (timing: object): readonly string[] =>
  scheduleTimingSchema.safeParse(timing).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ??
  [];

describe('a timing', () => {
  test('has exactly one way to say when', () => {
    expect(places({ every: '6h' })).toEqual([]);
    expect(places({ cron: ['0 3 * * *'], timeZone: 'Europe/Berlin', overlap: 'bufferOne', jitter: '5m' })).toEqual([]);
    expect(places({ onChange: true })).toEqual([]);
    expect(places({})).toEqual([': exactly one of cron, every and onChange is needed']);
    expect(places({ every: '6h', cron: ['@daily'] })).toEqual([': exactly one of cron, every and onChange is needed']);
  });

  test('that is wrong is told by its place', () => {
    expect(places({ every: 'soon' })).toContain('every: a duration such as 90s, 10m or 1h30m');
    expect(places({ every: '0s' })).toEqual(['every: more than nothing']);
    expect(places({ every: '1h', timeZone: 'Mars/Olympus' })).toEqual([
      'timeZone: an IANA time zone such as Europe/Berlin',
    ]);
    expect(places({ every: '1h', startAt: '2030-01-02T00:00:00Z', endAt: '2030-01-01T00:00:00Z' })).toEqual([
      'endAt: it ends before it starts',
    ]);
    expect(places({ cron: ['0 3 * * *', '0 25 * * *'] })).toEqual([
      expect.stringContaining('cron.1: no cron expression'),
    ]);
  });

  test('is said in a few words', () => {
    expect(describeTiming(scheduleTimingSchema.parse({ every: '6h' }))).toBe('every 6h');
    expect(describeTiming(scheduleTimingSchema.parse({ cron: ['0 3 * * *'], timeZone: 'Europe/Berlin' }))).toBe(
      '0 3 * * * Europe/Berlin',
    );
  });
});

test('a schedule reads only what can be read again', () => {
  const result = scheduleOptionsSchema.safeParse({
    sources: [
      { kind: 'url', url: 'https://example.com/a.yaml' },
      { kind: 'upload', uploadId: 'upl_1' },
      { kind: 'draft', draftId: 'drf_1' },
    ],
  });
  expect(result.error?.issues.map(({ path }) => path.join('.'))).toEqual(['sources.1.kind', 'sources.2.kind']);
});
