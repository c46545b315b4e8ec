import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { modelMemberSchema } from '../../../domain/registry/model-member.ts';
import { createModelCheck, schemaCharacters } from '../../../domain/registry/validate-model.ts';

const model = { name: 'harbour', version: 'v1' };

function component(kind: string, apiVersion: string, more: JsonObject = {}) {
  const definition = { kind, apiVersion, displayName: kind, scope: 'namespaced', schema: {}, ...more };
  return modelMemberSchema.parse({ type: 'component', definition });
}

function relationship(from: JsonObject, foundBy: JsonObject = { how: 'written' }) {
  const selectors = [{ allow: { from: [from], to: [{ kind: '*' }] } }];
  const definition = { name: 'r', kind: 'edge', type: 'binding', selectors, foundBy };
  return modelMemberSchema.parse({ type: 'relationship', definition });
}

const profile = (key: string) =>
  modelMemberSchema.parse({ type: 'profile', definition: { name: key, component: key, values: {} } });

describe('a component', () => {
  test.each([
    ['Certificate', 'cert-manager.io/v1', {}],
    ['Pod', 'v1', {}],
    ['IstioMesh', 'core.meshmodel.dev/v1alpha1', { scope: null, adapter: 'istio' }],
  ])('%s of %s can be', (kind, apiVersion, more) => {
    expect(createModelCheck(model).member(component(kind, apiVersion, more))).toEqual([]);
  });

  test.each([
    ['not a kind', 'v1'],
    ['Certificate', 'cert manager/v1'],
    ['Certificate', 'a/b/c'],
  ])('%s of %s is refused', (kind, apiVersion) => {
    expect(createModelCheck(model).member(component(kind, apiVersion))).toMatchObject([
      { severity: 'error', code: 'component.name' },
    ]);
  });

  test('with a schema beyond the limit is refused with the limit', () => {
    const schema = { description: 'x'.repeat(schemaCharacters) };
    expect(createModelCheck(model).member(component('Boat', 'example.org/v1', { schema }))).toMatchObject([
      { severity: 'error', code: 'schema.tooLarge', subject: 'Boat@example.org/v1' },
    ]);
  });
});

describe('what members say of each other', () => {
  test('is a warning where a kind of the model is named that it does not have', () => {
    const check = createModelCheck(model, (kind) => kind === 'Elsewhere');
    check.member(component('Boat', 'example.org/v1'));
    for (const kind of ['Boat', 'Bote', 'Secret', 'Elsewhere', '*'])
      check.member(relationship({ kind, model: { name: 'harbour' } }));
    check.member(relationship({ kind: 'Other', model: { name: 'other' } }));
    check.member(relationship({ kind: 'Derived', model: { name: 'harbour' } }, { how: 'schemaField' }));
    expect(check.finish()).toMatchObject([
      { severity: 'warning', code: 'relationship.unknownKind', message: expect.stringContaining('Bote') },
    ]);
  });

  test('is a warning where a profile is for a component that is not there', () => {
    const check = createModelCheck(model);
    check.member(profile('Boat@example.org/v1'));
    check.member(profile('Boat@example.org/v2'));
    check.member(component('Boat', 'example.org/v1'));
    expect(check.finish()).toMatchObject([{ code: 'profile.unknownComponent', subject: 'Boat@example.org/v2' }]);
  });
});
