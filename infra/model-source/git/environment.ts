import type { GitAccess } from './access.ts';

/** What holds for every run: nothing of this machine's settings, no program of a repository, no way to anywhere else. */
const settings: readonly (readonly [name: string, value: string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.symlinks', 'false'],
  ['core.protectHFS', 'true'],
  ['core.protectNTFS', 'true'],
  // Larger files are not held in memory.
  ['core.bigFileThreshold', '16m'],
  ['credential.helper', ''],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['transfer.bundleURI', 'false'],
  ['http.followRedirects', 'false'],
  ['http.lowSpeedLimit', '1'],
  ['http.lowSpeedTime', '60'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
];

export type GitPlace = {
  /** Where `git` and `ssh` are looked for. */
  readonly path: string;
  /** A private folder; the repository is in `repository` there, its files in `files`. */
  readonly folder: string;
  readonly url: string;
  readonly access: GitAccess;
};

/** The whole environment of git: settings go in variables, where no other process of another user can read them. */
export function gitEnvironment({ path, folder, url, access }: GitPlace): Readonly<Record<string, string>> {
  return {
    PATH: path,
    LC_ALL: 'C',
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    TMPDIR: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TEMPLATE_DIR: '',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_DIR: `${folder}/repository`,
    GIT_WORK_TREE: `${folder}/files`,
    ...access.variables,
    ...asVariables([...settings, ['remote.origin.url', url], ...access.settings]),
  };
}

/** https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT */
function asVariables(all: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const variables = all.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(all.length), ...Object.fromEntries(variables) };
}
