import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Early stand-in: programs built by hand. */
export type ProgramName = 'temporal' | 'slipway-cluster' | 'kwok' | 'helm' | 'kustomize' | 'kompose';

/** Gives the path of a program, looking for it or making it first. */
export async function provision(
  program: ProgramName,
  _options: { readonly onProgress: (line: string) => void },
): Promise<string> {
  const path = join(homedir(), '.cache', 'slipway-dev', 'bin', program);
  await access(path);
  return path;
}
