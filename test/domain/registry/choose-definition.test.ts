import { expect, test } from 'vitest';
import { chooseDefinition } from '../../../domain/registry/choose-definition.ts';

const newer = { model: { name: 'cert-manager', version: 'v1.17.1' } };
const older = { model: { name: 'cert-manager', version: 'v1.16.0' } };
const other = { model: { name: 'certs', version: 'v2' } };
const olderOther = { model: { name: 'certs', version: 'v1' } };

test('a design that names model and version means exactly that', () => {
  const declared = { name: 'cert-manager', version: 'v1.16.0' };
  expect(chooseDefinition(declared, [newer, other, older])).toEqual({
    link: 'declared',
    definition: older,
    others: [other],
  });
});

test.each([undefined, 'v9'])('a design that names the model with version %s means its newest', (version) => {
  const chosen = chooseDefinition({ name: 'cert-manager', version }, [other, newer, older]);
  expect(chosen).toMatchObject({ link: 'latest', definition: newer });
});

test('a design that names no model means the only one that defines the kind, in its newest version', () => {
  expect(chooseDefinition(undefined, [newer, older])).toEqual({ link: 'matched', definition: newer, others: [] });
});

test('where several models define the kind, the first is taken and one of each of the others is named', () => {
  expect(chooseDefinition(undefined, [newer, other, older, olderOther])).toEqual({
    link: 'ambiguous',
    definition: newer,
    others: [other],
  });
});

test('nothing is chosen from nothing, nor from other models than the one that is named', () => {
  expect(chooseDefinition(undefined, [])).toBeUndefined();
  expect(chooseDefinition({ name: 'istio' }, [newer, other])).toBeUndefined();
});
