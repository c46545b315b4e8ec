import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readinessOf } from '../../../domain/readiness.ts';

const casesSchema = z.array(
  z.object({
    name: z.string(),
    object: z.record(z.string(), z.unknown()),
    expected: z.object({ status: z.enum(['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown']) }),
  }),
);

const file = new URL('../../fixtures/health/argocd.json', import.meta.url);
const now = new Date('2026-01-01T00:00:00Z');
const judged = casesSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).map(({ name, object, expected }) => ({
  name,
  healthy: expected.status === 'Healthy',
  ready: readinessOf(object, { mode: 'strict', now }).status === 'ready',
}));
const healthy = judged.filter((one) => one.healthy);
const unhealthy = judged.filter((one) => !one.healthy);

test('without any schema, strict mode agrees with Argo CD on ready or not in 95 % of its cases', () => {
  const agreed = judged.filter((one) => one.healthy === one.ready);
  expect(agreed.length / judged.length).toBeGreaterThan(0.95);
});

test('strict mode calls fewer than 4 % of the not healthy objects ready', () => {
  const falselyReady = unhealthy.filter((one) => one.ready).map(({ name }) => name);
  expect(falselyReady.length / unhealthy.length, falselyReady.join('\n')).toBeLessThan(0.04);
});

test('strict mode holds back fewer than 7 % of the healthy objects', () => {
  const heldBack = healthy.filter((one) => !one.ready).map(({ name }) => name);
  expect(heldBack.length / healthy.length, heldBack.join('\n')).toBeLessThan(0.07);
});
