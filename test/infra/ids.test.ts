import { expect, test } from 'vitest';
import { newId } from '../../infra/ids.ts';

test('an id is its prefix and 26 lower-case base32 digits', () => {
  expect(newId('op')).toMatch(/^op_[0-9a-v]{26}$/);
});

test('ids made later sort later', async () => {
  const first = newId('op');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(newId('op') > first).toBe(true);
});

test('ids are never the same', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId('evt'))).size).toBe(10_000);
});
