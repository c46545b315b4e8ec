import fc from 'fast-check';
import { compare } from 'semver';
import { expect, test } from 'vitest';
import { versionOrder } from '../../../../infra/database/registry/version-order.ts';

function sorted(versions: readonly string[]): readonly string[] {
  return versions.toSorted((left, right) => (versionOrder(left) < versionOrder(right) ? -1 : 1));
}

test.each([
  [['v1.2.0', 'v1.9.0', 'v1.10.0', 'v2.0.0']],
  [['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0']],
  [['v1.9', 'release-1.10', '1.11.0', '2']],
  [['1.2.3.4', '1.2.3.10', '1.2.4']],
  [['latest', 'main', 'v0.0.1']],
  [['build9', 'build10']],
  [['v1alpha1', 'v1beta1', 'v1beta2', 'v1beta10']],
  // Commits are no versions, whatever digits they begin with.
  [['3fa9b2c', 'f00ba43', '0.1.0']],
])('%j are in this order', (versions) => {
  expect(sorted(versions.toReversed())).toEqual(versions);
});

test('semantic versions are in their own order', () => {
  const identifier = fc.stringMatching(/^(0|[1-9]\d{0,3}|[a-z-][0-9a-z-]{0,4})$/);
  const prerelease = fc.array(identifier, { maxLength: 3 });
  const number = fc.nat({ max: 2_000 });
  const version = fc
    .tuple(number, number, number, prerelease)
    .map(
      ([major, minor, patch, parts]) => `${major}.${minor}.${patch}${parts.length === 0 ? '' : `-${parts.join('.')}`}`,
    );
  fc.assert(
    fc.property(version, version, (left, right) => {
      const order = compare(left, right);
      fc.pre(order !== 0);
      expect(versionOrder(left) < versionOrder(right)).toBe(order < 0);
    }),
  );
});

test('two texts for one version differ, so that lists have one order', () => {
  expect(versionOrder('v1.0.0')).not.toBe(versionOrder('1.0.0'));
});
