import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { designSchema, type Design } from '../../../domain/design.ts';
import { SlipwayError } from '../../../domain/errors.ts';
import { createDesignReader } from '../../../infra/design-source/design-reader.ts';
import { exportDesign } from '../../../infra/design-source/export-design.ts';

const reader = createDesignReader();

/** Texts that YAML readers take for something else when they stand bare. */
const traps = [
  'no',
  'Y',
  'on',
  '~',
  'null',
  '0x1',
  '1e3',
  '1e0_3',
  '012',
  '0o17',
  '1_000',
  '22:22',
  '2001-01-01',
  '.inf',
  '=',
  '<<',
  '- a',
  'a: b',
  '# x',
  '---',
  '...',
  ' a ',
  'a\nb',
  'a\n',
  '\n',
  '\t',
  '%a',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\u007f',
  '\u0000',
  '\ud83d\ude00',
  '\r\n',
];
const text = fc.oneof(fc.constantFrom(...traps), fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
const leaf = fc.oneof(
  text,
  fc.boolean(),
  fc.constant(null),
  fc.integer(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((number) => (Number.isSafeInteger(number) || !Number.isInteger(number) ? number + 0 : 1.5)),
);
const { body } = fc.letrec<{ readonly body: unknown }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('body'), { maxLength: 3 }),
    fc.dictionary(text, tie('body'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const names = fc.uniqueArray(fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/), { minLength: 1, maxLength: 5 });

const designs: fc.Arbitrary<Design> = names.chain((all) =>
  fc
    .record({
      name: fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name.trim() !== ''),
      description: fc.option(fc.string({ maxLength: 50 }), { nil: undefined }),
      components: fc.tuple(
        ...all.map((name, index) =>
          fc.record({
            name: fc.constant(name),
            dependsOn: fc
              .subarray(all.slice(0, index))
              .map((targets) => targets.map((component) => ({ component, state: 'exists' as const }))),
            object: fc.record({
              apiVersion: fc.constant('example.com/v1'),
              kind: fc.constant('Thing'),
              metadata: fc.record({ name: fc.constant(`object-${name}`), namespace: fc.constantFrom('shop', 'bank') }),
              spec: body,
            }),
          }),
        ),
      ),
    })
    .map((design) => designSchema.parse(JSON.parse(JSON.stringify(design)))),
);

describe('what is exported reads again as the same design', () => {
  test("in Slipway's format", async () => {
    await fc.assert(
      fc.asyncProperty(designs, async (design) => {
        const { design: again, findings } = await reader.readDesign({ text: exportDesign(design, 'slipway') });
        expect(findings.filter((finding) => finding.severity === 'error')).toEqual([]);
        expect(again).toEqual(design);
      }),
      { numRuns: 150 },
    );
  });

  test('as manifests, with component names and dependencies', async () => {
    await fc.assert(
      fc.asyncProperty(designs, async (design) => {
        const { design: again } = await reader.readDesign({ text: exportDesign(design, 'manifests') });
        expect(again?.components).toEqual(design.components);
      }),
      { numRuns: 150 },
    );
  });
});

test("manifests carry the design's namespace, where a kind has one", () => {
  const design = designSchema.parse({
    name: 'shop',
    namespace: 'shop',
    components: [
      { name: 'namespace-shop', object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } },
      { name: 'configmap-settings', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } } },
      { name: 'thing-a', object: { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' } } },
      {
        name: 'customresourcedefinition-things.example.com',
        object: {
          apiVersion: 'apiextensions.k8s.io/v1',
          kind: 'CustomResourceDefinition',
          metadata: { name: 'things.example.com' },
          spec: { group: 'example.com', scope: 'Cluster', names: { plural: 'things', kind: 'Thing' } },
        },
      },
    ],
  });
  expect(exportDesign(design, 'manifests').match(/^ {2}namespace: .*/gm)).toEqual(['  namespace: shop']);
});

test('what is no Kubernetes object cannot become a manifest', () => {
  const mesh = { apiVersion: 'core.meshmodel.dev/v1alpha1', kind: 'IstioMesh', metadata: { name: 'istio' } };
  const design = designSchema.parse({ name: 'mesh', components: [{ name: 'mesh', adapter: 'istio', object: mesh }] });
  expect(() => exportDesign(design, 'manifests')).toThrow(SlipwayError);
  expect(exportDesign(design, 'slipway')).toContain('adapter: istio');
});
