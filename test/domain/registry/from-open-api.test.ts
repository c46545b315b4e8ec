import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { fromOpenApi } from '../../../domain/registry/from-open-api.ts';
import { compileComponentSchema } from '../../../infra/registry/component-schema.ts';

const kind = (name: string, group = 'example.org') => ({ group, version: 'v1', kind: name });
const prefix = '#/components/schemas/';

const schemas = {
  Boat: {
    type: 'object',
    description: 'A boat.',
    'x-kubernetes-group-version-kind': [kind('Boat')],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: `${prefix}ObjectMeta` },
      spec: { allOf: [{ $ref: `${prefix}BoatSpec` }], default: {} },
      status: { $ref: `${prefix}BoatStatus` },
    },
  },
  BoatSpec: { type: 'object', properties: { crew: { type: 'array', items: { $ref: `${prefix}Sailor` } } } },
  Sailor: {
    type: 'object',
    properties: { name: { type: 'string' }, pupils: { type: 'array', items: { $ref: `${prefix}Sailor` } } },
  },
  BoatStatus: { type: 'object' },
  ObjectMeta: { type: 'object' },
  BoatList: {
    type: 'object',
    'x-kubernetes-group-version-kind': [kind('BoatList')],
    properties: { items: {}, metadata: {} },
  },
  Review: { type: 'object', 'x-kubernetes-group-version-kind': [kind('Review')], properties: { metadata: {} } },
  DeleteOptions: {
    type: 'object',
    'x-kubernetes-group-version-kind': [kind('DeleteOptions'), kind('DeleteOptions', 'other')],
  },
} satisfies JsonObject;

const paths = {
  '/apis/example.org/v1/boats': { get: {} },
  '/apis/example.org/v1/namespaces/{namespace}/boats': { post: { 'x-kubernetes-group-version-kind': kind('Boat') } },
};

const document = (more: JsonObject = {}): JsonObject => ({ openapi: '3.0.0', components: { schemas }, ...more });

describe('an OpenAPI document', () => {
  test('gives the kinds that its paths create, with the parts of their schemas once', () => {
    const components = fromOpenApi(document({ paths }));
    expect(components).toMatchObject([
      { kind: 'Boat', apiVersion: 'example.org/v1', scope: 'namespaced', description: 'A boat.' },
    ]);
    expect(components[0]?.schema).toEqual({
      type: 'object',
      description: 'A boat.',
      'x-kubernetes-group-version-kind': [kind('Boat')],
      properties: { spec: { allOf: [{ $ref: '#/$defs/BoatSpec' }], default: {} } },
      $defs: {
        BoatSpec: { type: 'object', properties: { crew: { type: 'array', items: { $ref: '#/$defs/Sailor' } } } },
        Sailor: {
          type: 'object',
          properties: { name: { type: 'string' }, pupils: { type: 'array', items: { $ref: '#/$defs/Sailor' } } },
        },
      },
    });
  });

  test('that refers to itself gives schemas that compile and check', () => {
    const [boat] = fromOpenApi(document({ paths }));
    if (boat === undefined) throw new Error('no component');
    const { findings, check } = compileComponentSchema(boat);
    const object = { apiVersion: 'example.org/v1', kind: 'Boat', metadata: { name: 'a' } };
    expect(findings).toEqual([]);
    expect(check({ ...object, spec: { crew: [{ name: 'x', pupils: [{ name: 'y' }] }] } })).toEqual([]);
    expect(check({ ...object, spec: { crew: [{ pupils: [{ name: 1 }, { nam: 'y' }] }] } })).toHaveLength(2);
  });

  test('without paths gives all kinds that have metadata of their own and are no lists', () => {
    expect(fromOpenApi(document()).map((component) => component.kind)).toEqual(['Boat', 'Review']);
  });

  test('of version 2 keeps its schemas elsewhere', () => {
    const definitions: JsonObject = JSON.parse(JSON.stringify(schemas).replaceAll(prefix, '#/definitions/'));
    const [boat] = fromOpenApi({ swagger: '2.0', definitions, paths });
    expect(Object.keys(boat?.schema['$defs'] ?? {})).toEqual(['BoatSpec', 'Sailor']);
  });
});
