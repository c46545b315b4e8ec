import { describe, expect, test } from 'vitest';
import { formatAge, formatDuration, parseDurationSeconds } from '../../cli/duration.ts';

describe('durations', () => {
  test.each([
    ['90s', 90],
    ['10m', 600],
    ['1h30m', 5400],
    ['1.5m', 90],
    ['2d', 172_800],
    ['45', 45],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDurationSeconds(text)).toBe(seconds);
  });

  test.each(['', 'ten', '5 m', '-5s', '5w', 'm5'])('%j is refused with an example', (text) => {
    expect(() => parseDurationSeconds(text)).toThrow(/90s, 10m/);
  });

  test.each([
    [0, '0.0s'],
    [9_990, '9.9s'],
    [59_999, '59s'],
    [185_000, '3m05s'],
    [7_800_000, '2h10m'],
    [400_000_000, '4d'],
    [-5, '0.0s'],
  ])('%d ms is shown as %s', (durationMs, text) => {
    expect(formatDuration(durationMs)).toBe(text);
  });

  test('an age grows coarser with time and is never negative', () => {
    const nowMs = Date.parse('2026-01-03T00:00:00Z');
    expect(formatAge('2026-01-02T23:59:30Z', nowMs)).toBe('30s');
    expect(formatAge('2026-01-02T23:00:00Z', nowMs)).toBe('60m');
    expect(formatAge('2026-01-01T12:00:00Z', nowMs)).toBe('36h');
    expect(formatAge('2025-12-25T00:00:00Z', nowMs)).toBe('9d');
    expect(formatAge('2026-01-03T00:00:09Z', nowMs)).toBe('0s');
  });
});
