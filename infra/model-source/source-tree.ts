import { SlipwayError } from '../../domain/errors.ts';

export type SourceFile = {
  /** With `/` between folders, relative, without `.` and `..`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
};

/** The files of a source, wherever they are kept, in the order of their paths; contents are read one by one. */
export type SourceTree = {
  readonly files: readonly SourceFile[];
  /** The content of one of the files. Throws SlipwayError `notFound` for a path that is not among them. */
  readonly read: (path: string) => Promise<Uint8Array>;
};

/** A tree of files whose contents `read` fetches from where they are kept. */
export function sourceTree<T extends SourceFile>(
  files: Iterable<T>,
  read: (file: T) => Promise<Uint8Array>,
): SourceTree {
  const byPath = new Map([...files].map((file) => [file.path, file]));
  return {
    files: [...byPath.values()]
      .map(({ path, size }) => ({ path, size }))
      .toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    read: async (path) => {
      const file = byPath.get(path);
      if (file === undefined) throw missingFile(path);
      return read(file);
    },
  };
}

/** A tree of files in memory. */
export function memoryTree(contents: ReadonlyMap<string, Uint8Array>): SourceTree {
  const files = [...contents].map(([path, content]) => ({ path, size: content.length, content }));
  return sourceTree(files, async ({ content }) => content);
}

/** The part of a tree below a folder, `''` for all of it, with paths from there. */
export function subtree(tree: SourceTree, folder: string): SourceTree {
  const prefix = folder === '' ? '' : `${folder}/`;
  return {
    files: tree.files.flatMap(({ path, size }) =>
      path.startsWith(prefix) ? [{ path: path.slice(prefix.length), size }] : [],
    ),
    read: (path) => tree.read(prefix + path),
  };
}

function missingFile(path: string): SlipwayError {
  return new SlipwayError('notFound', `the source has no file ${JSON.stringify(path)}`, {
    fix: 'Name one of the files that it has.',
  });
}
