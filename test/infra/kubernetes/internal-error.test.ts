import { expect, test } from 'vitest';
import { meaningOfInternalError } from '../../../infra/kubernetes/internal-error.ts';

const typed = 'failed to create typed patch object (default/p; apps/v1, Kind=Deployment): ';

test.each([
  [`${typed}.spec.replicass: field not declared in schema`, 'spec.replicass', 'field not declared in schema'],
  [
    `${typed}.spec.replicas: expected numeric (int or float), got string`,
    'spec.replicas',
    'expected numeric (int or float), got string',
  ],
  [
    `${typed}.spec.template.spec.containers[name="x:y"].env: duplicate entries for key [name="A"]`,
    'spec.template.spec.containers[name="x:y"].env',
    'duplicate entries for key [name="A"]',
  ],
  [
    'failed to create typed patch object (/p; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}',
    'data.a',
    'expected string, got 1',
  ],
  [
    'failed to convert new object (default/p; apps/v1, Kind=Deployment) to proper version: unable to convert: quantities must match',
    '',
    'unable to convert: quantities must match',
  ],
])('an object that does not fit its schema is invalid: %s', (text, field, message) => {
  expect(meaningOfInternalError(text)).toEqual({
    code: 'invalid',
    causes: [{ reason: 'FieldSchemaMismatch', field, message }],
    mayHaveLanded: false,
  });
});

test('several mismatches are several causes', () => {
  const { causes } = meaningOfInternalError(
    `${typed}errors:\n  .spec.a: field not declared in schema\n  .spec.b: expected list`,
  );
  expect(causes.map(({ field }) => field)).toEqual(['spec.a', 'spec.b']);
});

test.each([
  'Internal error occurred: failed calling webhook "x.y": failed to call webhook: Post "https://x": connection refused',
  'no endpoints available for service "x"',
  'failed to convert new object (a/b; x/v2, Kind=C) to proper version: conversion webhook for x/v1, Kind=C failed: connection refused',
])('a webhook that cannot be called may come back, and nothing was stored: %s', (text) => {
  expect(meaningOfInternalError(text)).toEqual({ code: 'unavailable', causes: [], mayHaveLanded: false });
});

test('what etcd finds too large stays too large', () => {
  expect(meaningOfInternalError('etcdserver: request is too large')).toMatchObject({ code: 'tooLarge' });
});

test('anything else may pass, and may have gone through', () => {
  expect(meaningOfInternalError('etcdserver: leader changed')).toMatchObject({
    code: 'unavailable',
    mayHaveLanded: true,
  });
});
