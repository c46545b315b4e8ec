import type { Scratch } from './scratch.ts';

export type PackedSource = {
  /** The packed file's path on disk. */
  readonly file: string;
  /** What it is called, for messages and for a file that is no archive. */
  readonly name: string;
};

/** How large an archive may be, packed and unpacked. */
export type UnpackOptions = {
  readonly scratch: Scratch;
  readonly archiveEntries?: number;
  readonly signal?: AbortSignal;
};
