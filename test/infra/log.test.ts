import { expect, test } from 'vitest';
import { createLog } from '../../infra/log.ts';

function logged(fields: object, level: 'info' | 'silent' = 'info'): string {
  const lines: string[] = [];
  createLog({ level, name: 'test', destination: { write: (line) => void lines.push(line) } }).info(fields, 'message');
  return lines.join('');
}

test('an entry is one line of JSON with its time and the process that wrote it', () => {
  expect(JSON.parse(logged({ count: 1 }))).toMatchObject({
    name: 'test',
    count: 1,
    msg: 'message',
    time: expect.any(String),
  });
});

test.each([
  { token: 'hush' },
  { headers: { authorization: 'hush' } },
  { request: { headers: { authorization: 'hush' } } },
  { connection: { kubeconfig: 'hush' } },
  { object: { kind: 'Secret', data: { a: 'hush' } } },
  { config: { temporal: { apiKey: 'hush' } } },
])('what may be a secret is not in the log: %j', (fields) => {
  expect(logged(fields)).toContain('[redacted]');
  expect(logged(fields)).not.toContain('hush');
});

test('a cause is logged with its error', () => {
  const line = logged({ err: new Error('outer', { cause: new Error('inner') }) });
  expect(line).toContain('outer');
  expect(line).toContain('inner');
});
