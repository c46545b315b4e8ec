import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareDesigns } from '../../../domain/design/compare-designs.ts';
import { designLimits } from '../../../domain/design/limits.ts';
import { designJsonSchema } from '../../../domain/design/slipway-source.ts';
import { designSchema } from '../../../domain/design.ts';
import { codesOf, convert } from './source.ts';

const object = (name: string, kind = 'ConfigMap', namespace?: string) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

const slipway = (components: readonly unknown[], spec: object = {}) => ({
  apiVersion: 'slipway.dev/v1',
  kind: 'Design',
  metadata: { name: 'shop' },
  spec: { ...spec, components },
});

const component = (name: string, fields: object = {}) => ({ name, object: object(name), ...fields });

const annotated = (name: string, annotations: object) => ({ ...object(name), metadata: { name, annotations } });

describe("Slipway's format", () => {
  test('gives an object without a name its component’s', () => {
    const { design } = convert(slipway([{ name: 'web', object: { apiVersion: 'v1', kind: 'Pod' } }]));
    expect(design?.components[0]?.object.metadata.name).toBe('web');
  });

  test('takes a dependency as a name or with a state', () => {
    const { design } = convert(
      slipway([
        component('a'),
        component('b', { dependsOn: ['a'] }),
        component('c', { dependsOn: [{ component: 'a', state: 'exists' }] }),
      ]),
    );
    expect(design?.components.map(({ dependsOn }) => dependsOn)).toEqual([
      [],
      [{ component: 'a', state: 'ready' }],
      [{ component: 'a', state: 'exists' }],
    ]);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['an unknown field', { ...slipway([]), extra: 1 }, ['design.unknownField']],
    ['an unknown field of a component', slipway([component('a', { dependson: [] })]), ['design.unknownField']],
    [
      'no metadata',
      { apiVersion: 'slipway.dev/v1', kind: 'Design', spec: { components: [component('a')] } },
      ['design.missingField'],
    ],
    ['no components', { ...slipway([]), spec: {} }, ['design.missingField']],
    ['another kind', { ...slipway([component('a')]), kind: 'Desing' }, ['design.invalidField']],
    ['another version', { ...slipway([component('a')]), apiVersion: 'slipway.dev/v9' }, ['design.invalidField']],
    ['a component without an object', slipway([{ name: 'a' }]), ['object.notAnObject']],
    ['a component without a name', slipway([{ object: object('a') }]), ['design.missingField']],
    ['an invalid component name', slipway([component('a', { name: 'A b' })]), ['design.invalidField']],
    [
      'an unknown state',
      slipway([component('a'), component('b', { dependsOn: [{ component: 'a', state: 'done' }] })]),
      ['design.invalidField'],
    ],
    ['an invalid namespace', slipway([component('a')], { namespace: '' }), ['design.invalidNamespace']],
    [
      'two components of one name',
      slipway([component('a'), component('a', { object: object('b') })]),
      ['design.duplicateComponent'],
    ],
    [
      'two components for one object',
      slipway([component('a'), component('b', { object: object('a') })]),
      ['design.duplicateObject'],
    ],
    [
      'one object with and without its namespace',
      slipway([component('a'), component('b', { object: object('a', 'ConfigMap', 'shop') })], { namespace: 'shop' }),
      ['design.duplicateObject'],
    ],
    ['a dependency on nothing', slipway([component('a', { dependsOn: ['b'] })]), ['design.unknownDependency']],
    ['a dependency on itself', slipway([component('a', { dependsOn: ['a'] })]), ['design.selfDependency']],
    ['a component for another adapter', slipway([component('a', { adapter: 'istio' })]), ['design.adapterMissing']],
    ['no component at all', slipway([]), ['design.empty']],
  ])('finds %s', (_name, source, codes) => {
    expect(codesOf(source)).toEqual(codes);
  });

  test('gives all findings at once and no design', () => {
    const { design, findings } = convert(
      slipway([component('a', { dependsOn: ['x', 'a'], extra: 1 }), { name: 'a', object: { kind: 'Pod' } }]),
    );
    expect(design).toBeUndefined();
    expect(new Set(findings.map(({ code }) => code))).toEqual(
      new Set([
        'design.unknownField',
        'object.missingApiVersion',
        'design.duplicateComponent',
        'design.unknownDependency',
        'design.ambiguousDependency',
      ]),
    );
  });

  test('says what an unknown field may have meant', () => {
    expect(convert(slipway([component('a', { dependson: [] })])).findings[0]).toMatchObject({
      path: 'spec.components[0].dependson',
      message: expect.stringContaining('"dependsOn"'),
    });
  });

  test('its published schema is current', () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL('../../../docs/design.schema.json', import.meta.url), 'utf8'),
    );
    expect(published).toEqual(JSON.parse(JSON.stringify(designJsonSchema())));
  });
});

describe('manifests', () => {
  test('lists of every kind are opened', () => {
    const { design } = convert(
      {
        apiVersion: 'v1',
        kind: 'List',
        items: [object('a'), { apiVersion: 'v1', kind: 'List', items: [object('b')] }],
      },
      { apiVersion: 'v1', kind: 'SecretList', items: [{ metadata: { name: 'c' } }] },
      [object('d')],
    );
    expect(design?.components.map(({ name }) => name)).toEqual([
      'configmap-a',
      'configmap-b',
      'secret-c',
      'configmap-d',
    ]);
  });

  test('names tell the same kind and name apart by namespace and by group', () => {
    const { design } = convert(
      object('a', 'ConfigMap', 'x'),
      object('a', 'ConfigMap', 'y'),
      { ...object('b', 'Ingress'), apiVersion: 'networking.k8s.io/v1' },
      { ...object('b', 'Ingress'), apiVersion: 'example.com/v1' },
    );
    expect(design?.components.map(({ name }) => name)).toEqual([
      'configmap-a-x',
      'configmap-a-y',
      'ingress-b-networking.k8s.io',
      'ingress-b-example.com',
    ]);
  });

  test('annotations keep names and dependencies, and go again', () => {
    const { design } = convert(
      annotated('a', { 'slipway.dev/component': 'first' }),
      annotated('b', { 'slipway.dev/depends-on': 'first=exists', kept: 'yes' }),
    );
    expect(design?.components).toMatchObject([
      { name: 'first', object: { metadata: { name: 'a' } } },
      {
        dependsOn: [{ component: 'first', state: 'exists' }],
        object: { metadata: { name: 'b', annotations: { kept: 'yes' } } },
      },
    ]);
    expect(design?.components[0]?.object.metadata.annotations).toBeUndefined();
  });

  test('more components than the limit are refused', () => {
    const items = Array.from({ length: designLimits.components + 1 }, (_, index) => object(`a${index}`));
    expect(codesOf({ apiVersion: 'v1', kind: 'List', items })).toEqual(['design.tooManyComponents']);
  });
});

test.each<[string, readonly unknown[], readonly string[]]>([
  ['a Helm chart', [{ apiVersion: 'v2', name: 'shop', version: '1.0.0' }], ['format.helmChart']],
  ['plain text', ['hello'], ['format.text']],
  ['some other YAML', [{ hello: 'world' }], ['format.unknown']],
  ['two designs', [slipway([]), slipway([])], ['format.severalDesigns']],
  ['a design among manifests', [slipway([]), object('a')], ['format.mixed']],
  [
    'manifests of which one lacks everything',
    [object('a'), { hello: 'world' }],
    ['object.missingApiVersion', 'object.missingKind', 'object.missingName'],
  ],
])('%s is told to be that', (_name, values, codes) => {
  expect(codesOf(...values)).toEqual(codes);
});

const designOf = (components: readonly unknown[], name = 'shop') => designSchema.parse({ name, components });

const withOrder = (names: readonly string[]) =>
  designOf([component('a', { dependsOn: names.map((name) => ({ component: name })) })]);

const secret = (value: string) =>
  designOf([{ name: 'a', object: { ...object('a', 'Secret'), stringData: { key: value } } }]);

describe('comparing designs', () => {
  test('gives what came, what went and which fields changed', () => {
    const before = designOf([
      component('a'),
      component('b'),
      { name: 'c', object: { ...object('c'), data: { x: '1' } } },
    ]);
    const after = designOf(
      [
        component('a', { dependsOn: [{ component: 'd' }] }),
        { name: 'c', object: { ...object('c'), data: { x: '2' } } },
        component('d'),
      ],
      'store',
    );
    expect(compareDesigns(before, after)).toEqual({
      added: ['d'],
      removed: ['b'],
      changed: [
        { component: 'a', changes: [{ path: 'dependsOn[0]', after: { component: 'd', state: 'ready' } }] },
        { component: 'c', changes: [{ path: 'object.data.x', before: '1', after: '2' }] },
      ],
      design: [{ path: 'name', before: 'shop', after: 'store' }],
    });
  });

  test('the order of dependencies is no change', () => {
    expect(compareDesigns(withOrder(['x', 'y']), withOrder(['y', 'x'])).changed).toEqual([]);
  });

  test('tells that a Secret changed, not what it holds', () => {
    const comparison = compareDesigns(secret('old-value'), secret('new-value'));
    expect(comparison.changed[0]?.changes).toHaveLength(1);
    expect(JSON.stringify(comparison)).not.toMatch(/old-value|new-value/);
  });
});
