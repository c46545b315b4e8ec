import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipwayError } from '../../../domain/errors.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import type { SourceCredential } from '../../../domain/source-connection.ts';
import type { AddressGuard } from '../address-guard.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import { withScratch, type Scratch } from '../scratch.ts';
import { openAccess } from './access.ts';
import { type GitAddress, parseGitAddress, type GitSource } from './address.ts';
import { checkOut, type ClonedRepository } from './check-out.ts';
import { gitEnvironment } from './environment.ts';
import { gitError } from './git-error.ts';
import { findRevision, type RemoteRevision } from './remote-revision.ts';
import { gitFix, runGit, type Git } from './run-git.ts';

export type RemoteRequest = GitSource & {
  readonly credential?: SourceCredential | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type CloneRequest = RemoteRequest & {
  /** Where the files are kept for as long as the tree is read. */
  readonly scratch: Scratch;
  readonly limits?: Partial<CloneLimits>;
};

export type CloneLimits = {
  /** Of what git fetches and writes, together. */
  readonly bytes: number;
  readonly files: number;
  readonly timeoutMs: number;
};

/** Reads Git repositories. Every failure is a SlipwayError with what to do; whatever it started has ended by then. */
export type GitClient = {
  /** What the ref points at now, by one request; none for a full commit. Throws `notFound` for a ref that is not there. */
  readonly remoteCommit: (request: RemoteRequest) => Promise<RemoteRevision>;
  /** Asks for the repository's HEAD, which an empty one may lack. */
  readonly checkAccess: (request: Omit<RemoteRequest, 'ref' | 'path'>) => Promise<void>;
  /** The files at a ref, and no history; with servers that allow it, only those below `path` are fetched. */
  readonly cloneRepository: (request: CloneRequest) => Promise<ClonedRepository>;
};

export type GitClientOptions = {
  readonly guard: AddressGuard;
  /** Slipway's state directory, for scratch folders. */
  readonly home: string;
  /** The `PATH` on which git is found, and ssh. */
  readonly path: string;
  /** Whether a host (with its port) may be spoken to without TLS. Default: this machine, where the address guard allows it. */
  readonly plainHttp?: (host: string) => boolean;
};

const defaultLimits: CloneLimits = {
  bytes: registryLimits.archiveBytes,
  files: registryLimits.folderFiles,
  timeoutMs: 600_000,
};
const remoteLimits = { bytes: 1024 * 1024, timeoutMs: 60_000 };
const oldest = { major: 2, minor: 37 } as const;

export function createGitClient(options: GitClientOptions): GitClient {
  const checkGit = checkOnce();

  const openGit = async (request: RemoteRequest, place: GitFolder): Promise<Git> => {
    await mkdir(join(place.folder, 'files'), { mode: 0o700, recursive: true });
    const { plainHttp = isLoopbackHost, guard, path } = options;
    const { url, credential, signal } = request;
    const access = await openAccess({ url, credential, plainHttp, guard, folder: place.folder });
    const environment = gitEnvironment({ path, folder: place.folder, url, access });
    const hasCredential = credential !== undefined && Object.keys(credential).some((name) => name !== 'caCertificate');
    const git: Git = async (...args) => {
      const outcome = await runGit({
        arguments: args,
        folder: place.folder,
        folderBytes: place.bytes,
        environment,
        timeoutMs: place.timeoutMs,
        signal,
      });
      if (outcome.succeeded) return outcome.output;
      throw gitError(url, outcome.messages, hasCredential);
    };
    await checkGit(git);
    return git;
  };

  const ask = async <T>(request: RemoteRequest, question: Question<T>): Promise<T> => {
    const address = parseGitAddress(request);
    return withScratch(options.home, 'git-remote', async ({ folder }) => {
      const git = await openGit({ ...request, url: address.url }, { folder, ...remoteLimits });
      return question(git, address);
    });
  };

  const cloneRepository = async ({ scratch, limits = {}, ...request }: CloneRequest): Promise<ClonedRepository> => {
    const address = parseGitAddress(request);
    const [folder, { files, ...limit }] = [scratch.newPath(), { ...defaultLimits, ...limits }];
    const git = await openGit({ ...request, url: address.url }, { folder, ...limit });
    const revision = await findRevision(git, address);
    return checkOut({ git, folder, revision, bytes: limit.bytes, files });
  };

  return {
    remoteCommit: (request) => ask(request, findRevision),
    checkAccess: (request) => ask(request, findHead),
    cloneRepository,
  };
}

type Question<T> = (git: Git, address: GitAddress) => Promise<T>;
type GitFolder = { readonly folder: string; readonly bytes: number; readonly timeoutMs: number };

async function findHead(git: Git, { url }: GitAddress): Promise<void> {
  await git('ls-remote', '--', url, 'HEAD');
}

/** Checks the version until it was found good. */
function checkOnce(): (git: Git) => Promise<void> {
  let checked: Promise<void> | undefined;
  return async (git) => {
    checked ??= checkVersion(git);
    await checked.catch((error: unknown) => {
      checked = undefined;
      throw error;
    });
  };
}

/** An older git passes over the settings that keep it to the address that was checked. */
async function checkVersion(git: Git): Promise<void> {
  const text = (await git('--version')).toString();
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).map(Number);
  if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) return;
  throw new SlipwayError('unavailable', `git is too old where Slipway runs: ${text.trim()}`, { fix: gitFix });
}
