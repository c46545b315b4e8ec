import { describe, expect, test } from 'vitest';
import { errorCodes, SlipwayError } from '../../domain/errors.ts';
import { exitCodeOf } from '../../cli/exit-codes.ts';
import { renderError, renderFinding } from '../../cli/output/errors.ts';
import { Printer } from '../../cli/output/printer.ts';
import type { OutputFormat, View } from '../../cli/output/printer.ts';
import { choosePaint, colourPaint, plainPaint } from '../../cli/output/style.ts';
import { renderTable } from '../../cli/output/table.ts';

type Fruit = { readonly name: string; readonly weight: number };

const fruitView: View<Fruit> = {
  noun: 'fruit',
  name: (fruit) => fruit.name,
  columns: [
    { title: 'NAME', value: (fruit) => fruit.name },
    { title: 'ORIGIN', value: () => 'garden', wide: true },
    { title: 'WEIGHT', value: (fruit) => `${fruit.weight} g` },
  ],
};
const fruits: readonly Fruit[] = [
  { name: 'fig', weight: 40 },
  { name: 'pineapple', weight: 900 },
];

async function printed(format: OutputFormat): Promise<string> {
  const written: string[] = [];
  const stdout = { write: (text: string | Uint8Array) => written.push(String(text)) };
  const printer = new Printer({ stdout, format, paint: plainPaint, nowMs: () => 0 });
  await printer.list(fruitView, { items: fruits, nextCursor: 'c2' });
  return written.join('');
}

describe('data on stdout', () => {
  test('a table has aligned columns, and wide shows more of them', async () => {
    expect(await printed('table')).toBe('NAME       WEIGHT\nfig        40 g\npineapple  900 g\n');
    expect(await printed('wide')).toBe(
      'NAME       ORIGIN  WEIGHT\nfig        garden  40 g\npineapple  garden  900 g\n',
    );
  });

  test('JSON and YAML lists are {items, nextCursor}', async () => {
    expect(JSON.parse(await printed('json'))).toEqual({ items: fruits, nextCursor: 'c2' });
    expect(await printed('yaml')).toContain('nextCursor: c2');
  });

  test('JSONL and names are one item a line', async () => {
    expect(await printed('jsonl')).toBe('{"name":"fig","weight":40}\n{"name":"pineapple","weight":900}\n');
    expect(await printed('name')).toBe('fruit/fig\nfruit/pineapple\n');
  });

  test('the last column of a table is cut to a terminal and nothing is cut elsewhere', () => {
    const long = [{ name: 'fig', weight: 123_456_789_012_345 }];
    const view = fruitView.columns;
    const cut = renderTable(long, view, { wide: false, nowMs: 0, paint: plainPaint, columns: 16 });
    expect(cut[1]).toMatch(/^fig {3}.{9}…$/);
    expect(renderTable(long, view, { wide: false, nowMs: 0, paint: plainPaint })[1]).toContain('123456789012345 g');
  });
});

describe('colours', () => {
  const terminal = { write: () => true, isTTY: true };
  const pipe = { write: () => true };

  test.each([
    ['a terminal', terminal, {}, colourPaint],
    ['a pipe', pipe, {}, plainPaint],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, plainPaint],
    ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, colourPaint],
    ['FORCE_COLOR', pipe, { FORCE_COLOR: '1' }, colourPaint],
    ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, plainPaint],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, plainPaint],
  ])('auto follows %s', (...[, stream, env, paint]) => {
    expect(choosePaint('auto', stream, env)).toBe(paint);
  });

  test('--color wins over the environment', () => {
    expect(choosePaint('always', pipe, { NO_COLOR: '1' })).toBe(colourPaint);
    expect(choosePaint('never', terminal, { FORCE_COLOR: '1' })).toBe(plainPaint);
  });
});

describe('errors', () => {
  test('have three lines: error, cause, fix', () => {
    const error = new SlipwayError('unavailable', 'cluster "prod" is unreachable', {
      cause: new Error('connect ECONNREFUSED 10.0.0.4:6443'),
      fix: 'slipway connection test prod',
      details: { requestId: 'req_1' },
    });
    expect(renderError(error, plainPaint)).toEqual([
      'error: cluster "prod" is unreachable (unavailable)',
      '  cause: connect ECONNREFUSED 10.0.0.4:6443',
      '  fix:   slipway connection test prod   request: req_1',
    ]);
  });

  test('list findings by file, line, column, path and message', () => {
    const finding = {
      severity: 'error',
      code: 'yaml.duplicateKey',
      message: 'the key is there twice',
      file: 'shop.yaml',
      line: 12,
      column: 5,
      path: 'spec.replicas',
      fix: 'remove one',
    } as const;
    expect(renderFinding(finding, plainPaint)).toEqual([
      'error: shop.yaml:12:5 spec.replicas the key is there twice [yaml.duplicateKey]',
      '  fix: remove one',
    ]);
    expect(renderError(new SlipwayError('invalid', 'bad', { findings: [finding] }), plainPaint).join('\n')).toContain(
      'shop.yaml:12:5 spec.replicas the key is there twice',
    );
  });

  test('do not repeat the object and the field that the message of a finding begins with', () => {
    const finding = { severity: 'error', code: 'c', subject: 'Pod a/p', path: 'spec.x', fix: 'correct it' } as const;
    const [line] = renderFinding({ ...finding, message: 'Pod a/p: spec.x: no' }, plainPaint);
    expect(line).toBe('error: Pod a/p: spec.x: no [c]');
    const [other] = renderFinding({ ...finding, message: 'no such field' }, plainPaint);
    expect(other).toBe('error: Pod a/p spec.x no such field [c]');
  });

  test('every kind of error has an exit code, and no two meanings share 0', () => {
    for (const code of errorCodes) expect(exitCodeOf(code)).toBeGreaterThan(0);
    expect(exitCodeOf('notFound')).toBe(3);
    expect(exitCodeOf('conflict')).toBe(5);
    expect(exitCodeOf('unavailable')).toBe(7);
  });
});
