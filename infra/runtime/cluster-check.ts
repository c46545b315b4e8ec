import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SlipwayError } from '../../domain/errors.ts';

export type ClusterToCheck = { readonly kubeconfig: string; readonly context?: string };

/**
 * What is wrong with the cluster of a kubeconfig file, or undefined where it answers. What its user may do there is not
 * asked: a refusal of that is an answer too.
 */
export async function findClusterProblem({
  kubeconfig,
  ...context
}: ClusterToCheck): Promise<SlipwayError | undefined> {
  // Loaded when it is needed: the command line starts without it.
  const { createClusterClient } = await import('../kubernetes/cluster-client.ts');
  try {
    const text = await readFile(kubeconfig, 'utf8');
    const client = createClusterClient({ kubeconfig: text, ...context, trusted: true, directory: dirname(kubeconfig) });
    try {
      await client.version({ retryForMs: 0, signal: AbortSignal.timeout(patienceMs) });
    } finally {
      await client.close();
    }
    return undefined;
  } catch (error) {
    return problemOf(error, kubeconfig);
  }
}

const patienceMs = 15_000;

function problemOf(error: unknown, kubeconfig: string): SlipwayError | undefined {
  const fix = `Check that the cluster of ${kubeconfig} runs and can be reached from here; --context NAME chooses another one.`;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new SlipwayError('unavailable', `the cluster of ${kubeconfig} has not answered in ${patienceMs / 1000} s`, {
      fix,
      cause: error,
    });
  }
  if (!(error instanceof SlipwayError)) throw error;
  if (error.code === 'forbidden') return undefined;
  return error.code === 'unavailable'
    ? new SlipwayError('unavailable', error.message, { fix, cause: error.cause })
    : error;
}
