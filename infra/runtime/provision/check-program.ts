import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SlipwayError } from '../../../domain/errors.ts';
import type { Program } from './program.ts';

const run = promisify(execFile);
const versionMs = 20_000;

/** Runs a program and gives the version that it tells. Throws `unavailable` when it does not run or is too old. */
export async function checkProgram(program: Program, path: string): Promise<string> {
  const version = await readVersion(program, path);
  if (compareVersions(version, program.minimumVersion) < 0) {
    throw new SlipwayError(
      'unavailable',
      `${path} is version ${version}, ${program.minimumVersion} or newer is needed`,
    );
  }
  return version;
}

async function readVersion(program: Program, path: string): Promise<string> {
  const output = await run(path, [...program.versionArguments], { timeout: versionMs, env: {} }).catch(
    (cause: unknown) => {
      throw new SlipwayError('unavailable', `${path} does not run`, { cause });
    },
  );
  // Some tell their own path first, and the cache has versions in its folders' names.
  const told = (output.stdout + output.stderr).replaceAll(path, '');
  const version = /\d+\.\d+(\.\d+)?/u.exec(told)?.[0];
  if (version === undefined) {
    throw new SlipwayError('unavailable', `${path} tells no version`);
  }
  return version;
}

/** Negative when `left` is the older one; missing parts count as 0. */
function compareVersions(left: string, right: string): number {
  const [leftParts, rightParts] = [left, right].map((version) => version.split('.').map(Number));
  const differences = [0, 1, 2].map((index) => (leftParts?.[index] ?? 0) - (rightParts?.[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
