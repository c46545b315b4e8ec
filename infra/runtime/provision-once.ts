import { provision } from './provision.ts';

type Program = Parameters<typeof provision>[0];
type Options = Parameters<typeof provision>[1];

/** Finds or fetches a program when it is first asked for, once for all who ask; what failed is tried again at the next question. */
export function provisionOnce(name: Program, options: Options): () => Promise<string> {
  let fetching: Promise<string> | undefined;
  return () => {
    fetching ??= provision(name, options).catch((error: unknown) => {
      fetching = undefined;
      throw error;
    });
    return fetching;
  };
}
