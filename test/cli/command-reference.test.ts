import { expect, test } from 'vitest';
import { renderReference } from '../../cli/command-reference.ts';

test('docs/cli.md says what the command tree says', async () => {
  await expect(renderReference()).toMatchFileSnapshot('../../docs/cli.md');
});

test('every command teaches by examples', () => {
  const sections = renderReference().split('\n## ').slice(1);
  expect(sections.length).toBeGreaterThan(60);
  const without = sections.filter((section) => !section.includes('Examples:\n'));
  expect(without.map((section) => section.split('\n')[0])).toEqual([]);
});
