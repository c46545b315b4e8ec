import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { conditionsOf } from '../../../domain/readiness/conditions.ts';
import { augment, kstatusOf } from '../../../domain/readiness/kstatus.ts';
import { readinessOf } from '../../../domain/readiness.ts';

const conditionSchema = z.object({ type: z.string(), status: z.string(), reason: z.string() });
const casesSchema = z.array(
  z.object({
    name: z.string(),
    object: z.record(z.string(), z.unknown()),
    op: z.literal('augment').optional(),
    now: z.string().optional(),
    expected: z.object({
      status: z.enum(['Current', 'InProgress', 'Failed']),
      conditions: z.array(conditionSchema).default([]),
      absentConditionTypes: z.array(z.string()).default([]),
      augmentedConditions: z.array(conditionSchema).default([]),
    }),
  }),
);

const file = new URL('../../fixtures/health/kstatus.json', import.meta.url);
const cases = casesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
const readinessOfKstatus = { Current: 'ready', InProgress: 'progressing', Failed: 'failed' } as const;
const clock = new Date('2026-01-01T00:00:00Z');
const essence = ({ type, status, reason }: z.infer<typeof conditionSchema>): string => `${type}=${status}:${reason}`;

test('every case of the kstatus table is here', () => {
  expect(cases).toHaveLength(63);
});

test.each(cases)('kstatus mode gives what kstatus gives: $name', ({ object, now, expected }) => {
  const at = now === undefined ? clock : new Date(now);
  const result = kstatusOf(object, at);
  expect(result.status).toBe(expected.status);
  expect(result.conditions.map(essence)).toEqual(expect.arrayContaining(expected.conditions.map(essence)));
  const types: readonly string[] = result.conditions.map(({ type }) => type);
  expect(expected.absentConditionTypes.filter((type) => types.includes(type))).toEqual([]);
  expect(readinessOf(object, { mode: 'kstatus', now: at }).status).toBe(readinessOfKstatus[expected.status]);
});

test.each(cases.filter(({ op }) => op === 'augment'))('augment adds the standard conditions: $name', (example) => {
  const augmented = conditionsOf(augment(example.object, clock)).map(essence);
  expect(augmented.toSorted()).toEqual(example.expected.augmentedConditions.map(essence).toSorted());
});
