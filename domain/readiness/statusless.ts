import { groupOf, type ObjectReference } from '../kubernetes-object.ts';

/** Kinds of the Kubernetes API that are ready as soon as they are stored, by group. */
const statuslessKinds: Readonly<Record<string, ReadonlySet<string>>> = {
  '': new Set([
    'ConfigMap',
    'Endpoints',
    'Event',
    'LimitRange',
    'PodTemplate',
    'ResourceQuota',
    'Secret',
    'ServiceAccount',
  ]),
  'admissionregistration.k8s.io': new Set([
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ]),
  apps: new Set(['ControllerRevision']),
  batch: new Set(['CronJob']),
  'coordination.k8s.io': new Set(['Lease', 'LeaseCandidate']),
  'discovery.k8s.io': new Set(['EndpointSlice']),
  extensions: new Set(['Ingress', 'NetworkPolicy']),
  'flowcontrol.apiserver.k8s.io': new Set(['FlowSchema', 'PriorityLevelConfiguration']),
  'networking.k8s.io': new Set(['Ingress', 'IngressClass', 'IPAddress', 'NetworkPolicy', 'ServiceCIDR']),
  'node.k8s.io': new Set(['RuntimeClass']),
  'rbac.authorization.k8s.io': new Set(['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']),
  'resource.k8s.io': new Set(['DeviceClass', 'ResourceClaim', 'ResourceClaimTemplate', 'ResourceSlice']),
  'scheduling.k8s.io': new Set(['PriorityClass']),
  'storage.k8s.io': new Set([
    'CSIDriver',
    'CSINode',
    'CSIStorageCapacity',
    'StorageClass',
    'VolumeAttachment',
    'VolumeAttributesClass',
  ]),
};

/** True for kinds whose readiness never depends on their status: being stored is enough, no watch is needed. */
export function isStatusless(reference: Pick<ObjectReference, 'apiVersion' | 'kind'>): boolean {
  return statuslessKinds[groupOf(reference.apiVersion)]?.has(reference.kind) ?? false;
}
