import { expect, test } from 'vitest';
import type { Finding } from '../../domain/finding.ts';
import type { Operation } from '../../domain/operation.ts';
import { describeTrouble } from '../../cli/operation-trouble.ts';
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
const nothingElse = { failed: [], blocked: [] };

function refused(message: string, findings: readonly Finding[]): Pick<Operation, 'error' | 'findings' | 'progress'> {
  return {
    progress: { phase: 'validate', total: 0, done: 0, failed: 0, blocked: 0 },
    findings: [...findings],
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
