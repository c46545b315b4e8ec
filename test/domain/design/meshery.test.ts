import { describe, expect, test } from 'vitest';
import { codesOf, convert } from './source.ts';

const entry = (displayName: string, fields: object = {}) => ({
  displayName,
  component: { kind: 'ConfigMap', version: 'v1' },
  configuration: { metadata: { namespace: 'shop' } },
  ...fields,
});
const design = (components: readonly unknown[], fields: object = {}) => ({
  name: 'shop',
  schemaVersion: 'designs.meshery.io/v1beta1',
  components,
  ...fields,
});
const pattern = (services: Readonly<Record<string, object>>) => ({ name: 'shop', services });
const objects = (source: unknown) => convert(source).design?.components.map((component) => component.object);
const dependencies = (source: unknown) =>
  convert(source).design?.components.map((component) => component.dependsOn.map((dependency) => dependency.component));

describe('designs with components', () => {
  test('the object is named after displayName, and after its metadata only where that is no name', () => {
    expect(
      objects(design([entry('a'), entry('Config Map', { configuration: { metadata: { name: 'b' } } })]))?.map(
        ({ metadata }) => metadata.name,
      ),
    ).toEqual(['a', 'b']);
    expect(codesOf(design([entry('a', { configuration: { metadata: { name: 'b' } } })]))).toEqual(['meshery.twoNames']);
  });

  test.each([
    ['in metadata', { metadata: { isAnnotation: true } }],
    ['as Go spells it', { metadata: { additionalproperties: { isannotation: true } } }],
    ['by its model', { model: { name: 'meshery-shapes' } }],
  ])('what is only drawn is left out: %s', (_name, fields) => {
    expect(codesOf(design([entry('a', fields)]))).toContain('meshery.annotations');
    expect(objects(design([entry('a', fields)]))).toEqual([]);
  });

  test('dependencies are by id or by name, and go with what is left out', () => {
    const id = '3a7cbdf2-110b-4334-b3e3-a91ec4319bb7';
    const source = design([
      entry('a', { id }),
      entry('b', { metadata: { dependsOn: [id, 'a', 'note'] } }),
      entry('note', { metadata: { isAnnotation: true, dependsOn: ['a'] } }),
      entry('c', { metadata: { additionalproperties: { dependsOn: ['b'] } } }),
    ]);
    expect(dependencies(source)).toEqual([[], ['configmap-a'], ['configmap-b']]);
  });

  test('a name that two components have is ambiguous', () => {
    const secret = { component: { kind: 'Secret', version: 'v1' } };
    expect(codesOf(design([entry('a'), entry('a', secret), entry('b', { metadata: { dependsOn: ['a'] } })]))).toEqual([
      'design.ambiguousDependency',
    ]);
  });

  test('the zero id is no id', () => {
    const id = '00000000-0000-0000-0000-000000000000';
    expect(codesOf(design([entry('a', { id }), entry('b', { id, metadata: { dependsOn: [id] } })]))).toEqual([
      'design.unknownDependency',
    ]);
  });

  test('keys lose their spaces, but not those that people choose, and no value does', () => {
    const configuration = {
      metadata: { labels: { tier: 'a' }, annotations: { 'my Note': 'a b' } },
      data: { 'my Key': 'If Not Present' },
    };
    const [object] =
      objects(
        design([
          entry('a', {
            component: { kind: 'Thing', version: 'example.com/v1' },
            configuration: {
              ...configuration,
              metadata: { labels: { tier: 'a' } },
              spec: { 'image Pull Policy': 'If Not Present', 'match Labels': { 'a b': 'c' } },
            },
          }),
        ]),
      ) ?? [];
    expect(object).toMatchObject({
      data: configuration.data,
      spec: { imagePullPolicy: 'If Not Present', matchLabels: { 'a b': 'c' } },
    });
  });

  test('a word of a fixed list that was spaced out is told', () => {
    const configuration = { spec: { containers: [{ name: 'a', 'image Pull Policy': 'If Not Present' }] } };
    expect(codesOf(design([entry('a', { component: { kind: 'Pod', version: 'v1' }, configuration })]))).toEqual([
      'meshery.spacedValue',
    ]);
  });

  test('a namespace on what has none, and an empty one, are left out without a word', () => {
    const source = design([
      entry('a', { component: { kind: 'Namespace', version: 'v1' } }),
      entry('b', { configuration: { metadata: { namespace: '' } } }),
    ]);
    expect(codesOf(source)).toEqual([]);
    expect(objects(source)?.map(({ metadata }) => metadata)).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  test('a design without a name or components is kept and told', () => {
    expect(codesOf(design([], { name: '' }))).toEqual(['design.empty', 'design.unnamed']);
    expect(convert(design([], { name: '' })).design?.name).toBe('design');
  });

  test('the model of a component is kept', () => {
    const { design: converted } = convert(
      design([entry('a', { modelReference: { name: 'kubernetes', model: { version: 'v1.32.0' } } })]),
    );
    expect(converted?.components[0]?.model).toEqual({ name: 'kubernetes', version: 'v1.32.0' });
  });
});

describe('patterns with services', () => {
  test('every spelling of the fields and of the type', () => {
    const source = pattern({
      a: { type: 'ConfigMap.K8s', namespace: 'shop', dependson: ['b'], id: null },
      b: { type: 'Secret', apiversion: 'v1', isannotation: false },
      c: { type: 'VirtualService.Istio', settings: { hosts: ['a'], name: 'c', namespace: 'shop' } },
      d: {
        type: 'ConfigMap',
        annotations: { 'pattern.meshery.io.k8s.k8sAPIVersion': 'v1' },
        settings: { data: { e: 'f' } },
      },
    });
    expect(objects(source)).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'shop' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } },
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'VirtualService',
        metadata: { name: 'c', namespace: 'shop' },
        spec: { hosts: ['a'] },
      },
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'd' }, data: { e: 'f' } },
    ]);
    expect(dependencies(source)?.[0]).toEqual(['secret-b']);
  });

  test('references are written out, one after another', () => {
    const source = pattern({
      a: {
        type: 'ConfigMap',
        namespace: 'shop',
        settings: { data: { host: '$(#ref.services.b.settings.data.host):80' } },
      },
      b: {
        type: 'ConfigMap',
        namespace: '$(#ref.services.a.namespace)',
        settings: { data: { host: 'web' } },
        dependsOn: ['$(#ref.services.a.id)'],
      },
    });
    expect(objects(source)).toMatchObject([{ data: { host: 'web:80' } }, { metadata: { namespace: 'shop' } }]);
    expect(dependencies(source)).toEqual([[], ['configmap-a']]);
  });

  test.each([
    ['leads nowhere', '$(#ref.services.gone.id)'],
    ['leads to itself', '$(#ref.services.a.settings.data.x)'],
    ['multiplies', '$(#ref.services.a.settings.data.x)$(#ref.services.a.settings.data.x)'],
  ])('a reference that %s is an error', (_name, x) => {
    expect(codesOf(pattern({ a: { type: 'ConfigMap', settings: { data: { x } } } }))).toEqual([
      'meshery.unresolvedReference',
    ]);
  });

  test('traits mean something on a mesh only', () => {
    const traits = { mTLS: { policy: 'strict' }, meshmap: { id: 'x' } };
    expect(
      objects(pattern({ a: { type: 'IstioMesh', version: '1.20', settings: { profile: 'demo' }, traits } })),
    ).toMatchObject([
      { kind: 'IstioMesh', spec: { version: '1.20', profile: 'demo', traits: { mTLS: { policy: 'strict' } } } },
    ]);
    expect(codesOf(pattern({ a: { type: 'ConfigMap', traits } }))).toEqual(['meshery.ignoredTraits']);
  });

  test.each([
    ['no type', {}, 'meshery.missingKind'],
    ['a type that nobody knows', { type: 'Gadget' }, 'meshery.unknownType'],
    ['a mesh that no adapter brings', { type: 'LinkerdMesh' }, 'design.noAdapter'],
    ['another file', { type: '$(#use https://example.com/a.yaml)' }, 'meshery.unsupportedImport'],
  ])('a service with %s is an error', (_name, service, code) => {
    expect(codesOf(pattern({ a: { type: 'ConfigMap' }, b: service }))).toEqual([code]);
  });
});
