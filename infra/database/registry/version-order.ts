import { coerce, parse, type SemVer } from 'semver';

/** What reads as a version: `v1.17`, `release-1.25`, `1.2.3.4`; not a commit that happens to begin with a digit. */
const versionLike = /^(?:[A-Za-z][A-Za-z-]*-)?v?\d+(?:\.\d+)*(?:[.+-].*)?$/;

/**
 * A text for a version of software: sorted as texts, they give the order of the versions. Semantic versions, or what can be
 * read as one, go by https://semver.org and after all others; those go by their numbers and letters. It is a key instead of a
 * comparison so that SQL can sort, and because "semantic where both are, natural otherwise" contradicts itself among three.
 */
export function versionOrder(version: string): string {
  const read = parse(version, { loose: true }) ?? (versionLike.test(version) ? coerceVersion(version) : null);
  const natural = naturalOrder(version);
  return read === null ? `0 ${natural}` : `1 ${semanticOrder(read)} ${natural}`;
}

function coerceVersion(version: string): SemVer | null {
  return coerce(version, { includePrerelease: true });
}

/** A version without a prerelease comes after all of those with one; one with fewer identifiers before those that go on, as a space sorts before "!". */
function semanticOrder({ major, minor, patch, prerelease }: SemVer): string {
  const release = [major, minor, patch].map(padded).join('.');
  return prerelease.length === 0 ? `${release}~` : `${release}-${prerelease.map(identifierOrder).join('!')}`;
}

/** Numbers come before words. */
function identifierOrder(identifier: string | number): string {
  return typeof identifier === 'number' ? `0${padded(identifier)}` : `1${identifier}`;
}

function naturalOrder(text: string): string {
  return text.replaceAll(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '').padStart(digitCount, '0'));
}

/** As many digits as the greatest safe integer has. */
const digitCount = 16;

function padded(value: number): string {
  return String(value).padStart(digitCount, '0');
}
