export type SourceFile = {
  /** With `/` between folders, relative, without `.` and `..`. */
  readonly path: string;
  readonly size: number;
};

/** The files of a source, wherever they are kept, in the order of their paths; contents are read one by one. */
export type SourceTree = {
  readonly files: readonly SourceFile[];
  /** The content of one of the files. Throws SlipwayError `notFound` for a path that is not among them. */
  readonly read: (path: string) => Promise<Uint8Array>;
};
