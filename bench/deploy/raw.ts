import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { referenceOf } from '../../domain/kubernetes-object.ts';
import { removeNamespace } from './cluster-state.ts';
import type { Tool } from './tool.ts';
import type { Workload } from './workload.ts';

const fieldManager = 'bench-raw';

/** The limit of the cluster: every object by server-side apply, as many at once as it takes, with nothing around it. */
export function createRawTool(cluster: ClusterClient): Tool {
  return {
    name: 'raw',
    prepare: async (workload) => {
      const apply = (): Promise<void> => applyAll(cluster, workload);
      return { deploy: apply, redeploy: apply, undeploy: () => removeAll(cluster, workload) };
    },
  };
}

async function applyAll(cluster: ClusterClient, { objects }: Workload): Promise<void> {
  const [namespace, ...others] = objects;
  if (namespace !== undefined) await cluster.apply(namespace, { fieldManager });
  await Promise.all(others.map((object) => cluster.apply(object, { fieldManager })));
}

async function removeAll(cluster: ClusterClient, { objects, namespace }: Workload): Promise<void> {
  await Promise.all(
    objects.slice(1).map((object) => cluster.delete(referenceOf(object), { propagation: 'Background' })),
  );
  await removeNamespace(cluster, namespace);
}
