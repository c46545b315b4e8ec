import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import type { FlatKubeconfig } from '../infra/kubernetes/kubeconfig.ts';
import { readAll } from './shell.ts';
import type { Shell } from './shell.ts';

export const kubeconfigFlagsSchema = z.object({ kubeconfig: z.string(), kubeContext: z.string().optional() });

type KubeconfigFlags = z.infer<typeof kubeconfigFlagsSchema>;

/** The context that the flags choose, with the files that it names; `-` is stdin. Throws `invalid`. */
export async function readKubeconfigFlags(
  shell: Shell,
  { kubeconfig, kubeContext }: KubeconfigFlags,
): Promise<FlatKubeconfig> {
  const text = await readText(shell, kubeconfig);
  const { flattenKubeconfig } = await import('../infra/kubernetes/kubeconfig.ts');
  return flattenKubeconfig(text, {
    trusted: true,
    ...(kubeContext === undefined ? {} : { context: kubeContext }),
    ...(kubeconfig === '-' ? {} : { directory: dirname(kubeconfig) }),
  });
}

async function readText(shell: Shell, file: string): Promise<string> {
  if (file === '-') return (await readAll(shell.stdin)).toString('utf8');
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${file}`, { cause: error, fix: '--kubeconfig FILE' });
  });
}
