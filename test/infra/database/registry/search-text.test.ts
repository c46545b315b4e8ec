import { expect, test } from 'vitest';
import { toMatch, wordsOf } from '../../../../infra/database/registry/search-text.ts';

test.each([
  ['ClusterIssuer', 'Cluster Issuer'],
  ['HTTPRoute', 'HTTP Route'],
  ['IPAddressPool', 'IP Address Pool'],
  ['S3Bucket', 'S 3 Bucket'],
  ['cronJob', 'cron Job'],
  ['Secret', ''],
  ['VPC', ''],
])('the words of %s are "%s"', (kind, words) => {
  expect(wordsOf(kind)).toBe(words);
});

test.each([
  ['issuer', '"issuer"*'],
  ['cert-manager.io', '"cert"* "manager"* "io"*'],
  ['a OR b', '"a"* "OR"* "b"*'],
  ['kind:"x" NEAR(y) ^z*', '"kind"* "x"* "NEAR"* "y"* "z"*'],
  ['Größe 東京', '"Größe"* "東京"*'],
])('%j is searched for as %s', (text, match) => {
  expect(toMatch(text)).toBe(match);
});

test.each(['', '  ', '"\'*():^-+{}', '…'])('there is no word in %j', (text) => {
  expect(toMatch(text)).toBeNull();
});

test('no query is longer than people type', () => {
  expect(toMatch('a '.repeat(1_000))?.split(' ')).toHaveLength(16);
});
