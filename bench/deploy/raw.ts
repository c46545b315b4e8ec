import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { referenceOf } from '../../domain/kubernetes-object.ts';
import { contentOf, removeNamespace } from './cluster-state.ts';
import type { Tool } from './tool.ts';
import { namespaceNamed, type Workload } from './workload.ts';

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

async function applyAll(cluster: ClusterClient, workload: Workload): Promise<void> {
  if (workload.bringsNamespace) await cluster.apply(namespaceNamed(workload.namespace), { fieldManager });
  await Promise.all(contentOf(workload).map((object) => cluster.apply(object, { fieldManager })));
}

async function removeAll(cluster: ClusterClient, workload: Workload): Promise<void> {
  const references = contentOf(workload).map(referenceOf);
  await Promise.all(references.map((reference) => cluster.delete(reference, { propagation: 'Background' })));
  if (workload.bringsNamespace) await removeNamespace(cluster, workload.namespace);
}
