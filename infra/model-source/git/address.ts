import { SlipwayError } from '../../../domain/errors.ts';
import { isSshAddress } from '../../../domain/source-connection.ts';

/** A place in a repository. */
export type GitRevision = {
  /** A branch, a tag, a full commit or a whole ref name; undefined for what the repository's HEAD names. */
  readonly ref: string | undefined;
  /** A folder or file with `/` between its parts; empty for the whole repository. */
  readonly path: string;
};

export type GitAddress = {
  /** What git is given: `https://…`, `http://…`, `ssh://…` or `user@host:path`. */
  readonly url: string;
  /** The ways in which the address can be read, as a branch may hold "/"; at most one of them names a branch that exists. */
  readonly readings: readonly GitRevision[];
};

export type GitSource = {
  readonly url: string;
  readonly ref?: string | undefined;
  readonly path?: string | undefined;
};

/**
 * Reads the address of a repository, or of a place in one: the URL that git takes, that of a page on GitHub, GitLab, Bitbucket or Gitea,
 * `…#ref:path`, `…//path?ref=…`, or Meshery's `git://host/owner/repository/branch/path`. A `ref` and `path` beside it decide. Throws
 * SlipwayError `invalid`.
 */
export function parseGitAddress({ url: text, ref, path }: GitSource): GitAddress {
  const { url, readings } = isScpAddress(text) ? { url: text, readings: [whole] } : readUrl(text);
  const wanted =
    path === undefined ? readings : readings.map((reading) => ({ ...reading, path: withoutSlashes(path) }));
  const chosen = ref === undefined ? wanted : wanted.slice(0, 1).map((reading) => ({ ...reading, ref }));
  for (const reading of chosen) checkRevision(reading);
  return { url, readings: chosen };
}

/** https://git-scm.com/docs/git-check-ref-format */
// oxlint-disable-next-line eslint/no-control-regex -- control characters are among what a ref cannot hold
const badRef = /^[-/.]|[\0-\x20\x7f~^:?*[\\]|\.\.|\/\.|\/\/|@\{|\.lock(\/|$)|[/.]$|^@$/;

const whole: GitRevision = { ref: undefined, path: '' };

function isScpAddress(text: string): boolean {
  return !text.includes('://') && isSshAddress(text);
}

const repositoryDepth = 2;

/** Where the pages of a place in a repository are: what stands between the repository and the ref. */
const pageMarkers = /^(?:-\/)?(?:tree|blob|raw|commits?|src(?:\/(?:branch|tag|commit))?|releases\/tag)\/(.+)$/;

function readUrl(text: string): GitAddress {
  const url = URL.parse(text);
  if (url === null) throw invalid('it is no URL');
  checkUrl(url);
  if (url.hash !== '') return readFragment(url);
  if (url.searchParams.has('ref') || url.pathname.includes('//')) return readQuery(url);
  if (url.search !== '') throw invalid('its query is none that is understood; only "?ref=" is');
  if (url.protocol === 'git:') return readMesheryAddress(url);
  return url.protocol === 'ssh:' ? { url: bare(url), readings: [whole] } : readPage(url);
}

function checkUrl({ protocol, username, password, hostname }: URL): void {
  if (!['https:', 'http:', 'ssh:', 'git:'].includes(protocol)) {
    throw invalid(`${protocol} is no way to a repository; https and ssh are`);
  }
  if (hostname === '') throw invalid('it names no host');
  const named = protocol === 'ssh:' ? password : `${username}${password}`;
  if (named !== '') throw invalid('it holds a user or a password, which belong into a connection');
  if (username !== '' && !/^[A-Za-z0-9_][\w.-]*$/.test(username)) throw invalid('the name of its user cannot be one');
}

/** `https://host/owner/repository/tree/branch/path`; GitLab's groups may be nested, and mark the page by `/-/`. */
function readPage(url: URL): GitAddress {
  if (/\.git\/?$/.test(url.pathname)) return { url: bare(url), readings: [whole] };
  const [project = '', marked] = splitOnce(url.pathname, '/-/');
  const parts = withoutSlashes(project).split('/');
  const depth = marked === undefined ? repositoryDepth : parts.length;
  const rest = marked ?? parts.slice(depth).join('/');
  const place = pageMarkers.exec(rest)?.[1];
  if (place === undefined) return { url: bare(url), readings: [whole] };
  return { url: repositoryUrl(url, parts.slice(0, depth)), readings: readingsOf(decoded(place)) };
}

/** Meshery writes `git://` and means the repository's web address. */
function readMesheryAddress(url: URL): GitAddress {
  const parts = withoutSlashes(url.pathname).split('/');
  const place = decoded(parts.slice(repositoryDepth).join('/'));
  const web = new URL(`https://${url.host}`);
  return {
    url: repositoryUrl(web, parts.slice(0, repositoryDepth)),
    readings: place === '' ? [whole] : readingsOf(place),
  };
}

/** Docker's `https://host/repository.git#ref:path`. */
function readFragment(url: URL): GitAddress {
  const [ref = '', path = ''] = splitOnce(decoded(url.hash.slice(1)), ':');
  return { url: bare(url), readings: [{ ref: ref === '' ? undefined : ref, path: withoutSlashes(path) }] };
}

/** Kustomize's and Terraform's `https://host/repository//path?ref=…`. */
function readQuery(url: URL): GitAddress {
  const [repository = '', path = ''] = splitOnce(url.pathname, '//');
  const ref = url.searchParams.get('ref') ?? undefined;
  return {
    url: repositoryUrl(url, withoutSlashes(repository).split('/')),
    readings: [{ ref, path: withoutSlashes(decoded(path)) }],
  };
}

/** `a/b/c` is `b/c` on branch a, `c` on branch a/b, or branch a/b/c. */
function readingsOf(place: string): readonly GitRevision[] {
  const parts = withoutSlashes(place).split('/');
  return parts
    .map((_part, index) => ({
      ref: parts.slice(0, index + 1).join('/'),
      path: parts.slice(index + 1).join('/'),
    }))
    .filter(({ ref }, index) => index === 0 || !badRef.test(ref));
}

function bare(url: URL): string {
  const user = url.username === '' ? '' : `${url.username}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

function repositoryUrl(url: URL, parts: readonly string[]): string {
  return `${bare(new URL('/', url))}/${parts.join('/')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw invalid('it is not encoded as URLs are');
    throw error;
  }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function withoutSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

function checkRevision({ ref, path }: GitRevision): void {
  if (ref !== undefined && (ref === '' || badRef.test(ref))) {
    throw invalid(`${JSON.stringify(ref)} is no name of a branch or tag, and no commit`);
  }
  if (path.includes('\0') || path.split('/').some((part) => part === '..' || part === '.' || part === '.git')) {
    throw invalid(`${JSON.stringify(path)} is no path in a repository`);
  }
}

/** The address itself is not repeated: it may hold a password. */
function invalid(problem: string): SlipwayError {
  return new SlipwayError('invalid', `the address of the Git repository cannot be read: ${problem}`, {
    fix: 'Give it as https://github.com/owner/repository, with a ref and a path beside it, or as git@host:path.',
  });
}
