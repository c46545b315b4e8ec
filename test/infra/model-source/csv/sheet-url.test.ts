import { expect, test } from 'vitest';
import { sheetCsvUrl } from '../../../../infra/model-source/csv/sheet-url.ts';

const docs = 'https://docs.google.com/spreadsheets';

test.each([
  [`${docs}/d/1ABC-d_e/edit#gid=12`, `${docs}/d/1ABC-d_e/export?format=csv&gid=12`],
  [`${docs}/d/1ABC/edit?gid=12#gid=12`, `${docs}/d/1ABC/export?format=csv&gid=12`],
  [`${docs}/d/1ABC/edit?usp=sharing`, `${docs}/d/1ABC/export?format=csv`],
  [`${docs}/d/1ABC`, `${docs}/d/1ABC/export?format=csv`],
  [`${docs}/u/1/d/1ABC/edit#gid=0`, `${docs}/u/1/d/1ABC/export?format=csv&gid=0`],
  [`${docs}/d/1ABC/export?format=csv&gid=7`, `${docs}/d/1ABC/export?format=csv&gid=7`],
  [`${docs}/d/e/2PACX-1v/pub?output=csv&gid=7`, `${docs}/d/e/2PACX-1v/pub?output=csv&gid=7`],
  [`${docs}/d/e/2PACX-1v/pubhtml?gid=7&single=true`, `${docs}/d/e/2PACX-1v/pub?output=csv&gid=7`],
  [`${docs}/d/e/2PACX-1v`, `${docs}/d/e/2PACX-1v/pub?output=csv`],
  ['https://docs.google.com/document/d/1ABC/edit', 'https://docs.google.com/document/d/1ABC/edit'],
  ['https://example.com/models.csv?gid=1', 'https://example.com/models.csv?gid=1'],
  ['not a URL', 'not a URL'],
])('%s is CSV at %s', (given, expected) => {
  expect(sheetCsvUrl(given)).toBe(expected);
});
