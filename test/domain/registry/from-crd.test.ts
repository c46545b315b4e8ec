import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { SourceDocument } from '../../../domain/design/source-document.ts';
import { jsonObjectSchema, type JsonObject } from '../../../domain/json.ts';
import { componentKey } from '../../../domain/registry/component-definition.ts';
import { bodySchema, fromCrd } from '../../../domain/registry/from-crd.ts';
import { checkStructuralSchema } from '../../../domain/registry/structural-schema.ts';
import { readYaml } from '../../../infra/design-source/yaml-documents.ts';

const base = 'test/fixtures/registry/meshery__meshery-operator/config/crd/bases';

function documentOf(text: string): SourceDocument {
  const [document] = readYaml({ text, file: 'crd.yaml' }).documents;
  if (document === undefined) throw new Error('no document');
  return document;
}

const v1 = (rest: string): SourceDocument =>
  documentOf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Boat, plural: boats, shortNames: [bt]}
  versions:
${rest}`);

const version = (name: string, more: string): string =>
  `  - {name: ${name}, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}, ${more}}`.replace(
    more.includes('storage') ? 'storage: false, ' : '',
    '',
  );

describe('a CustomResourceDefinition', () => {
  test("becomes a component with the operator's own schema, without the fields that every object has", () => {
    const { components, findings } = fromCrd(documentOf(readFileSync(`${base}/meshery.io_brokers.yaml`, 'utf8')));
    expect(findings).toEqual([]);
    expect(components.map(componentKey)).toEqual(['Broker@meshery.io/v1alpha1', 'Broker@meshery.io/v1alpha2']);
    const broker = components.find(({ metadata }) => metadata['storage'] === true);
    expect(broker).toMatchObject({
      kind: 'Broker',
      apiVersion: 'meshery.io/v1alpha2',
      displayName: 'Broker',
      description: 'Broker is the Schema for the brokers API',
      scope: 'namespaced',
      adapter: 'kubernetes',
      metadata: { plural: 'brokers', shortNames: ['br'], categories: ['meshery'], storage: true, served: true },
    });
    expect(Object.keys(jsonObjectSchema.parse(broker?.schema['properties']))).toEqual(['spec']);
  });

  test('gives one component for each served version and says which one is stored', () => {
    const { components } = fromCrd(
      v1(
        [
          version('v1alpha1', 'served: false').replace('served: true, ', ''),
          version('v1beta1', 'deprecated: true, deprecationWarning: use v1'),
          version('v1', 'storage: true'),
        ].join('\n'),
      ),
    );
    expect(
      components.map(({ apiVersion, metadata }) => [apiVersion, metadata['storage'], metadata['deprecated']]),
    ).toEqual([
      ['example.org/v1beta1', false, true],
      ['example.org/v1', true, undefined],
    ]);
  });

  test('of v1beta1 has one version and one schema for all', () => {
    const { components, findings } = fromCrd(
      documentOf(`apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: boats.example.org}
spec:
  group: example.org
  version: v1alpha2
  names: {kind: Boat, plural: boats}
  scope: Cluster
  validation: {openAPIV3Schema: {properties: {spec: {required: [sails], properties: {sails: {type: integer}}}}}}
`),
    );
    expect(findings).toEqual([]);
    expect(components).toMatchObject([
      {
        apiVersion: 'example.org/v1alpha2',
        scope: 'cluster',
        schema: { properties: { spec: { required: ['sails'], properties: { sails: { type: 'integer' } } } } },
      },
    ]);
  });

  test('without a schema takes anything', () => {
    const { components } = fromCrd(
      documentOf(
        'apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: as.b.c}\nspec: {group: b.c, version: v1, names: {kind: A, plural: as}}',
      ),
    );
    expect(components[0]?.schema).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  });

  test('with several mistakes names all of them with their places, and gives nothing', () => {
    const { components, findings } = fromCrd(
      documentOf(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: wrong
spec:
  group: example.org
  scope: Everywhere
  names: {kind: Boat, plural: boats}
  versions:
  - name: V1
    served: true
    storage: false
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            properties:
              any: {}
`),
    );
    expect(components).toEqual([]);
    expect(findings.map(({ path, line }) => [path, line])).toEqual([
      ['metadata.name', 4],
      ['spec.scope', 7],
      ['spec.versions', 9],
      ['spec.versions[0].name', 10],
      ['spec.versions[0].schema.openAPIV3Schema.properties.spec', 17],
      ['spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.any', 19],
    ]);
  });
});

describe('the schema of a declaration', () => {
  test('does not ask for fields that are not its own', () => {
    const schema: JsonObject = {
      type: 'object',
      required: ['metadata', 'spec'],
      properties: { apiVersion: { type: 'string' }, spec: { type: 'object' }, status: { type: 'object' } },
    };
    expect(bodySchema(schema)).toEqual({
      type: 'object',
      required: ['spec'],
      properties: { spec: { type: 'object' } },
    });
  });
});

const messagesOf = (schema: string): readonly (string | undefined)[] =>
  fromCrd(
    v1(`  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: ${schema}`),
  ).findings.map(({ message }) => message);

describe('a schema that is not structural', () => {
  test.each([
    ['{type: array}', 'A list needs one schema for its items.'],
    ['{type: object, additionalProperties: false}', 'additionalProperties cannot be false here.'],
    [
      '{type: object, additionalProperties: {type: string}, properties: {a: {type: string}}}',
      'properties and additionalProperties exclude each other.',
    ],
    ['{type: array, uniqueItems: true, items: {type: string}}', 'uniqueItems cannot be true.'],
    ['{type: object, $ref: "#/definitions/a"}', '"$ref" is not accepted in the schema of a CustomResourceDefinition.'],
    ['{type: thing}', '"thing" is no type of a schema.'],
    [
      '{type: integer, x-kubernetes-int-or-string: true}',
      'What is a number or a text has no type beside x-kubernetes-int-or-string.',
    ],
    [
      '{type: object, properties: {a: {type: string}}, anyOf: [{properties: {a: {type: string}}}]}',
      '"type" cannot stand inside allOf, anyOf, oneOf or not.',
    ],
    [
      '{type: object, properties: {a: {type: string}}, not: {properties: {b: {minLength: 1}}}}',
      '"b" is restricted here but the schema around it does not have it.',
    ],
    ['{type: string, pattern: "("}', 'The pattern is no regular expression of Kubernetes: a "(" is not closed.'],
    [
      '{type: string, anyOf: [{pattern: "^(?!a)"}]}',
      'The pattern is no regular expression of Kubernetes: it looks ahead or behind.',
    ],
  ])('%s is refused', (schema, message) => {
    expect(messagesOf(schema)).toEqual([message]);
  });

  test.each([
    '{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}',
    '{x-kubernetes-int-or-string: true, allOf: [{anyOf: [{type: integer}, {type: string}]}, {pattern: "^a$"}]}',
    '{x-kubernetes-preserve-unknown-fields: true}',
    '{type: object, properties: {a: {type: string}}, oneOf: [{required: [a]}, {not: {required: [a]}}]}',
  ])('%s is accepted', (schema) => {
    expect(messagesOf(schema)).toEqual([]);
  });

  test('beyond 64 levels is refused without reading on', () => {
    const nested = (levels: number): JsonObject =>
      levels === 0 ? { type: 'string' } : { type: 'object', properties: { a: nested(levels - 1) } };
    const document = { value: null, locate: () => undefined };
    expect(checkStructuralSchema(nested(64), { document, path: [] })).toEqual([]);
    expect(checkStructuralSchema(nested(5_000), { document, path: [] })).toMatchObject([
      { severity: 'error', message: 'The schema has more than 64 levels.' },
    ]);
  });
});
