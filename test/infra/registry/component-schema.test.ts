import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type JsonObject, jsonObjectSchema } from '../../../domain/json.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { fromCrd } from '../../../domain/registry/from-crd.ts';
import { fromMesheryComponent } from '../../../domain/registry/from-meshery-component.ts';
import { compileComponentSchema, createSchemaCache } from '../../../infra/registry/component-schema.ts';
import { usablePattern } from '../../../infra/registry/schema-pattern.ts';
import { readDefinitions } from '../../../infra/model-source/definition-documents.ts';

const fixtures = 'test/fixtures/registry';

function kubernetes(properties: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...more } } };
}

function boat(spec: JsonObject): KubernetesObject {
  return { apiVersion: 'example.org/v1', kind: 'Boat', metadata: { name: 'one', namespace: 'sea' }, spec };
}

function problemsOf(schema: JsonObject, spec: JsonObject): readonly (readonly [string, string | undefined])[] {
  const { check } = compileComponentSchema({ schema, adapter: 'kubernetes' });
  return check(boat(spec)).map(({ code, path }) => [code, path]);
}

function codesOf(schema: JsonObject): readonly (readonly [string, string | undefined])[] {
  return compileComponentSchema({ schema, adapter: 'kubernetes' }).findings.map(({ code, path }) => [code, path]);
}

describe('a declaration', () => {
  const schema = kubernetes(
    {
      size: { type: 'integer', maximum: 10, exclusiveMinimum: true, minimum: 0 },
      port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      note: { type: 'string', nullable: true, enum: ['a', 'b'] },
      free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } },
      pod: { type: 'object', 'x-kubernetes-embedded-resource': true },
      labels: { type: 'object', additionalProperties: { type: 'string' } },
      'odd/name': {
        type: 'array',
        items: { type: 'object', properties: { a: { type: 'string', pattern: '^[a-z]+$' } } },
      },
      timeout: { type: 'string', format: 'duration' },
      area: { type: 'string', format: 'textarea' },
    },
    { required: ['size'] },
  );

  test.each<[string, JsonObject]>([
    ['all that the schema has', { size: 3, port: 'http', note: null, labels: { x: 'y' }, timeout: '1h30m' }],
    ['numbers for texts where either goes', { size: 1, port: 80 }],
    ['unknown fields where they are kept', { size: 1, free: { any: [1], known: 'x' }, pod: { kind: 'Pod' } }],
    ['anything where Meshery left only a text area', { size: 1, area: { any: 'thing' } }],
  ])('may have %s', (_what, spec) => {
    expect(problemsOf(schema, spec)).toEqual([]);
  });

  test.each<[string, JsonObject, readonly (readonly [string, string])[]]>([
    ['a wrong type', { size: 'three' }, [['object.invalidField', 'spec.size']]],
    ['a number out of bounds', { size: 11 }, [['object.invalidField', 'spec.size']]],
    ['an excluded bound', { size: 0 }, [['object.invalidField', 'spec.size']]],
    ['a missing field', {}, [['object.invalidField', 'spec']]],
    ['an unknown field', { size: 1, sice: 2 }, [['object.unknownField', 'spec.sice']]],
    ['a word outside of a list', { size: 1, note: 'c' }, [['object.invalidField', 'spec.note']]],
    ['a known field of a free object', { size: 1, free: { known: 1 } }, [['object.invalidField', 'spec.free.known']]],
    [
      'an item of a list',
      { size: 1, 'odd/name': [{}, { a: 'A' }] },
      [['object.invalidField', 'spec["odd/name"][1].a']],
    ],
  ])('with %s is told at its field, once', (_what, spec, expected) => {
    expect(problemsOf(schema, spec)).toEqual(expected);
  });

  test('is told without its values, which may be secret', () => {
    const { check } = compileComponentSchema({
      schema: kubernetes({ a: { type: 'integer' }, b: { enum: ['x'] } }),
      adapter: 'kubernetes',
    });
    expect(JSON.stringify(check(boat({ a: 'hunter2', b: 'hunter2', c: 'hunter2' })))).not.toContain('hunter2');
  });

  test('of a chart may have values that its schema does not know', () => {
    const { check } = compileComponentSchema({
      schema: kubernetes({ replicas: { type: 'integer' } }),
      adapter: 'helm',
    });
    expect(check(boat({ replicas: 1, extra: true }))).toEqual([]);
    expect(check(boat({ replicas: 'x' }))).toHaveLength(1);
  });
});

function operatorFile(file: string) {
  return readDefinitions(readFileSync(`${fixtures}/meshery__meshery-operator/config/${file}`), file).documents;
}

function nested(levels: number): JsonObject {
  let schema: JsonObject = { type: 'string' };
  for (let level = 0; level < levels; level += 1) schema = { properties: { a: schema } };
  return schema;
}

describe('a schema', () => {
  test.each(
    [
      ...globSync(`${fixtures}/meshery__meshery/models/**/components/*.json`),
      ...globSync(`${fixtures}/meshery__meshkit/generators/**/*.json`),
      ...globSync(`${fixtures}/*/meshmodel/components/**/*.json`),
      ...globSync(`${fixtures}/meshery__meshery-operator/config/crd/bases/*.yaml`),
    ].toSorted(),
  )('of the field compiles: %s', (file) => {
    const { documents } = readDefinitions(readFileSync(file), file);
    const components = documents.flatMap((document) =>
      file.endsWith('.yaml') ? fromCrd(document).components : (fromMesheryComponent(document).definition ?? []),
    );
    expect(components.length).toBeGreaterThan(0);
    expect(components.flatMap((component) => compileComponentSchema(component).findings)).toEqual([]);
  });

  test('lets the operator’s own sample through', () => {
    const [crd] = operatorFile('crd/bases/meshery.io_brokers.yaml');
    const [sample] = operatorFile('samples/meshery_v1alpha1_broker.yaml');
    const value = jsonObjectSchema.parse(sample?.value);
    const component =
      crd === undefined
        ? undefined
        : fromCrd(crd).components.find(({ apiVersion }) => apiVersion === value['apiVersion']);
    if (component === undefined) throw new Error('the sample has no kind');
    const broker = { ...boat({}), ...value, metadata: { name: 'broker' } } as const;
    expect(compileComponentSchema(component).check({ ...broker, kind: 'Broker' })).toEqual([]);
  });

  test('with shared and recursive parts is followed', () => {
    const schema: JsonObject = {
      ...kubernetes({ tree: { $ref: '#/$defs/node' } }),
      $defs: {
        node: {
          type: 'object',
          properties: { name: { type: 'string' }, nodes: { type: 'array', items: { $ref: '#/$defs/node' } } },
        },
      },
    };
    expect(codesOf(schema)).toEqual([]);
    expect(problemsOf(schema, { tree: { nodes: [{ nodes: [{ name: 1 }] }] } })).toEqual([
      ['object.invalidField', 'spec.tree.nodes[0].nodes[0].name'],
    ]);
  });

  test.each<[string, JsonObject, readonly (readonly [string, string])[]]>([
    [
      'a reference to nowhere',
      { a: { $ref: '#/$defs/none' } },
      [['schema.missingReference', 'properties.spec.properties.a.$ref']],
    ],
    [
      'a reference to another file',
      { a: { $ref: 'https://example.org/x' } },
      [['schema.missingReference', 'properties.spec.properties.a.$ref']],
    ],
    [
      'a circle',
      { a: { allOf: [{ $ref: '#/properties/spec/properties/a' }] } },
      [['schema.circularReference', 'properties.spec.properties.a.allOf[0].$ref']],
    ],
    [
      'a pattern that is none',
      { a: { type: 'string', pattern: '(' } },
      [['schema.pattern', 'properties.spec.properties.a.pattern']],
    ],
    [
      'a pattern that explodes',
      { a: { type: 'string', pattern: '^(a+)+$' } },
      [['schema.slowPattern', 'properties.spec.properties.a.pattern']],
    ],
    [
      'keywords of the wrong type',
      { a: { type: 'strin', required: 'b', minLength: '1' } },
      [
        ['schema.keyword', 'properties.spec.properties.a.type'],
        ['schema.keyword', 'properties.spec.properties.a.required'],
        ['schema.keyword', 'properties.spec.properties.a.minLength'],
      ],
    ],
    ['what is no schema', { a: 'string' }, [['schema.keyword', 'properties.spec.properties.a']]],
  ])('with %s says so, and checks nothing wrongly', (_what, properties, expected) => {
    expect(codesOf(kubernetes(properties))).toEqual(expected);
    expect(problemsOf(kubernetes(properties), { a: 'x' })).toEqual([]);
  });

  test('that is thousands deep is refused', () => {
    expect(codesOf(nested(20_000))).toEqual([['schema.tooDeep', undefined]]);
    expect(codesOf(nested(60))).toEqual([]);
  });
});

describe('a pattern', () => {
  test.each([
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$',
    '^([0-9]+(h|m|s|ms)){1,4}$',
    '^https?://[^\\s/$.?#].[^\\s]*$',
    '^(?:[a-z]+/)?[a-z]+$',
  ])('of the field is used: %s', (pattern) => {
    expect(usablePattern(pattern)).toEqual({ pattern });
  });

  test.each(['(a+)+', '(a|a)*b', '([a-z]+)*$', '(a*)*', '([a-z]*[0-9]*)+', 'a*a*b', '(x[a-z]+y?)+'])(
    'that could take forever is not: %s',
    (pattern) => {
      expect(usablePattern(pattern)).toEqual({ problem: 'slow' });
    },
  );

  test.each([
    ['^(?P<name>[a-z])$', '^(?<name>[a-z])$'],
    ['^[[:alnum:]]$', '^[A-Za-z0-9]$'],
    ['^\\_$', '^_$'],
    ['\\Aa\\z', '^a$'],
  ])('of Go is put into JavaScript: %s', (go, javascript) => {
    expect(usablePattern(go)).toEqual({ pattern: javascript });
  });
});

test('compiled schemas are kept, the ones that were used last', () => {
  const cache = createSchemaCache(2);
  let compiled = 0;
  const definition = () => {
    compiled += 1;
    return { schema: {}, adapter: 'kubernetes' } as const;
  };
  for (const digest of ['a', 'b', 'a', 'c', 'a', 'b']) cache.compiled(digest, definition);
  expect(compiled).toBe(4);
});
