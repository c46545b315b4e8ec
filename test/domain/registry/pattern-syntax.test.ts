import { describe, expect, test } from 'vitest';
import { patternProblem } from '../../../domain/registry/pattern-syntax.ts';

describe('a pattern that Go reads has no problem', () => {
  test.each([
    '',
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
    '^(([0-9]+[.])?[a-z_]\\-\\_\\/)+$',
    '(?i)^(?P<scheme>https?)://(?<host>[^/]+)(?s:.*)$',
    '\\A[[:alpha:]][]a-z]*[^]]\\z',
    '^\\p{L}\\pN\\x41\\x{1f600}\\12$',
    'a{,3}b{2,}c{1000}?d{e}',
    '\\Q(*\\E+',
    'ä|😀*',
  ])('%s', (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
  });
});

describe('a pattern that Go does not read says why', () => {
  test.each([
    ['(', 'a "(" is not closed'],
    ['a)', 'a ")" closes no group'],
    ['[a', 'a "[" is not closed'],
    ['[]', 'a "[" is not closed'],
    ['[^]', 'a "[" is not closed'],
    ['[[:letters:]]', 'holds what is no character'],
    ['*a', 'nothing stands before "*"'],
    ['(a|+)', 'nothing stands before "+"'],
    ['a**', '"*" follows another repetition'],
    ['a{1001}', '"{1001}" is no number of repetitions'],
    ['a{3,2}', '"{3,2}" is no number of repetitions'],
    ['(a)\\1', 'it refers back to a group'],
    ['^(?!a)', 'it looks ahead or behind'],
    ['(?<=a)b', 'it looks ahead or behind'],
    ['(?>a)', 'a group begins in an unknown way'],
    ['a\\', 'it ends with "\\"'],
    ['\\Z', 'a "\\" stands before what cannot be escaped'],
    ['\\u0041', 'a "\\" stands before what cannot be escaped'],
  ])('%s', (pattern, problem) => {
    expect(patternProblem(pattern)).toContain(problem);
  });
});

test('a long pattern that is never closed is told in the time of one look', () => {
  expect(patternProblem(`[${'\\012[:a\\x41'.repeat(800)}`)).toContain('a "[" is not closed');
});
