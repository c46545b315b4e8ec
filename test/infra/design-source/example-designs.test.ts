import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createDesignReader } from '../../../infra/design-source/design-reader.ts';

test.each([
  { file: 'shop/design.yaml', format: 'slipway', components: 26, codes: [] },
  { file: 'manifests/guestbook.yaml', format: 'manifests', components: 6, codes: [] },
  { file: 'meshery/design.yaml', format: 'meshery', components: 4, codes: ['meshery.annotations'] },
])('examples/$file is a design in the format $format', async ({ file, format, components, codes }) => {
  const bytes = await readFile(new URL(`../../../examples/${file}`, import.meta.url));
  const reading = await createDesignReader().readDesign({ bytes, fileName: file });
  expect(reading.findings.map((finding) => finding.code)).toEqual(codes);
  expect(reading.format).toBe(format);
  expect(reading.design?.components).toHaveLength(components);
});
