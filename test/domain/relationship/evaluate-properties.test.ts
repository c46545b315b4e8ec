import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Component } from '../../../domain/design.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { evaluateRelationships } from '../../../domain/relationship/evaluate.ts';
import type { RegisteredRelationship } from '../../../domain/relationship/rules.ts';
import { relationship } from './relationships.ts';

/** Many runs each: only a hang is an error, on a busy machine too. */
vi.setConfig({ testTimeout: 120_000 });

const kinds = ['Alpha', 'Beta', 'Gamma'];
const names = ['a', 'b', 'c'];
const word = fc.constantFrom(...names, '');

const kind = fc.constantFrom(...kinds);
/** Fields that the components below may have, begun or whole. */
const paths = [
  ['configuration', 'spec', 'ref', 'name'],
  ['configuration', 'spec', 'colour'],
  ['configuration', 'spec', 'items', '_', 'name'],
  ['configuration', 'spec', 'items', '0', 'size'],
  ['configuration', 'spec', 'selector'],
  ['configuration', 'metadata', 'labels'],
  ['configuration', 'metadata', 'namespace'],
];
const givers = [['displayName'], ['component', 'kind'], ...paths];

const pairs = fc.array(fc.record({ giver: fc.constantFrom(...givers), taker: fc.constantFrom(...paths) }), {
  minLength: 1,
  maxLength: 3,
});
const anyKind = fc.oneof(kind, fc.constant('*'));

const set = fc
  .record({
    from: anyKind,
    to: anyKind,
    pairs,
    turned: fc.boolean(),
    deny: fc.option(fc.record({ from: anyKind, to: anyKind }), { nil: undefined, freq: 3 }),
  })
  .map(({ from, to, pairs: fields, turned, deny }) => {
    const giving = { patch: { mutatorRef: fields.map(({ giver }) => giver) } };
    const taking = { patch: { mutatedRef: fields.map(({ taker }) => taker) } };
    const [first, second] = turned ? [taking, giving] : [giving, taking];
    return {
      allow: { from: [{ kind: from, ...first }], to: [{ kind: to, ...second }] },
      ...(deny === undefined ? {} : { deny: { from: [{ kind: deny.from }], to: [{ kind: deny.to }] } }),
    };
  });

const relationships: fc.Arbitrary<readonly RegisteredRelationship[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('hierarchical' as const, 'edge' as const, 'sibling' as const),
      type: fc.constantFrom('binding', 'parent'),
      selectors: fc.array(set, { minLength: 1, maxLength: 2 }),
    }),
    { maxLength: 5 },
  )
  .map((rules) => rules.map((rule, position) => relationship({ ...rule, name: `rule-${position}` })));

const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom(...names), { maxKeys: 2 });
const spec = fc.record(
  {
    ref: fc.record({ name: word }, { requiredKeys: [] }),
    colour: word,
    items: fc.array(fc.record({ name: word, size: fc.nat({ max: 2 }) }, { requiredKeys: [] }), { maxLength: 2 }),
    selector: labels,
  },
  { requiredKeys: [] },
);

const components: fc.Arbitrary<readonly Component[]> = fc
  .uniqueArray(
    fc.record({
      kind,
      name: fc.constantFrom(...names),
      namespace: fc.option(fc.constantFrom(...names), { nil: undefined }),
      labels,
      spec,
      after: fc.array(fc.nat(), { maxLength: 2 }),
    }),
    { selector: ({ kind: ofKind, name }) => `${ofKind}-${name}`, maxLength: 8 },
  )
  .map((entries) => {
    const componentNames = entries.map((entry) => `${entry.kind}-${entry.name}`.toLowerCase());
    return entries.map((entry, position) => {
      const object: KubernetesObject = {
        apiVersion: 'example.com/v1',
        kind: entry.kind,
        metadata: {
          name: entry.name,
          labels: entry.labels,
          ...(entry.namespace === undefined ? {} : { namespace: entry.namespace }),
        },
        spec: entry.spec,
      };
      const dependsOn = entry.after.map((pick) => componentNames[pick % componentNames.length] ?? '');
      return {
        name: componentNames[position] ?? '',
        adapter: 'kubernetes',
        dependsOn: dependsOn.map((component) => ({ component, state: 'ready' })),
        object,
      };
    });
  });

const scopeOf = () => 'namespaced' as const;
const inputs = fc.record({ components, relationships });
const runs = { numRuns: 400 };

test('the order of components and relationships does not matter', () => {
  const shuffled = inputs.chain((input) =>
    fc.record({
      input: fc.constant(input),
      components: fc.shuffledSubarray([...input.components], { minLength: input.components.length }),
      relationships: fc.shuffledSubarray([...input.relationships], { minLength: input.relationships.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ input, ...other }) => {
      const { components: _in, ...first } = evaluateRelationships({ ...input, scopeOf, trace: true });
      const { components: _out, ...second } = evaluateRelationships({ ...other, scopeOf, trace: true });
      expect(second).toEqual(first);
    }),
    runs,
  );
});

test('evaluated again, the changed components change no more', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const first = evaluateRelationships({ ...input, scopeOf });
      fc.pre(first.findings.every(({ code }) => code !== 'relationship.depth'));
      const { components: changed, relationships: _rules, ...rest } = { ...input, ...first };
      const again = evaluateRelationships({ ...input, components: changed, scopeOf });
      expect(again.changes).toEqual([]);
      expect([again.edges, again.findings, again.missing]).toEqual([rest.edges, rest.findings, rest.missing]);
    }),
    runs,
  );
});

test('denied pairs never give edges', () => {
  const oneSet = fc.record({
    components,
    relationships: fc
      .array(set, { minLength: 1, maxLength: 5 })
      .map((sets) =>
        sets.map((selectors, position) =>
          relationship({ name: `rule-${position}`, kind: 'edge', type: 'binding', selectors: [selectors] }),
        ),
      ),
  });
  fc.assert(
    fc.property(oneSet, (input) => {
      const kindOf = new Map(input.components.map(({ name, object }) => [name, object.kind]));
      const denials = new Map(
        input.relationships.map(({ definition }) => [definition.name, definition.selectors[0]?.deny]),
      );
      const fits = (wanted: string | undefined, name: string) => wanted === '*' || wanted === kindOf.get(name);
      for (const { from, to, relationship: by } of evaluateRelationships({ ...input, scopeOf }).edges) {
        const deny = denials.get(by.name);
        const isDenied = deny !== undefined && fits(deny.from[0]?.kind, from) && fits(deny.to[0]?.kind, to);
        expect(isDenied).toBe(false);
      }
    }),
    runs,
  );
});

test('changes touch only empty places that their relationship names', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const fieldsOf = new Map(
        input.relationships.map(({ definition }) => [
          definition.name,
          definition.selectors
            .flatMap(({ allow }) => [...allow.from, ...allow.to])
            .flatMap(({ patch }) => patch?.mutatedRef ?? [])
            .map((path) =>
              path
                .slice(1)
                .map((step) => (/^(_|\d+)$/.test(step) ? 'item' : step))
                .join('.'),
            ),
        ]),
      );
      const result = evaluateRelationships({ ...input, scopeOf });
      for (const { component, steps, relationship: by } of result.changes) {
        const place = steps.map((step) => (typeof step === 'number' ? 'item' : step)).join('.');
        expect(fieldsOf.get(by.name)).toContain(place);
        const before = input.components.find(({ name }) => name === component)?.object;
        expect(['', undefined, '{}']).toContain(textAt(before, steps));
      }
      expect(result.components.map(({ name }) => name)).toEqual(input.components.map(({ name }) => name));
    }),
    runs,
  );
});

function textAt(value: unknown, steps: readonly (string | number)[]): string | undefined {
  const found = steps.reduce<unknown>((inner, step) => Reflect.get(Object(inner), step), value);
  return typeof found === 'string' ? found : JSON.stringify(found);
}
