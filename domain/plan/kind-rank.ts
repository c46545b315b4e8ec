import type { PlannedObject } from './planned-object.ts';

/**
 * Ranks of kinds, by `group/Kind`: they break ties among objects that no edge orders. Deploys go up, undeploys by the
 * second table.
 */
const kindClasses: Readonly<Record<string, readonly string[]>> = {
  namespace: ['/Namespace'],
  definition: ['apiextensions.k8s.io/CustomResourceDefinition'],
  class: [
    'scheduling.k8s.io/PriorityClass',
    'node.k8s.io/RuntimeClass',
    'storage.k8s.io/StorageClass',
    'storage.k8s.io/CSIDriver',
    'storage.k8s.io/VolumeAttributesClass',
    'snapshot.storage.k8s.io/VolumeSnapshotClass',
    'networking.k8s.io/IngressClass',
    'gateway.networking.k8s.io/GatewayClass',
    'cluster.x-k8s.io/ClusterClass',
    'resource.k8s.io/ResourceClass',
    'resource.k8s.io/DeviceClass',
  ],
  namespacePolicy: ['/ResourceQuota', '/LimitRange', 'networking.k8s.io/NetworkPolicy'],
  account: ['/ServiceAccount'],
  role: ['rbac.authorization.k8s.io/ClusterRole', 'rbac.authorization.k8s.io/Role'],
  binding: ['rbac.authorization.k8s.io/ClusterRoleBinding', 'rbac.authorization.k8s.io/RoleBinding'],
  configuration: ['/ConfigMap', '/Secret'],
  storage: ['/PersistentVolume', '/PersistentVolumeClaim'],
  service: ['/Service', '/Endpoints', 'discovery.k8s.io/EndpointSlice'],
  workload: [
    'apps/DaemonSet',
    'apps/StatefulSet',
    'apps/Deployment',
    'apps/ReplicaSet',
    '/ReplicationController',
    '/Pod',
  ],
  job: ['batch/Job', 'batch/CronJob'],
  scaling: [
    'policy/PodDisruptionBudget',
    'autoscaling/HorizontalPodAutoscaler',
    'autoscaling.k8s.io/VerticalPodAutoscaler',
    'keda.sh/ScaledObject',
    'keda.sh/ScaledJob',
  ],
  apiService: ['apiregistration.k8s.io/APIService'],
  admission: [
    'admissionregistration.k8s.io/MutatingWebhookConfiguration',
    'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
    'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
    'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
    'admissionregistration.k8s.io/MutatingAdmissionPolicy',
    'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  ],
  routing: [
    'gateway.networking.k8s.io/Gateway',
    'networking.k8s.io/Ingress',
    'gateway.networking.k8s.io/HTTPRoute',
    'gateway.networking.k8s.io/GRPCRoute',
    'gateway.networking.k8s.io/TCPRoute',
    'gateway.networking.k8s.io/TLSRoute',
    'gateway.networking.k8s.io/UDPRoute',
    'route.openshift.io/Route',
  ],
};

const deployOrder = Object.keys(kindClasses);
const undeployOrder = [
  'custom',
  'admission',
  'apiService',
  'scaling',
  'routing',
  'job',
  'workload',
  'service',
  'storage',
  'binding',
  'role',
  'account',
  'configuration',
  'namespacePolicy',
  'definition',
  'class',
  'namespace',
];

const classByKind: ReadonlyMap<string, string> = new Map(
  Object.entries(kindClasses).flatMap(([name, kinds]) => kinds.map((kind): [string, string] => [kind, name])),
);

/** Where an object stands among those that may be applied at once: the lowest goes first. */
export function deployRank({ group, kind }: PlannedObject): number {
  const position = deployOrder.indexOf(classOf(group, kind));
  return position === -1 ? deployOrder.length : position;
}

/** Where an object stands among those that may be deleted at once: the lowest goes first. */
export function undeployRank({ group, kind }: PlannedObject): number {
  return undeployOrder.indexOf(classOf(group, kind));
}

/** Whether the kind is one that a cluster serves by itself, so that no CRD of the design can be meant by it. */
export function isBuiltIn({ group }: Pick<PlannedObject, 'group'>): boolean {
  return builtInGroups.has(group);
}

const builtInGroups: ReadonlySet<string> = new Set([
  '',
  'apps',
  'batch',
  'extensions',
  'policy',
  'autoscaling',
  'events.k8s.io',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'scheduling.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'coordination.k8s.io',
  'certificates.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'admissionregistration.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'resource.k8s.io',
  'internal.apiserver.k8s.io',
  'storagemigration.k8s.io',
]);

function classOf(group: string, kind: string): string {
  return classByKind.get(`${group}/${kind}`) ?? (builtInGroups.has(group) ? 'configuration' : 'custom');
}
