import { SlipwayError } from '../../domain/errors.ts';

/** A program's path, or what finds or fetches the program first. */
export type ProgramSource = string | (() => Promise<string>);

/** The path of a program. Undefined where it is not there and cannot be had. */
export async function findProgram(source: ProgramSource | undefined): Promise<string | undefined> {
  if (source === undefined || typeof source === 'string') return source;
  try {
    return await source();
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}
