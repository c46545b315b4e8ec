import { expect, test } from 'vitest';
import { renderReference } from '../../cli/command-reference.ts';

test('docs/cli.md says what the command tree says', async () => {
  await expect(renderReference()).toMatchFileSnapshot('../../docs/cli.md');
});

test('every command teaches by examples', () => {
  const sections = renderReference().split('\n## ').slice(1);
  const leaves = sections.filter((section) => !section.includes('Commands:') && !section.includes('completion'));
  expect(leaves.length).toBeGreaterThan(40);
  for (const leaf of leaves) expect(leaf).toContain('Examples:\n');
});
