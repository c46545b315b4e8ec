import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Program, runProgram } from './run-program.ts';
import type { Tool } from './tool.ts';

/** `kubectl apply --server-side` and `kubectl delete` of one file; files go into `folder`. */
export function createKubectlTool(kubectl: Program, folder: string): Tool {
  return {
    name: 'kubectl',
    prepare: async ({ namespace, text }) => {
      const file = join(folder, `${namespace}.yaml`);
      await writeFile(file, text);
      const apply = (): Promise<void> => runProgram(kubectl, ['apply', '--server-side', '--filename', file]);
      return {
        deploy: apply,
        redeploy: apply,
        // The file names the namespace first: its objects are gone before their own turn comes.
        undeploy: () => runProgram(kubectl, ['delete', '--ignore-not-found', '--filename', file]),
      };
    },
  };
}
