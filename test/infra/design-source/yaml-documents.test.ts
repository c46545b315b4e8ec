import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../infra/design-source/yaml-documents.ts';

const values = (text: string) => readYaml({ text }).documents.map((document) => document.value);
const problems = (text: string) =>
  readYaml({ text }).findings.map(({ code, line, column }) => ({ code, line, column }));

describe('values read as kubectl reads them', () => {
  test.each([
    ['yes', true],
    ['on', true],
    ['y', true],
    ['NO', false],
    ['"yes"', 'yes'],
    ['010', 8],
    ['0o10', 8],
    ['0o08', '0o08'],
    ['-0o7', -7],
    ['0x1F', 31],
    ['0b11', 3],
    ['089', 89],
    ['1_000', 1000],
    ['1e3', 1000],
    ['1e03_1', 1e31],
    ['.5', 0.5],
    ['22:22', '22:22'],
    ['190:20:30.15', '190:20:30.15'],
    ['2001-01-01', '2001-01-01'],
    ['2001-01-01T00:00:00Z', '2001-01-01T00:00:00Z'],
    ['~', null],
    ['_1', '_1'],
    ['=', '='],
  ])('%s', (source, expected) => {
    expect(values(`value: ${source}`)).toEqual([{ value: expected }]);
  });

  test('keys become texts', () => {
    expect(values('NO: 1\n8: 2\n1.5: 3\n')).toEqual([{ false: 1, 8: 2, 1.5: 3 }]);
  });

  test('merge keys are merged and aliases are written out', () => {
    expect(values('a: &a {x: 1, z: 1}\nb: {<<: *a, z: 2}\nc: [*a]')).toEqual([
      { a: { x: 1, z: 1 }, b: { x: 1, z: 2 }, c: [{ x: 1, z: 1 }] },
    ]);
  });

  test('documents are apart, and empty ones are none', () => {
    expect(values('# nothing\n---\na: 1\n---\n\n---\nb: 2\n...\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('JSON, also with tabs and escapes', () => {
    expect(values('{\t"a": ["\\/", "\\ud83d\\ude00", 1E5],\n\t"<<": 1}')).toEqual([
      { a: ['/', '😀', 100_000], '<<': 1 },
    ]);
  });

  test('line ends of Windows', () => {
    expect(values('a: |\r\n  one\r\n  two\r\nb: 1\r\n')).toEqual([{ a: 'one\ntwo\n', b: 1 }]);
  });
});

describe('refused, with the place', () => {
  test.each([
    ['a key given twice', 'a: 1\nb: 2\na: 3\n', { code: 'yaml.duplicateKey', line: 3, column: 1 }],
    ['a key given twice once it is a text', '1: a\n"1": b\n', { code: 'yaml.duplicateKey', line: 2, column: 1 }],
    ['a key given twice in flow style', 'a: {b: 1, b: 2}', { code: 'yaml.duplicateKey', line: 1, column: 11 }],
    ['a tab as indentation', 'a:\n\tb: 1\n', { code: 'yaml.tab', line: 2, column: 1 }],
    ['an alias without an anchor', 'a: *b', { code: 'yaml.unknownAlias', line: 1, column: 4 }],
    ['an alias of itself', 'a: &a [*a]', { code: 'yaml.recursiveAlias', line: 1, column: 8 }],
    ['a number that changes', 'a: 9007199254740993', { code: 'yaml.number', line: 1, column: 4 }],
    ['a number that JSON lacks', 'a: .nan', { code: 'yaml.number', line: 1, column: 4 }],
    ['a key that JSON lacks', '? [a]\n: 1', { code: 'yaml.key', line: 1, column: 3 }],
    ['a merge of what is no mapping', 'a: {<<: 1}', { code: 'yaml.merge', line: 1, column: 5 }],
    ['a tag', 'a: !!binary aGk=', { code: 'yaml.unsupportedTag', line: 1, column: 13 }],
    ['deep nesting', `${'['.repeat(200)}${']'.repeat(200)}`, { code: 'yaml.tooDeep', line: 1, column: 1 }],
    ['nesting deeper than a parser goes', '['.repeat(100_000), { code: 'yaml.tooDeep', line: 1, column: 1 }],
    ['nesting by aliases', chainOfAliases(300), { code: 'yaml.tooDeep', line: 1, column: 1 }],
    ['an alias bomb', bombOfAliases(10), { code: 'yaml.tooManyValues', line: undefined, column: undefined }],
  ])('%s', (_name, text, expected) => {
    expect(problems(text)[0]).toEqual(expected);
  });

  test('every problem at once', () => {
    expect(problems('a: 1\na: 2\n---\nb: *c\n')).toHaveLength(2);
  });

  test('the parser quotes nothing from the text', () => {
    const { findings } = readYaml({ text: '{"a": 1}\n"s3cr3t": "s3cr3t"}' });
    expect(findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(findings)).not.toContain('s3cr3t');
  });

  test('a template is told to be one', () => {
    expect(readYaml({ text: 'a: b: {{ .Values.c }}' }).findings[0]?.fix).toContain('helm template');
  });
});

test('a thousand uses of one anchor are no bomb', () => {
  const text = `labels: &labels {app: web}\nall: [${Array.from({ length: 1000 }, () => '*labels').join(', ')}]`;
  expect(readYaml({ text }).findings).toEqual([]);
});

test('a value is found through aliases, merges and spaced keys, and otherwise by what is around it', () => {
  const [document] = readYaml({
    text: 'base: &base\n  x: 1\nuse:\n  <<: *base\n  match Labels: {a: b}\nlist: [1, *base]\n',
  }).documents;
  expect(document?.locate(['use', 'x'])).toEqual({ line: 2, column: 3 });
  expect(document?.locate(['use', 'matchLabels', 'a'])).toEqual({ line: 5, column: 18 });
  expect(document?.locate(['list', 1, 'x'])).toEqual({ line: 2, column: 3 });
  expect(document?.locate(['use', 'missing', 'deeper'])).toEqual({ line: 3, column: 1 });
});

function chainOfAliases(length: number): string {
  const lines = Array.from({ length }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}]`);
  return ['a0: &a0 [x]', ...lines].join('\n');
}

function bombOfAliases(levels: number): string {
  const lines = Array.from(
    { length: levels },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(', ')}]`,
  );
  return ['a0: &a0 [x, x, x]', ...lines].join('\n');
}
