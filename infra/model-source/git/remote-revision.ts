import { SlipwayError } from '../../../domain/errors.ts';
import type { GitAddress, GitRevision } from './address.ts';
import type { Git } from './run-git.ts';

/** What a ref points at on the server. */
export type RemoteRevision = {
  /** 40 hex digits. */
  readonly commit: string;
  /** The name in full, such as `refs/heads/main`; `HEAD`; or the commit itself where one was given. */
  readonly ref: string;
  /** Below the root of the repository; empty for all of it. */
  readonly path: string;
};

const fullCommit = /^[0-9a-f]{40}$/;
/** What an annotated tag leads to is listed beside it, with this at its end. */
const peeled = '^{}';

/** Asks the server what the ref of the address is, by one `ls-remote`. Throws SlipwayError `notFound`. */
export async function findRevision(git: Git, { url, readings }: GitAddress): Promise<RemoteRevision> {
  const given = readings.find(({ ref }) => ref !== undefined && fullCommit.test(ref));
  if (given?.ref !== undefined) return { commit: given.ref, ref: given.ref, path: given.path };
  const names = readings.flatMap(({ ref }) => namesOf(ref));
  const patterns = names.flatMap((name) => [name, `${name}${peeled}`]);
  const refs = parseRefs((await git('ls-remote', '--', url, ...patterns)).toString());
  for (const { ref, path } of readings) {
    for (const name of namesOf(ref)) {
      const commit = refs.get(`${name}${peeled}`) ?? refs.get(name);
      if (commit !== undefined) return { commit, ref: name, path };
    }
  }
  throw notThere(url, readings);
}

/** The whole names that a short one may stand for, a branch before a tag, as "git clone --branch" takes them. */
function namesOf(ref: string | undefined): readonly string[] {
  if (ref === undefined || ref === 'HEAD') return ['HEAD'];
  return ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
}

function parseRefs(output: string): ReadonlyMap<string, string> {
  const lines = output.split('\n').map((line) => line.split('\t'));
  return new Map(
    lines.flatMap(([commit = '', name]) => (name !== undefined && fullCommit.test(commit) ? [[name, commit]] : [])),
  );
}

function notThere(url: string, readings: readonly GitRevision[]): SlipwayError {
  const refs = readings.flatMap(({ ref }) => ref ?? []);
  const missing =
    refs.length === 0 ? 'is empty' : `has no branch and no tag ${refs.map((ref) => `"${ref}"`).join(' or ')}`;
  return new SlipwayError('notFound', `the Git repository ${url} ${missing}`, {
    fix: 'Name a branch or a tag that is there, or a commit by all of its 40 digits.',
  });
}
