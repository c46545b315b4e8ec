import { expect, test } from 'vitest';
import type { Finding } from '../../domain/finding.ts';
import type { Operation, OperationStep } from '../../domain/operation.ts';
import { describeKept, describeTrouble } from '../../cli/operation-trouble.ts';
import { plainPaint } from '../../cli/output/style.ts';

const invalidPort: Finding = {
  severity: 'error',
  code: 'object.invalidField',
  subject: 'Service shop/web',
  path: 'spec.ports[0].port',
  message: 'Service shop/web: spec.ports[0].port: must be between 1 and 65535',
};
const missingSecret: Finding = {
  severity: 'warning',
  code: 'cluster.referenceMissing',
  message: 'Deployment shop/web mounts Secret shop/key, which is nowhere',
};
const toldBefore: Finding = { severity: 'warning', code: 'object.removedApi', message: 'old', file: 'shop', line: 3 };
const nothingElse = { awaited: [], failed: [], blocked: [] };

function refused(
  message: string,
  findings: readonly Finding[],
): Pick<Operation, 'error' | 'findings' | 'progress' | 'state' | 'trouble'> {
  return {
    state: 'failed',
    progress: { phase: 'validate', total: 0, done: 0, failed: 0, blocked: 0 },
    findings: [...findings],
    trouble: null,
    error: { code: 'invalid', message, findings: [] },
  };
}

test('a refused deploy names every error that the checks found, then their warnings', () => {
  const other = { ...invalidPort, path: 'spec.ports[1].port', message: 'Service shop/web: spec.ports[1].port: no' };
  const operation = refused('nothing was deployed: and 1 more', [missingSecret, invalidPort, other]);
  expect(describeTrouble(operation, nothingElse, plainPaint)).toEqual([
    'error: nothing was deployed: and 1 more (invalid)',
    'error: Service shop/web: spec.ports[0].port: must be between 1 and 65535 [object.invalidField]',
    'error: Service shop/web: spec.ports[1].port: no [object.invalidField]',
    'warning: Deployment shop/web mounts Secret shop/key, which is nowhere [cluster.referenceMissing]',
  ]);
});

test('a single error is told once, and what was told of the file is not told again', () => {
  const operation = refused(`nothing was deployed: ${invalidPort.message}`, [toldBefore, invalidPort]);
  expect(describeTrouble(operation, nothingElse, plainPaint)).toHaveLength(1);
});

test('a flood of findings is cut, and says how many more there are', () => {
  const findings = Array.from({ length: 60 }, (_unused, index) => ({ ...invalidPort, message: `field ${index}` }));
  const lines = describeTrouble(refused('nothing was deployed', findings), nothingElse, plainPaint);
  expect(lines).toHaveLength(52);
  expect(lines.at(-1)).toContain('10 more findings');
});

function step(change: Partial<OperationStep>): OperationStep {
  return {
    phase: 'remove',
    position: 0,
    key: '/PersistentVolumeClaim/shop/data',
    reference: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'data' },
    component: 'data',
    stage: 1,
    action: 'keep',
    state: 'kept',
    message: null,
    fix: null,
    updatedAt: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

test('an operation that is held up says by what, and since when', () => {
  const since = '2026-01-01T00:00:00.000Z';
  const operation = {
    ...refused('', []),
    state: 'running' as const,
    error: null,
    trouble: { message: 'no answer', since },
  };
  expect(describeTrouble(operation, nothingElse, plainPaint)).toEqual([`held up: no answer (since ${since})`]);
});

test('what a removal leaves in the cluster is named with the reason', () => {
  const kept = [step({ message: 'volumes keep their data' }), step({ phase: 'apply' })];
  expect(describeKept(kept)).toEqual(['stays: PersistentVolumeClaim shop/data: volumes keep their data']);
});

test('an operation that goes on says what it waits for, and one that has ended does not', () => {
  const trouble = { ...nothingElse, awaited: [step({ state: 'deleting', message: 'waits for the finalizers x' })] };
  const ended = refused('nothing was removed', []);
  expect(describeTrouble({ ...ended, error: null, state: 'running' }, trouble, plainPaint)).toEqual([
    '… PersistentVolumeClaim shop/data deleting: waits for the finalizers x',
  ]);
  expect(describeTrouble(ended, trouble, plainPaint)).toHaveLength(1);
});
