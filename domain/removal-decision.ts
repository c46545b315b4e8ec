import { isCustomResourceDefinition } from './custom-resource-definition.ts';
import { type KubernetesObject, groupOf, type ObjectReference, referenceOf } from './kubernetes-object.ts';
import type { StepAction, UndeployOptions } from './operation.ts';
import { isKeptFor, keepMarkOf, ownerOf } from './ownership.ts';

/** What the inventory knows of an object that is to be removed. */
export type RemovalCandidate = {
  readonly reference: ObjectReference;
  readonly uid: string | null;
  /** False for an object that was there before the deployment and was adopted. */
  readonly created: boolean;
};

export type RemovalQuestion = {
  readonly deploymentId: string;
  readonly candidate: RemovalCandidate;
  readonly live: KubernetesObject | undefined;
  readonly policy: Pick<UndeployOptions, 'removeCrds' | 'purgeVolumes'>;
  /** Designs whose deployments share the object. */
  readonly sharedWith: readonly string[];
};

export type RemovalDecision = { readonly action: StepAction; readonly message?: string };

/** What removing an object from a deployment means: only what is live, is the deployment's and nobody else's is deleted. */
export function decideRemoval(question: RemovalQuestion): RemovalDecision {
  const { live, candidate } = question;
  if (live === undefined) return { action: 'delete', message: 'was gone already' };
  const objection = ownershipObjection(question, live) ?? policyObjection(question, live);
  if (objection !== undefined) return { action: 'keep', message: objection };
  if (!candidate.created) return { action: 'restore', message: 'was there before: given back as it was' };
  return { action: 'delete' };
}

/** Why the object is not this deployment's to delete. */
function ownershipObjection(
  { candidate, deploymentId, sharedWith }: RemovalQuestion,
  live: KubernetesObject,
): string | undefined {
  if (candidate.uid !== null && live.metadata.uid !== candidate.uid) {
    return 'another object has this name now: it was created by somebody else';
  }
  if (sharedWith.length > 0) return `shared with ${sharedWith.join(', ')}: it goes with the last of them`;
  if (isKeptFor(live, deploymentId)) return undefined;
  const owner = ownerOf(live);
  if (owner === undefined) return 'it no longer carries the mark of this deployment';
  const isOurs = owner.tool === 'Slipway' && owner.name === deploymentId;
  return isOurs ? undefined : `it belongs to ${owner.tool} (${owner.name}) now`;
}

/** Why the object stays although it is this deployment's. */
function policyObjection({ candidate, policy }: RemovalQuestion, live: KubernetesObject): string | undefined {
  const mark = keepMarkOf(live);
  if (mark !== undefined) return `it asks to be kept: ${mark}`;
  if (isVolume(candidate.reference) && !policy.purgeVolumes)
    return 'volumes keep their data unless --purge-volumes is given';
  const isKeptCrd = isCustomResourceDefinition(candidate.reference) && policy.removeCrds === 'never';
  return isKeptCrd ? 'kept by --remove-crds never' : undefined;
}

/** A claim or a volume: what holds data. */
export function isVolume({ apiVersion, kind }: ObjectReference): boolean {
  return groupOf(apiVersion) === '' && (kind === 'PersistentVolumeClaim' || kind === 'PersistentVolume');
}

export function isNamespace({ apiVersion, kind }: ObjectReference): boolean {
  return groupOf(apiVersion) === '' && kind === 'Namespace';
}

/** Kinds that make pods: they are gone only when their pods are. */
const workloads = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
]);

/** How dependents of a deleted object go: https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion */
export function propagationOf({ kind }: ObjectReference): 'Foreground' | 'Background' {
  return workloads.has(kind) ? 'Foreground' : 'Background';
}

/** Objects that every namespace has or that tell of others: they do not keep a namespace from going. */
export function isPartOfNamespace(object: KubernetesObject): boolean {
  const { kind, metadata } = object;
  if (metadata.deletionTimestamp !== undefined) return true;
  if (Array.isArray(metadata['ownerReferences']) && metadata['ownerReferences'].length > 0) return true;
  if (['Event', 'Endpoints', 'EndpointSlice', 'Lease', 'PodMetrics'].includes(kind)) return true;
  if (kind === 'ServiceAccount' && metadata.name === 'default') return true;
  return kind === 'ConfigMap' && metadata.name === 'kube-root-ca.crt';
}

/** The claims that a StatefulSet's templates make, by name: `<template>-<set>-<ordinal>`. They are in no manifest. */
export function isTemplateClaim(
  claim: KubernetesObject,
  set: KubernetesObject,
  templateNames: readonly string[],
): boolean {
  const { name, namespace } = claim.metadata;
  if (namespace !== set.metadata.namespace) return false;
  return templateNames.some((template) => {
    const prefix = `${template}-${referenceOf(set).name}-`;
    return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
  });
}
