import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../cli/output/style.ts';
import { renderEntry } from '../../cli/progress/progress-lines.ts';
import { entry, stepEntry } from './progress-fixtures.ts';

describe('the lines of a log', () => {
  test('one timestamped line tells phase, stage, object, state and message', () => {
    const moved = stepEntry({ position: 4, state: 'applied', stage: 2, message: '1 of 3 replicas', seconds: 1 });
    expect(renderEntry(moved, plainPaint)).toEqual([
      '2026-01-01T00:00:01.000Z apply 2 ConfigMap shop/object-4 becoming ready: 1 of 3 replicas',
    ]);
  });

  test('an object that only waits is not worth a line', () => {
    expect(renderEntry(stepEntry({ position: 0, state: 'waiting' }), plainPaint)).toEqual([]);
  });

  test('what holds the operation up has a line, and so has its end', () => {
    const message = 'no answer from https://prod:6443: connect ECONNREFUSED; trying again';
    expect(renderEntry(entry({ type: 'trouble', message }), plainPaint)).toEqual([
      `2026-01-01T00:00:00.000Z ${message}`,
    ]);
    expect(renderEntry(entry({ type: 'trouble', message: null }), plainPaint)).toEqual([
      '2026-01-01T00:00:00.000Z the cluster answers again',
    ]);
  });

  test('a state of the operation, a phase and a finding each have a line', () => {
    expect(renderEntry(entry({ type: 'operation', state: 'failed', message: 'no' }), plainPaint)).toEqual([
      '2026-01-01T00:00:00.000Z operation failed: no',
    ]);
    expect(renderEntry(entry({ type: 'phase', phase: 'rollback' }), plainPaint)).toEqual([
      '2026-01-01T00:00:00.000Z roll back',
    ]);
    const finding = { severity: 'warning', code: 'api.deprecated', message: 'goes away in 1.40' } as const;
    expect(renderEntry(entry({ type: 'finding', finding }), plainPaint)).toEqual([
      '2026-01-01T00:00:00.000Z warning: goes away in 1.40 [api.deprecated]',
    ]);
  });
});
