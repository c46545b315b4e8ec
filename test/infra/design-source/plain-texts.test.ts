import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readPlainJson } from '../../../infra/design-source/plain-json.ts';
import { readPlainYaml } from '../../../infra/design-source/plain-yaml.ts';
import { readCarefully, readYaml } from '../../../infra/design-source/yaml-documents.ts';

function readPlain(text: string) {
  return (readPlainJson(text) ?? readPlainYaml(text))?.documents.filter((value) => value !== null);
}

/** What the fast readers read is what the careful one reads, and the careful one finds nothing wrong with it. */
function expectAgreement(text: string): boolean {
  const plain = readPlain(text);
  if (plain === undefined) return false;
  const { documents, findings } = readCarefully({ text });
  expect(findings).toEqual([]);
  expect(plain).toEqual(documents.map(({ value }) => value));
  return true;
}

const words = [
  'yes',
  'No',
  'null',
  '~',
  'on',
  '1e3',
  '0o17',
  '0x1F',
  '010',
  '1_0',
  '.5',
  '22:22',
  '2001-01-01',
  '-',
  '- a',
];
const signs = [
  'a: b',
  'a #b',
  '# a',
  '{}',
  '[]',
  '{a}',
  '&a',
  '*a',
  '!a',
  '|',
  '>',
  "it's",
  '"q"',
  ' a',
  'a ',
  '',
  '%',
  '<<',
];
const texts = fc.oneof(
  fc.constantFrom(
    ...words,
    ...signs,
    '10.0.0.1',
    '100m',
    'https://a.example/b?c=d',
    'a\nb\n',
    'a\n\n b',
    '\ta',
    '#!/bin/sh\n\techo\n',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const scalars = fc.oneof(
  texts,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const keys = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('kind', 'spec', 'a/b', 'x.y') },
  { weight: 1, arbitrary: texts },
);
const { value: values } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
  ),
}));
const documents = fc.array(fc.dictionary(keys, values), {
  minLength: 1,
  maxLength: 3,
});
const written = documents.chain((objects) =>
  fc.constantFrom(
    objects.map((object) => stringify(object)).join('---\n'),
    objects.map((object) => stringify(object, { indentSeq: false, lineWidth: 0 })).join('---\n'),
    objects.map((object) => JSON.stringify(object, null, 1)).join('\n---\n'),
  ),
);

describe('what is read fast is what is read carefully', () => {
  test('in texts that programs wrote', () => {
    fc.assert(
      fc.property(written, (text) => void expectAgreement(text)),
      { numRuns: 500 },
    );
  });

  test('in texts with something put in, or left out', () => {
    const broken = fc
      .tuple(
        written,
        fc.nat(),
        fc.nat(4),
        fc.constantFrom('', ' ', '\n', ':', '- ', '#', '"', "'", '\t', '|', '---\n', 'a: 1\n', ','),
      )
      .map(([text, at, length, put]) => {
        const start = text.length === 0 ? 0 : at % text.length;
        return `${text.slice(0, start)}${put}${text.slice(start + length)}`;
      });
    fc.assert(
      fc.property(broken, (text) => void expectAgreement(text)),
      { numRuns: 1_000 },
    );
  });

  test('in designs as they were published', () => {
    const folder = join(import.meta.dirname, '../../fixtures/designs');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(ya?ml|json)$/.test(file),
    );
    const fast = files.filter((file) => expectAgreement(readFileSync(join(folder, file), 'utf8')));
    expect(fast.length).toBeGreaterThan(files.length / 4);
  });
});

describe('read fast', () => {
  test.each([
    ['block mappings, lists and comments', '# a\na:\n  - b: 1\n    c: two\n  - - x\n    - y\nd:\n- e\n- f\n'],
    ['literal blocks', 'a: |\n  one\n\n    two\nb: |-\n  three\nc:\n  - |\n    four\n'],
    ['quoted texts', `a: "b\\n\\u00e9"\nb: 'it''s'\n"c": ''\n`],
    ['signs that elsewhere begin a document', 'a: ---\nb: 1.2.3\n'],
    ['several documents', '---\na: 1\n---\n# nothing\n---\nb: {}\n'],
    ['JSON documents', '{"a": [1, {"b": "c:d"}]}\n---\n{"a": "\\"x\\": 1"}\n'],
  ])('%s', (_what, text) => {
    expect(expectAgreement(text)).toBe(true);
  });
});

describe('left to the careful reader', () => {
  test.each([
    ['a key given twice', 'a: 1\na: 2\n'],
    ['a key given twice in JSON', '{"a": 1, "a": 1}'],
    ['a key given twice by an escape in JSON', '{"a": 1, "\\u0061": 1}'],
    ['a number that cannot be held', 'a: 9007199254740993\n'],
    ['a number that cannot be held in JSON', '{"a": 9007199254740993}'],
    ['a number beyond all in JSON', '{"a": 1e999}'],
    ['an anchor', 'a: &b 1\nc: *b\n'],
    ['a merge', 'a: {x: 1}\n<<: {y: 2}\n'],
    ['a flow mapping', 'a: {b: 1}\n'],
    ['a folded text', 'a: >\n  b\n'],
    ['a text on two lines', 'a: b\n  c\n'],
    ['a tab that indents', 'a:\n\tb: 1\n'],
    ['a tab on a line of its own', 'a: 1\n\t\nb: 2\n'],
    ['a word that is a key', 'on: 1\n'],
    ['deep nesting', `{"a":${'['.repeat(150)}${']'.repeat(150)}}`],
    ['lists in lists without end', `${'- '.repeat(50_000)}a\n`],
    ['a key that is more than a key', '__proto__: 1\n'],
  ])('%s', (_what, text) => {
    expect(readPlain(text)).toBeUndefined();
  });
});

test('places are found in a text that was read fast', () => {
  const { documents: read } = readYaml({ text: 'a: 1\n---\n# b\n---\nb:\n  - c\n  - d: x\n', file: 'shop.yaml' });
  expect(read[1]).toMatchObject({ value: { b: ['c', { d: 'x' }] }, file: 'shop.yaml' });
  expect(read[1]?.locate(['b', 1, 'd'])).toEqual({ line: 7, column: 5 });
});
