export type Scratch = {
  /** The folder's path; everything in it is removed when the work ends. */
  readonly folder: string;
  /** A path in the folder at which nothing is yet. */
  readonly newPath: () => string;
};
