import { describe, expect, test } from 'vitest';
import { cronProblem } from '../../domain/cron.ts';

describe('cron expressions', () => {
  test.each([
    '0 3 * * *',
    '*/15 8-18 * * 1-5',
    '0,30 * 1 jan,jul sun',
    '5/10 * * * MON-FRI',
    '0 0 1 1 * 2030',
    '30 0 0 1 1 * 2030',
    '@daily',
    '@Hourly',
  ])('%s is one', (text) => {
    expect(cronProblem(text)).toBeUndefined();
  });

  test.each([
    ['', '1 fields'],
    ['* * * *', '4 fields'],
    ['61 * * * *', 'minute "61"'],
    ['* 24 * * *', 'hour "24"'],
    ['* * 0 * *', 'day of month "0"'],
    ['* * * foo *', 'month "foo"'],
    ['* * * * monkey', 'day of week "monkey"'],
    ['5-1 * * * *', 'minute "5-1"'],
    ['*/0 * * * *', 'minute "*/0"'],
    ['1-2-3 * * * *', 'minute "1-2-3"'],
    ['1- * * * *', 'minute "1-"'],
    ['@every 5m', '@every 5m'],
    ['TZ=Europe/Berlin 0 3 * * *', 'timeZone'],
  ])('%j is none, and it is said why', (text, words) => {
    expect(cronProblem(text)).toContain(words);
  });
});
