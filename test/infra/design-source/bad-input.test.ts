import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { createDesignReader } from '../../../infra/design-source/design-reader.ts';

const reader = createDesignReader();
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';

describe('findings carry file, line, column and path', () => {
  test.each<[string, string, object]>([
    [
      'an invalid name',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: My Map\n',
      { code: 'object.invalidName', line: 4, column: 3, path: 'metadata.name' },
    ],
    [
      'an unknown field',
      'apiVersion: slipway.dev/v1\nkind: Design\nmetadata: {name: a}\nspec:\n  components: []\n  namespaces: a\n',
      { code: 'design.unknownField', line: 6, column: 3, path: 'spec.namespaces' },
    ],
    [
      'two components for one object',
      `${configMap}---\n${configMap}`,
      { code: 'design.duplicateObject', line: 6, column: 1, message: expect.stringContaining('shop.yaml:1') },
    ],
    [
      'an empty namespace',
      `${configMap}  namespace: ""\n`,
      { code: 'object.emptyNamespace', line: 5, column: 3, path: 'metadata.namespace' },
    ],
    [
      'an object in a list',
      '{"apiVersion": "v1", "kind": "List", "items": [\n{"kind": "Pod", "metadata": {"name": "a"}}]}',
      { code: 'object.missingApiVersion', line: 2, column: 1, path: 'items[0]' },
    ],
    ['a conflict marker', `<<<<<<< HEAD\n${configMap}`, { code: 'text.conflictMarker', line: 1, column: 1 }],
  ])('%s', async (_name, text, finding) => {
    const { design, findings } = await reader.readDesign({ text, fileName: 'shop.yaml' });
    expect(design).toBeUndefined();
    expect(findings).toEqual([
      expect.objectContaining({ file: 'shop.yaml', severity: 'error', fix: expect.any(String), ...finding }),
    ]);
  });
});

test('findings of many kinds come at once', async () => {
  const text = `${configMap}  labels: {a: 1, "b c": d}\n---\nkind: Pod\nmetadata: {generateName: a-}\n---\n${configMap}  namespace: X\n`;
  const { findings } = await reader.readDesign({ text });
  expect(findings.map(({ code, line }) => [code, line])).toEqual([
    ['object.notText', 5],
    ['object.invalidLabelKey', 5],
    ['object.missingApiVersion', 7],
    ['object.generateName', 8],
    ['object.invalidNamespace', 14],
  ]);
});

test('very many findings are cut, and counted', async () => {
  const broken = Array.from({ length: 300 }, (_, index) => `---\nkind: Pod\nmetadata: {name: a${index}}\n`);
  const { findings } = await reader.readDesign({ text: broken.join('') });
  expect(findings).toHaveLength(201);
  expect(findings.at(-1)).toMatchObject({ code: 'design.moreFindings', message: expect.stringContaining('100 more') });
});

describe('texts', () => {
  test.each([
    ['with a byte order mark', Buffer.from(`\ufeff${configMap}`)],
    ['in UTF-16', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(configMap, 'utf16le')])],
    ['with line ends of Windows', Buffer.from(configMap.replaceAll('\n', '\r\n'))],
    ['as JSON in one line', Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}')],
    ['larger than is read at once', Buffer.from(`${configMap}data:\n  a: ${'x'.repeat(500_000)}\n`)],
  ])('%s are read', async (_name, bytes) => {
    const { design, findings } = await reader.readDesign({ bytes });
    expect(findings).toEqual([]);
    expect(design?.components[0]?.name).toBe('configmap-a');
  });

  test.each<[string, Buffer, string]>([
    ['of 50 MB', Buffer.alloc(50_000_000, 'a'), 'text.tooLarge'],
    ['that are no text', Buffer.from([0x61, 0xff, 0xfe, 0x62]), 'text.encoding'],
    ['with a control character', Buffer.from(`${configMap}data: {a: "\u0007"}`), 'text.controlCharacter'],
    ['of values without end', Buffer.from(`[${'{a: 1},'.repeat(2_000_000)}]`), 'yaml.tooManyTokens'],
  ])('%s are refused', async (_name, bytes, code) => {
    const { design, findings } = await reader.readDesign({ bytes });
    expect(design).toBeUndefined();
    expect(findings.map((finding) => finding.code)).toEqual([code]);
  });

  test.each([
    ['shop.prod.yaml', 'shop.prod'],
    ['shop.tar.gz', 'shop'],
    ['quay/design.yaml', 'quay'],
    ['design.yaml', 'design'],
  ])('in the file %s and without a name are called %s', async (fileName, name) => {
    const { design } = await reader.readDesign({ text: '# nothing yet\n', fileName });
    expect(design?.name).toBe(name);
  });

  test('that are empty are an empty design', async () => {
    const { design, findings } = await reader.readDesign({ text: '# nothing yet\n', fileName: 'designs/shop.yaml' });
    expect(design).toEqual({ name: 'shop', components: [] });
    expect(findings.map((finding) => finding.code)).toEqual(['design.empty']);
  });
});

test('a format that is given is not guessed', async () => {
  const { format, findings } = await reader.readDesign({ text: configMap, format: 'slipway' });
  expect(format).toBe('slipway');
  expect(findings.map((finding) => finding.code)).toContain('design.invalidField');
});
