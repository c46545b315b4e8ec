import { z } from 'zod';
import type { ClusterApi } from './api.ts';

const nodeNames = ['development-1', 'development-2', 'development-3'] as const;
const capacity = { cpu: '256', memory: '1Ti', pods: '5000', 'ephemeral-storage': '10Ti' };

/** The annotation by which people and programs see that a node is simulated. */
const simulated = { 'kwok.x-k8s.io/node': 'fake' };

const nodeList = z.object({
  items: z.array(
    z.object({
      status: z.object({
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
      }),
    }),
  ),
});

/** Makes the nodes and the default StorageClass. Gives false when the server did not take them yet. */
export async function applyContents(api: ClusterApi): Promise<boolean> {
  const statuses = await Promise.all([
    ...nodeNames.map((name) => api.apply(`/api/v1/nodes/${name}`, simulatedNode(name))),
    api.apply('/apis/storage.k8s.io/v1/storageclasses/standard', standardStorageClass),
  ]);
  return statuses.every((status) => status === 200 || status === 201);
}

/**
 * Frees the nodes from the simulator of an earlier start, whose leases the next one would wait out: no pod would run for
 * up to 40 s. Before the simulator starts.
 */
export async function releaseNodes(api: ClusterApi): Promise<void> {
  await api.remove('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases');
}

/** Whether everything that a design may count on is there: namespace, service account, nodes that are ready. */
export async function isPopulated(api: ClusterApi): Promise<boolean> {
  const [account, rootCertificate, nodes] = await Promise.all([
    api.get('/api/v1/namespaces/default/serviceaccounts/default'),
    api.get('/api/v1/namespaces/default/configmaps/kube-root-ca.crt'),
    api.get('/api/v1/nodes'),
  ]);
  return account.status === 200 && rootCertificate.status === 200 && readyNodeCount(nodes.text) >= nodeNames.length;
}

function readyNodeCount(text: string): number {
  return nodeList
    .parse(JSON.parse(text))
    .items.filter((node) =>
      (node.status.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    ).length;
}

function simulatedNode(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: simulated,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/region': 'development',
        'topology.kubernetes.io/zone': name,
      },
    },
    status: { capacity, allocatable: capacity },
  };
}

const standardStorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: {
    name: 'standard',
    annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
  },
  provisioner: 'simulated.slipway.dev',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
  allowVolumeExpansion: true,
};
