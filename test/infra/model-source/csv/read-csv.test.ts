import { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { registryLimits } from '../../../../domain/registry/limits.ts';
import { readCsv } from '../../../../infra/model-source/csv/read-csv.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/csv');
const published = async (name: string) => readCsv(await readFile(join(fixtures, name)), name);
const read = (text: string | Buffer) => readCsv(Buffer.from(text), 'table.csv');

describe('published sheets, with their banner above the header', () => {
  test('models', async () => {
    const { table, findings } = await published('Models.excerpt-svgtrimmed.csv');
    expect(findings).toEqual([]);
    expect(table?.kind).toBe('models');
    expect(table?.rows[0]).toMatchObject({
      line: 8,
      values: {
        registrant: 'Github',
        modeldisplayname: 'Azure Alerts Management',
        model: 'azure-alerts-management',
        category: 'Observability and Analysis',
        primarycolor: '#00B39F',
        svgcolor: '<svg xmlns="http://www.w3.org/2000/svg"/>',
      },
    });
  });

  test('components', async () => {
    const { table, findings } = await published('Components.excerpt-svgtrimmed.csv');
    expect(findings).toEqual([]);
    expect(table?.kind).toBe('components');
    expect(table?.rows.map(({ values }) => values['component']).slice(0, 2)).toEqual([
      'prometheus-rule-group',
      'smart-detector-alert-rule',
    ]);
  });

  test('relationships, which have a column "Component" too', async () => {
    expect(await published('Relationships.csv')).toEqual({ table: { kind: 'relationships', rows: [] }, findings: [] });
  });
});

describe('a table is read', () => {
  const text =
    'modelDisplayName,model,Sub Category,metadata.styles,,,model\nIstio,istio,mésh,"a ""b""",left,out,again\n';
  const values = {
    modeldisplayname: 'Istio',
    model: 'istio',
    sub_category: 'mésh',
    metadata_styles: 'a "b"',
    model_2: 'again',
  };
  const expected = { table: { kind: 'models', rows: [{ line: 2, values }] }, findings: [] };

  test.each([
    ['as UTF-8', Buffer.from(text)],
    ['with a byte order mark', Buffer.from(`\uFEFF${text}`)],
    ['as UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['as UTF-16 of the other order', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['as UTF-16 without a mark', Buffer.from(text, 'utf16le')],
    ['with semicolons', Buffer.from(text.replaceAll(',', ';'))],
    ['with tabs', Buffer.from(text.replaceAll(',', '\t'))],
    ['with Windows line ends', Buffer.from(text.replaceAll('\n', '\r\n'))],
    ['without an end of the last line', Buffer.from(text.trimEnd())],
  ])('%s', async (_how, bytes) => {
    expect(await readCsv(bytes, 'table.csv')).toEqual(expected);
  });

  test('in Latin-1, with a warning and the line', async () => {
    const { table, findings } = await read(Buffer.from(text, 'latin1'));
    expect(table?.rows).toEqual(expected.table.rows);
    expect(findings).toMatchObject([{ severity: 'warning', code: 'csv.encoding', line: 2, file: 'table.csv' }]);
  });

  test.each(['\n', '\r\n'])('with the line of each row, whatever lies between', async (end) => {
    const lines = [
      '"a banner',
      'of two lines",,',
      'model,component,schema',
      'a,b,"{',
      '""type"": 1',
      '}"',
      '',
      ',,',
      'c,d,',
    ];
    const { table } = await read(lines.join(end));
    expect(table?.rows).toEqual([
      { line: 4, values: { model: 'a', component: 'b', schema: '{\n"type": 1\n}' } },
      { line: 9, values: { model: 'c', component: 'd' } },
    ]);
  });

  test('with short rows as they are and long ones with a warning', async () => {
    const { table, findings } = await read('model,component,schema\na\nb,c,d,e\nf,g,h,,\n');
    expect(table?.rows).toHaveLength(3);
    expect(findings).toMatchObject([{ severity: 'warning', code: 'csv.extraCells', line: 3 }]);
  });

  test('with 100,000 rows', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `m,component-${index}\n`);
    const { table } = await read(`model,component\n${rows.join('')}`);
    expect(table?.rows.at(-1)).toEqual({ line: 100_001, values: { model: 'm', component: 'component-99999' } });
  });
});

describe('a finding tells', () => {
  test.each([
    ['model,category\n', ['csv.noHeader']],
    ['modelDisplayName,category\n', ['csv.missingColumns']],
    ['a,b\nc,d\ne,f\nmodel,component\n', ['csv.noHeader']],
    ['', ['csv.noHeader']],
    ['<!DOCTYPE html><html>', ['csv.page']],
    ['PK\u0003\u0004\0\0\0', ['csv.binary']],
  ])('of %j: %j', async (text, codes) => {
    const { table, findings } = await read(text);
    expect(table).toBeUndefined();
    expect(findings.map(({ code }) => code)).toEqual(codes);
  });

  test('which columns are missing, and in which row they should be', async () => {
    const { findings } = await read('banner,,\nModel,kind,subType\n');
    expect(findings).toMatchObject([
      { code: 'csv.missingColumns', message: 'The table of relationships lacks the column "type".', line: 2 },
    ]);
  });

  test('what each table needs, where none is to be recognised', async () => {
    const { findings } = await read('name,value\n');
    expect(findings[0]?.fix).toMatch(/modelDisplayName.*subType.*component/);
  });

  test.each([
    ['that is not closed', 'model,component\na,b\nc,"d\ne,f\n', 3],
    ['in the middle of a cell', 'model,component\na,b"c"\n', 2],
    ['before more of the cell', 'model,component\na,"b"c\n', 2],
  ])('where a quote is %s, and says nothing of the content', async (_what, text, line) => {
    const { table, findings } = await read(text);
    expect(table).toBeUndefined();
    expect(findings).toMatchObject([{ severity: 'error', code: 'csv.brokenQuotes', line: expect.any(Number) }]);
    expect(findings[0]?.line).toBeGreaterThanOrEqual(line);
  });

  test('that it is too large', async () => {
    const bytes = Buffer.alloc(registryLimits.csvBytes + 1, 'a');
    expect((await readCsv(bytes, 'a.csv')).findings).toMatchObject([{ code: 'csv.tooLarge' }]);
    const rows = 'a,b\n'.repeat(registryLimits.csvRows + 1);
    expect((await read(`model,component\n${rows}`)).findings).toMatchObject([{ code: 'csv.tooManyRows' }]);
  });
});
