import { join, posix } from 'node:path';
import { SlipwayError } from '../../../domain/errors.ts';
import { folderTree } from '../folder-tree.ts';
import { memoryTree, sourceTree, type SourceTree } from '../source-tree.ts';
import { folderBytes } from './folder-size.ts';
import type { RemoteRevision } from './remote-revision.ts';
import type { Git } from './run-git.ts';

export type ClonedRepository = RemoteRevision & {
  /** The files below `path`, with paths from there; a link to one of them is that file, other links and submodules are left out. */
  readonly tree: SourceTree;
};

export type CheckOut = {
  readonly git: Git;
  /** Where git keeps the repository and its files. */
  readonly folder: string;
  readonly revision: RemoteRevision;
  readonly bytes: number;
  readonly files: number;
};

/** One line of `ls-tree`. */
type Entry = { readonly mode: string; readonly type: string; readonly id: string; readonly path: string };

const linkMode = '120000';
const linkDepth = 5;

/** Fetches one commit without history and writes the files that are asked for. */
export async function checkOut(request: CheckOut): Promise<ClonedRepository> {
  const { git, revision } = request;
  await git('init', '--quiet');
  // Where the server knows no filter, it says so and sends everything.
  const options = ['--quiet', '--depth=1', '--filter=blob:none', '--no-tags', '--no-recurse-submodules'];
  await git('fetch', ...options, 'origin', revision.ref);
  const commit = (await git('rev-parse', '--verify', '--end-of-options', 'FETCH_HEAD^{commit}')).toString().trim();
  return { ...revision, commit, tree: await readPath(request, commit) };
}

async function readPath(request: CheckOut, commit: string): Promise<SourceTree> {
  const { path } = request.revision;
  if (path === '') return readFolder(request, commit);
  const [entry] = parseEntries(await request.git('ls-tree', '-z', '--full-tree', commit, '--', path));
  if (entry === undefined) throw missing(request.revision);
  if (entry.type === 'tree') return readFolder(request, entry.id);
  if (entry.type !== 'blob' || entry.mode === linkMode) throw notAFile(request.revision, entry);
  const content = await request.git('cat-file', 'blob', entry.id);
  return memoryTree(new Map([[posix.basename(path), content]]));
}

/** `tree` is a commit or a tree; git fetches all that it needs of it at once. */
async function readFolder({ git, folder, files, bytes }: CheckOut, tree: string): Promise<SourceTree> {
  const entries = parseEntries(await git('ls-tree', '-r', '-z', '--full-tree', tree));
  if (entries.length > files) throw tooManyFiles(entries.length, files);
  await git('read-tree', '-u', '--reset', tree);
  if ((await folderBytes(folder, bytes)) > bytes) throw tooLarge(bytes);
  return withoutLinks(await folderTree(join(folder, 'files')), entries);
}

function parseEntries(output: Buffer): readonly Entry[] {
  return output
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', type = '', id = '', path = ''] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return path === '' ? [] : [{ mode, type, id, path }];
    });
}

/** Git writes a link as a file that holds where it leads. One that leads to a file here becomes that file; others are left out. */
async function withoutLinks(written: SourceTree, entries: readonly Entry[]): Promise<SourceTree> {
  const links = new Map<string, string>();
  for (const { mode, path } of entries) {
    if (mode === linkMode) links.set(path, new TextDecoder().decode(await written.read(path)));
  }
  const sizes = new Map(written.files.map(({ path, size }) => [path, size]));
  const files = written.files.flatMap(({ path }) => {
    const target = targetOf(path, links);
    const size = target === undefined ? undefined : sizes.get(target);
    return target === undefined || size === undefined ? [] : [{ path, size, target }];
  });
  return sourceTree(files, ({ target }) => written.read(target));
}

/** The file that a path leads to over links; undefined where it leads out, round in a circle, or to nothing. */
function targetOf(path: string, links: ReadonlyMap<string, string>): string | undefined {
  let target = path;
  for (let depth = 0; depth < linkDepth; depth += 1) {
    const next = links.get(target);
    if (next === undefined) return target;
    target = posix.join(posix.dirname(target), next);
  }
  return undefined;
}

function missing({ path, ref }: RemoteRevision): SlipwayError {
  return new SlipwayError('notFound', `the Git repository has no ${JSON.stringify(path)} at ${ref}`, {
    fix: 'Correct the path; it counts from the root of the repository and knows upper from lower case.',
  });
}

function notAFile({ path }: RemoteRevision, { type }: Entry): SlipwayError {
  const what = type === 'commit' ? 'a submodule' : 'a link';
  return new SlipwayError(
    'invalid',
    `${JSON.stringify(path)} in the Git repository is ${what}, which is not followed`,
    {
      fix: type === 'commit' ? 'Give the address of the submodule itself.' : 'Give the path that the link leads to.',
    },
  );
}

function tooManyFiles(files: number, maximum: number): SlipwayError {
  return new SlipwayError('tooLarge', `the Git repository has ${files} files; at most ${maximum} are read`, {
    fix: 'Name the folder that holds the models as path.',
  });
}

function tooLarge(bytes: number): SlipwayError {
  return new SlipwayError('tooLarge', `the Git repository has more than the ${bytes} bytes that are read`, {
    fix: 'Name the folder that holds the models as path, or keep them in a repository of their own.',
  });
}
