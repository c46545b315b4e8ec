import { groupOf } from '../kubernetes-object.ts';

/** A kind that a well-known API serves. */
export type KnownKind = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Whether its manifest is a `spec`, rather than fields beside `metadata`. */
  readonly hasSpec: boolean;
};

type Group = {
  readonly apiVersion: string;
  readonly namespaced?: string;
  readonly cluster?: string;
};

/** What Kubernetes 1.36 serves at its preferred versions: https://kubernetes.io/docs/reference/kubernetes-api/ */
const kubernetesGroups: readonly Group[] = [
  {
    apiVersion: 'v1',
    namespaced:
      'ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
    cluster: 'Namespace Node PersistentVolume',
  },
  { apiVersion: 'apps/v1', namespaced: 'ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet' },
  { apiVersion: 'batch/v1', namespaced: 'CronJob Job' },
  { apiVersion: 'autoscaling/v2', namespaced: 'HorizontalPodAutoscaler' },
  { apiVersion: 'policy/v1', namespaced: 'PodDisruptionBudget' },
  {
    apiVersion: 'networking.k8s.io/v1',
    namespaced: 'Ingress NetworkPolicy',
    cluster: 'IPAddress IngressClass ServiceCIDR',
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    namespaced: 'Role RoleBinding',
    cluster: 'ClusterRole ClusterRoleBinding',
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    namespaced: 'CSIStorageCapacity',
    cluster: 'CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass',
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    cluster:
      'MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration',
  },
  { apiVersion: 'apiextensions.k8s.io/v1', cluster: 'CustomResourceDefinition' },
  { apiVersion: 'apiregistration.k8s.io/v1', cluster: 'APIService' },
  { apiVersion: 'certificates.k8s.io/v1', cluster: 'CertificateSigningRequest' },
  { apiVersion: 'coordination.k8s.io/v1', namespaced: 'Lease' },
  { apiVersion: 'discovery.k8s.io/v1', namespaced: 'EndpointSlice' },
  { apiVersion: 'events.k8s.io/v1', namespaced: 'Event' },
  { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', cluster: 'FlowSchema PriorityLevelConfiguration' },
  { apiVersion: 'node.k8s.io/v1', cluster: 'RuntimeClass' },
  {
    apiVersion: 'resource.k8s.io/v1',
    namespaced: 'ResourceClaim ResourceClaimTemplate',
    cluster: 'DeviceClass ResourceSlice',
  },
  { apiVersion: 'scheduling.k8s.io/v1', cluster: 'PriorityClass' },
];

/** Kinds of projects that older Meshery patterns name without a version. */
const otherGroups: readonly Group[] = [
  {
    apiVersion: 'networking.istio.io/v1',
    namespaced: 'DestinationRule Gateway ServiceEntry Sidecar VirtualService WorkloadEntry WorkloadGroup',
  },
  { apiVersion: 'networking.istio.io/v1beta1', namespaced: 'ProxyConfig' },
  { apiVersion: 'networking.istio.io/v1alpha3', namespaced: 'EnvoyFilter' },
  { apiVersion: 'security.istio.io/v1', namespaced: 'AuthorizationPolicy PeerAuthentication RequestAuthentication' },
  { apiVersion: 'telemetry.istio.io/v1', namespaced: 'Telemetry' },
  { apiVersion: 'extensions.istio.io/v1alpha1', namespaced: 'WasmPlugin' },
];

const withoutSpec = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'ControllerRevision',
  'EndpointSlice',
  'Endpoints',
  'Event',
  'MutatingWebhookConfiguration',
  'PodTemplate',
  'PriorityClass',
  'Role',
  'RoleBinding',
  'RuntimeClass',
  'Secret',
  'ServiceAccount',
  'StorageClass',
  'ValidatingWebhookConfiguration',
]);

const kubernetesKinds = kubernetesGroups.flatMap(kindsOfGroup);
const byKind = indexByKind([...kubernetesKinds, ...otherGroups.flatMap(kindsOfGroup)]);
const byGroupKind = new Map(kubernetesKinds.map((known) => [`${groupOf(known.apiVersion)}/${known.kind}`, known]));
const kubernetesGroupNames = new Set(kubernetesKinds.map((known) => groupOf(known.apiVersion)));

/** The well-known kind of this name, Kubernetes' own before others; for manifests that say no version. */
export function knownKindNamed(kind: string): KnownKind | undefined {
  return byKind.get(kind);
}

/** The Kubernetes kind of this name in the API group of `apiVersion`, whatever the version. */
export function kubernetesKind(apiVersion: string, kind: string): KnownKind | undefined {
  return byGroupKind.get(`${groupOf(apiVersion)}/${kind}`);
}

/** Whether Kubernetes itself serves the API group of `apiVersion`. */
export function isKubernetesGroup(apiVersion: string): boolean {
  return kubernetesGroupNames.has(groupOf(apiVersion));
}

/** The kinds that Kubernetes serves in the API group of `apiVersion`. */
export function kubernetesKindsIn(apiVersion: string): readonly string[] {
  const group = groupOf(apiVersion);
  return kubernetesKinds.filter((known) => groupOf(known.apiVersion) === group).map((known) => known.kind);
}

function kindsOfGroup({ apiVersion, namespaced = '', cluster = '' }: Group): readonly KnownKind[] {
  const kinds = (names: string, isNamespaced: boolean) =>
    names
      .split(' ')
      .filter((kind) => kind !== '')
      .map((kind) => ({ apiVersion, kind, namespaced: isNamespaced, hasSpec: !withoutSpec.has(kind) }));
  return [...kinds(namespaced, true), ...kinds(cluster, false)];
}

/** The first of each name wins. */
function indexByKind(kinds: readonly KnownKind[]): ReadonlyMap<string, KnownKind> {
  return new Map(kinds.toReversed().map((known) => [known.kind, known]));
}
