import { groupOf } from '../kubernetes-object.ts';

export type RemovedApi = {
  /** The Kubernetes version that no longer serves it. */
  readonly removedIn: string;
  /** What to write instead; absent where nothing replaces it. */
  readonly replacement?: string;
};

type Removal = {
  readonly apiVersion: string;
  readonly kinds: string;
  readonly removedIn: string;
  readonly replacement?: string;
};

/** https://kubernetes.io/docs/reference/using-api/deprecation-guide/ */
const removals: readonly Removal[] = [
  {
    apiVersion: 'extensions/v1beta1',
    kinds: 'DaemonSet Deployment ReplicaSet',
    removedIn: '1.16',
    replacement: 'apps/v1',
  },
  { apiVersion: 'extensions/v1beta1', kinds: 'NetworkPolicy', removedIn: '1.16', replacement: 'networking.k8s.io/v1' },
  { apiVersion: 'extensions/v1beta1', kinds: 'Ingress', removedIn: '1.22', replacement: 'networking.k8s.io/v1' },
  { apiVersion: 'extensions/v1beta1', kinds: 'PodSecurityPolicy', removedIn: '1.16' },
  { apiVersion: 'apps/v1beta1', kinds: '*', removedIn: '1.16', replacement: 'apps/v1' },
  { apiVersion: 'apps/v1beta2', kinds: '*', removedIn: '1.16', replacement: 'apps/v1' },
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kinds: 'Ingress IngressClass',
    removedIn: '1.22',
    replacement: 'networking.k8s.io/v1',
  },
  { apiVersion: 'policy/v1beta1', kinds: 'PodDisruptionBudget', removedIn: '1.25', replacement: 'policy/v1' },
  { apiVersion: 'policy/v1beta1', kinds: 'PodSecurityPolicy', removedIn: '1.25' },
  { apiVersion: 'batch/v1beta1', kinds: 'CronJob', removedIn: '1.25', replacement: 'batch/v1' },
  { apiVersion: 'batch/v2alpha1', kinds: 'CronJob', removedIn: '1.21', replacement: 'batch/v1' },
  { apiVersion: 'autoscaling/v2beta1', kinds: '*', removedIn: '1.25', replacement: 'autoscaling/v2' },
  { apiVersion: 'autoscaling/v2beta2', kinds: '*', removedIn: '1.26', replacement: 'autoscaling/v2' },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1alpha1',
    kinds: '*',
    removedIn: '1.22',
    replacement: 'rbac.authorization.k8s.io/v1',
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1beta1',
    kinds: '*',
    removedIn: '1.22',
    replacement: 'rbac.authorization.k8s.io/v1',
  },
  { apiVersion: 'apiextensions.k8s.io/v1beta1', kinds: '*', removedIn: '1.22', replacement: 'apiextensions.k8s.io/v1' },
  {
    apiVersion: 'apiregistration.k8s.io/v1beta1',
    kinds: '*',
    removedIn: '1.22',
    replacement: 'apiregistration.k8s.io/v1',
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: 'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
    removedIn: '1.22',
    replacement: 'admissionregistration.k8s.io/v1',
  },
  {
    apiVersion: 'certificates.k8s.io/v1beta1',
    kinds: 'CertificateSigningRequest',
    removedIn: '1.22',
    replacement: 'certificates.k8s.io/v1',
  },
  { apiVersion: 'coordination.k8s.io/v1beta1', kinds: '*', removedIn: '1.22', replacement: 'coordination.k8s.io/v1' },
  { apiVersion: 'discovery.k8s.io/v1beta1', kinds: '*', removedIn: '1.25', replacement: 'discovery.k8s.io/v1' },
  { apiVersion: 'events.k8s.io/v1beta1', kinds: '*', removedIn: '1.25', replacement: 'events.k8s.io/v1' },
  { apiVersion: 'node.k8s.io/v1beta1', kinds: '*', removedIn: '1.25', replacement: 'node.k8s.io/v1' },
  { apiVersion: 'scheduling.k8s.io/v1beta1', kinds: '*', removedIn: '1.22', replacement: 'scheduling.k8s.io/v1' },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: 'CSIDriver CSINode StorageClass VolumeAttachment',
    removedIn: '1.22',
    replacement: 'storage.k8s.io/v1',
  },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: 'CSIStorageCapacity',
    removedIn: '1.27',
    replacement: 'storage.k8s.io/v1',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta1',
    kinds: '*',
    removedIn: '1.26',
    replacement: 'flowcontrol.apiserver.k8s.io/v1',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta2',
    kinds: '*',
    removedIn: '1.29',
    replacement: 'flowcontrol.apiserver.k8s.io/v1',
  },
  {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3',
    kinds: '*',
    removedIn: '1.32',
    replacement: 'flowcontrol.apiserver.k8s.io/v1',
  },
];

/** When Kubernetes stopped serving this kind at this version, or undefined where it still may. */
export function removedApi(apiVersion: string, kind: string): RemovedApi | undefined {
  return removals.find(
    (removal) =>
      removal.apiVersion === apiVersion && (removal.kinds === '*' || removal.kinds.split(' ').includes(kind)),
  );
}

/** Whether some version of this API group once held kinds that are gone: an unknown kind there is an old one, not a slip. */
export function hadRemovedKind(apiVersion: string, kind: string): boolean {
  const group = groupOf(apiVersion);
  return removals.some((removal) => groupOf(removal.apiVersion) === group && removal.kinds.split(' ').includes(kind));
}
