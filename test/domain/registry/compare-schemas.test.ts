import { describe, expect, test } from 'vitest';
import { type JsonObject, jsonObjectSchema } from '../../../domain/json.ts';
import { compareSchemas } from '../../../domain/registry/compare-schemas.ts';

function spec(properties: JsonObject, rest: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...rest } } };
}

function compare(before: JsonObject, after: JsonObject) {
  return compareSchemas(spec({ field: before }), spec({ field: after }));
}

/** Fifty definitions, each of which names the next one twice. */
function doublingDefinitions(leaf: string): JsonObject {
  return Object.fromEntries(
    Array.from({ length: 50 }, (_, index) => {
      const $ref = `#/$defs/d${index + 1}`;
      return [`d${index}`, index === 49 ? { type: leaf } : { properties: { a: { $ref }, b: { $ref } } }];
    }),
  );
}

describe('fields', () => {
  test('a schema is the same as itself, whatever is said of its fields and in which order', () => {
    const before = spec({ a: { type: 'string', description: 'old words' }, b: { type: 'number' } });
    const after = spec({ b: { type: 'number', title: 'B' }, a: { description: 'new words', type: 'string' } });
    expect(compareSchemas(before, after)).toEqual([]);
  });

  test('an added field breaks nothing, a removed one does', () => {
    const changes = compareSchemas(spec({ old: { type: 'string' } }), spec({ new: { type: 'string' } }));
    expect(changes).toEqual([
      { path: 'spec.new', change: 'fieldAdded', breaking: false },
      { path: 'spec.old', change: 'fieldRemoved', breaking: true },
    ]);
  });

  test('a removed field breaks nothing where unknown fields are kept', () => {
    const after = spec({}, { 'x-kubernetes-preserve-unknown-fields': true });
    expect(compareSchemas(spec({ old: { type: 'string' } }), after)).toEqual([
      { path: 'spec.old', change: 'fieldRemoved', breaking: false },
    ]);
  });

  test('a field that becomes required breaks, unless it has a default', () => {
    const properties = { a: { type: 'string' }, b: { type: 'string', default: 'x' } };
    const changes = compareSchemas(spec(properties, { required: [] }), spec(properties, { required: ['a', 'b'] }));
    expect(changes).toEqual([
      { path: 'spec.a', change: 'requiredAdded', breaking: true },
      { path: 'spec.b', change: 'requiredAdded', breaking: false },
    ]);
    expect(compareSchemas(spec(properties, { required: ['a'] }), spec(properties))).toEqual([
      { path: 'spec.a', change: 'requiredRemoved', breaking: false },
    ]);
  });

  test('items of lists and values of maps are compared under their own paths', () => {
    const ports = { type: 'array', items: { type: 'object', properties: { 'target port': { type: 'string' } } } };
    const labels = { type: 'object', additionalProperties: { type: 'string' } };
    const before = spec({ ports, labels });
    const after: unknown = JSON.parse(JSON.stringify(before).replaceAll('"string"', '"integer"'));
    expect(compareSchemas(before, jsonObjectSchema.parse(after)).map(({ path }) => path)).toEqual([
      'spec.labels.*',
      'spec.ports[]["target port"]',
    ]);
  });
});

describe('types', () => {
  test.each<readonly [string, JsonObject, JsonObject, boolean]>([
    ['another type breaks', { type: 'string' }, { type: 'integer' }, true],
    ['a wider number does not', { type: 'integer' }, { type: 'number' }, false],
    ['a narrower number does', { type: 'number' }, { type: 'integer' }, true],
    ['one more type does not', { type: 'string' }, { type: ['string', 'null'] }, false],
    ['null that is refused does', { type: 'string', nullable: true }, { type: 'string' }, true],
    ['a text that may be a number too does not', { type: 'string' }, { 'x-kubernetes-int-or-string': true }, false],
    ['any type from now on does not', { type: 'string' }, {}, false],
    ['one type of any does', {}, { type: 'string' }, true],
  ])('%s', (...[, before, after, breaking]) => {
    expect(compare(before, after)).toMatchObject([{ path: 'spec.field', change: 'typeChanged', breaking }]);
  });
});

describe('constraints', () => {
  test.each<readonly [string, JsonObject, JsonObject, string, boolean]>([
    ['a value less to choose from', { enum: ['a', 'b'] }, { enum: ['a'] }, 'constraintChanged', true],
    ['a value more to choose from', { enum: ['a'] }, { enum: ['b', 'a'] }, 'constraintChanged', false],
    ['a first list of values', {}, { enum: ['a'] }, 'constraintAdded', true],
    ['no list of values any more', { const: 'a' }, {}, 'constraintRemoved', false],
    ['a higher minimum', { minimum: 1 }, { minimum: 2 }, 'constraintChanged', true],
    ['a lower minimum', { minimum: 2 }, { minimum: 1 }, 'constraintChanged', false],
    ['a lower maximum', { maxLength: 9 }, { maxLength: 8 }, 'constraintChanged', true],
    ['a first maximum', {}, { maxItems: 8 }, 'constraintAdded', true],
    ['no maximum any more', { maxItems: 8 }, {}, 'constraintRemoved', false],
    ['another pattern', { pattern: '^a' }, { pattern: '^b' }, 'constraintChanged', true],
    ['a rule of CEL', {}, { 'x-kubernetes-validations': [{ rule: 'self > 1' }] }, 'constraintAdded', true],
    ['another default', { default: 1 }, { default: 2 }, 'defaultChanged', false],
    [
      'unknown fields refused',
      { additionalProperties: true },
      { additionalProperties: false },
      'constraintChanged',
      true,
    ],
    ['unknown fields accepted', { additionalProperties: false }, {}, 'constraintChanged', false],
  ])('%s', (...[, before, after, change, breaking]) => {
    expect(compare(before, after)).toMatchObject([{ change, breaking }]);
  });

  test('the words of a rule are no rule', () => {
    const [before, after] = ['more', 'more than one'].map((message) => ({
      'x-kubernetes-validations': [{ rule: 'self > 1', message }],
    }));
    expect(compare(before ?? {}, after ?? {})).toEqual([]);
  });
});

describe('references', () => {
  test('are followed in each of the two documents', () => {
    const properties = { spec: { $ref: '#/$defs/a~1b' } };
    const before = { properties, $defs: { 'a/b': { properties: { size: { type: 'string' } } } } };
    const after = { properties, $defs: { 'a/b': { properties: { size: { type: 'integer' } } } } };
    expect(compareSchemas(before, after)).toMatchObject([{ path: 'spec.size', change: 'typeChanged' }]);
  });

  test('that go round in a circle are followed once', () => {
    const $ref = '#/$defs/node';
    const children = { type: 'array', items: { $ref } };
    const before = { $ref, $defs: { node: { properties: { value: { type: 'string' }, children } } } };
    const after = { $ref, $defs: { node: { properties: { value: { type: 'integer' }, children } } } };
    expect(compareSchemas(before, after).map(({ path }) => path)).toEqual(['value']);
  });

  test('that double at every step do not double the work', () => {
    const before = { $ref: '#/$defs/d0', $defs: doublingDefinitions('string') };
    const after = { $ref: '#/$defs/d0', $defs: doublingDefinitions('integer') };
    expect(compareSchemas(before, after)).toHaveLength(1);
  });

  test('that lead nowhere, or to themselves, are no failure', () => {
    const schema = { properties: { a: { $ref: '#/nowhere' }, b: { $ref: '#/properties/b' }, c: { $ref: '#/%' } } };
    expect(compareSchemas(schema, structuredClone(schema))).toEqual([]);
  });
});
