import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Program } from '../../infra/runtime/provision/program.ts';

/** A shell script that tells a version, as every program that Slipway runs can. */
export function versionScript(version: string): string {
  return `#!/bin/sh\necho "hoist version ${version}"\n`;
}

/** Writes an executable script. */
export async function writeScript(path: string, text: string): Promise<string> {
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

/** A small program with a module folder of its own under `folder`; its build is whatever `go` on PATH does. */
export async function fakeProgram(folder: string, release?: Program['release']): Promise<Program> {
  const module = join(folder, 'module');
  await mkdir(module, { recursive: true });
  await writeFile(join(module, 'go.mod'), 'module hoist\n\ngo 1.26.0\n');
  return {
    name: 'hoist',
    version: '2.1.0',
    environmentVariable: 'SLIPWAY_HOIST_BIN',
    versionArguments: ['--version'],
    minimumVersion: '2.0',
    ...(release === undefined ? {} : { release }),
    module: { folder: module, package: '.', linkerFlags: '-s -w' },
  };
}

/**
 * Puts a `go` on PATH that runs `script`; in it `$draft` is the file that `go build -o` is to write.
 * Gives the environment to provision in.
 */
export async function fakeGo(folder: string, script: string): Promise<Readonly<Record<string, string>>> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const findDraft = 'while [ "$1" != "-o" ]; do shift; done; draft=$2';
  await writeScript(join(bin, 'go'), `#!/bin/sh\n${findDraft}\n${script}\n`);
  return { PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin`, SLIPWAY_CACHE: join(folder, 'cache') };
}

/** What a `go` does that builds well. */
export const buildWell = `echo compiling >&2; printf '#!/bin/sh\\necho hoist version 2.1.0\\n' > "$draft"`;
