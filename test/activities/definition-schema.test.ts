import { expect, test } from 'vitest';
import { checkAgainstDefinitions } from '../../activities/adapters/kubernetes/checks/definition-schema.ts';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';

const definition: KubernetesObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget', plural: 'widgets' },
    versions: [
      {
        name: 'v1',
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', maximum: 10 },
                  port: { 'x-kubernetes-int-or-string': true },
                  note: { type: 'string', nullable: true },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  labels: { type: 'object', additionalProperties: { type: 'string' } },
                },
              },
            },
          },
        },
      },
    ],
  },
};

function problemsOf(spec: KubernetesObject['metadata'][string]): readonly (string | undefined)[] {
  const widget = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'one', namespace: 'default' },
    spec,
  };
  return checkAgainstDefinitions([definition, widget]).map(({ path }) => path);
}

test('a custom resource that fits the definition of its design is fine', () => {
  const spec = { size: 3, port: 'http', note: null, free: { any: { thing: 1 } }, labels: { a: 'b' } };
  expect(problemsOf(spec)).toEqual([]);
  expect(problemsOf({ size: 3, port: 80 })).toEqual([]);
});

test.each([
  ['a wrong type', { size: 'three' }, 'spec.size'],
  ['a value out of bounds', { size: 11 }, 'spec.size'],
  ['a missing field', { port: 80 }, 'spec'],
  ['an unknown field', { size: 1, sice: 1 }, 'spec.sice'],
  ['a wrong type in a map', { size: 1, labels: { a: 1 } }, 'spec.labels.a'],
])('%s is found at its place', (_title, spec, path) => {
  expect(problemsOf(spec)).toContain(path);
});

test('kinds that the design does not define are left to the server', () => {
  const other = { apiVersion: 'other.example.com/v1', kind: 'Widget', metadata: { name: 'one' }, spec: { size: 'x' } };
  expect(checkAgainstDefinitions([definition, other])).toEqual([]);
});
