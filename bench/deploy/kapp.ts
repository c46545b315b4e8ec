import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, runProgram } from './run-program.ts';
import type { Tool } from './tool.ts';

/** kapp keeps its record of the application outside the namespace that the file brings, so that this can go with the rest. */
const recordNamespace = 'default';

/** `kapp deploy` and `kapp delete` of one file, each waiting as Slipway does; files go into `folder`. */
export function createKappTool(kapp: Program, folder: string): Tool {
  return {
    name: 'kapp',
    prepare: async ({ namespace, text }) => {
      const file = join(folder, `${namespace}-kapp.yaml`);
      await writeFile(file, text);
      const run = (verb: string, ...args: readonly string[]): Promise<void> =>
        runProgram(kapp, [verb, '--app', namespace, '--namespace', recordNamespace, '--yes', ...args]);
      const deploy = (): Promise<void> => run('deploy', '--file', file);
      return { deploy, redeploy: deploy, undeploy: () => run('delete') };
    },
  };
}
