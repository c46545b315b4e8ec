import semver from 'semver';

/**
 * The version that is wanted: exactly this one, the newest in a range as Helm writes it (`^1.2`, `>=1, <2`), or, where none is named, the
 * newest stable one, else the newest of all. Undefined where there is none.
 */
export function chooseVersion(versions: readonly string[], wanted: string | undefined): string | undefined {
  const exact = versions.find((version) => version === wanted) ?? versions.find((version) => isSame(version, wanted));
  if (exact !== undefined) return exact;
  const newestFirst = versions
    .flatMap((version) => {
      const parsed = parseVersion(version);
      return parsed === undefined ? [] : [{ version, parsed }];
    })
    .toSorted((one, other) => semver.rcompare(one.parsed, other.parsed));
  if (wanted === undefined)
    return (newestFirst.find(({ parsed }) => parsed.prerelease.length === 0) ?? newestFirst[0])?.version;
  const range = wanted.replaceAll(',', ' ');
  return newestFirst.find(({ parsed }) => semver.satisfies(parsed, range))?.version;
}

/** Helm takes `v1.2` for `1.2.0`. */
function parseVersion(version: string): semver.SemVer | undefined {
  const whole = /^v?\d+(\.\d+)?$/.test(version) ? semver.coerce(version) : semver.parse(version);
  return whole ?? undefined;
}

function isSame(version: string, wanted: string | undefined): boolean {
  return wanted !== undefined && version.replace(/^v/, '') === wanted.replace(/^v/, '');
}
