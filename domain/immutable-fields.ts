import { describeObject, groupOf, type ObjectReference } from './kubernetes-object.ts';

/** How an object is made anew where the API refuses to change it. */
export type Recreation = {
  /** `orphan` leaves the pods running while their controller is replaced. */
  readonly propagation: 'Orphan' | 'Background' | 'Foreground';
  /** What happens meanwhile, for people. */
  readonly effect: string;
};

const recreations: Readonly<Record<string, Recreation>> = {
  'apps/StatefulSet': { propagation: 'Orphan', effect: 'its pods and claims stay and are adopted by the new one' },
  'apps/Deployment': { propagation: 'Foreground', effect: 'its pods stop before the new ones start' },
  'apps/DaemonSet': { propagation: 'Foreground', effect: 'its pods stop before the new ones start' },
  'apps/ReplicaSet': { propagation: 'Foreground', effect: 'its pods stop before the new ones start' },
  'batch/Job': { propagation: 'Foreground', effect: 'it runs again from the beginning' },
  '/Service': {
    propagation: 'Background',
    effect: 'it gets another address, and its clients are cut off for a moment',
  },
  '/Pod': { propagation: 'Background', effect: 'it stops and starts anew' },
  '/ConfigMap': { propagation: 'Background', effect: 'it is missing for a moment' },
  '/Secret': { propagation: 'Background', effect: 'it is missing for a moment' },
  'rbac.authorization.k8s.io/RoleBinding': {
    propagation: 'Background',
    effect: 'the permission is missing for a moment',
  },
  'rbac.authorization.k8s.io/ClusterRoleBinding': {
    propagation: 'Background',
    effect: 'the permission is missing for a moment',
  },
  'storage.k8s.io/StorageClass': { propagation: 'Background', effect: 'claims made at this moment wait' },
  'scheduling.k8s.io/PriorityClass': { propagation: 'Background', effect: 'pods made at this moment are refused' },
  'networking.k8s.io/IngressClass': { propagation: 'Background', effect: 'its controller sees it go and come' },
};

/** How the kind can be made anew, or undefined for kinds whose loss would lose data of others: claims, volumes, namespaces, CRDs. */
export function recreationOf(reference: ObjectReference): Recreation | undefined {
  return recreations[`${groupOf(reference.apiVersion)}/${reference.kind}`];
}

export type Refusal = {
  readonly status: number;
  readonly message: string;
  readonly causes: readonly { readonly field: string; readonly message: string }[];
};

/** What the API says of a field that cannot change: `field is immutable`, `updates to statefulset spec for fields other than …`. */
const immutablePattern =
  /is immutable|immutable after|cannot change roleRef|may not change once set|updates to statefulset spec|pod updates may not change|updates to parameters are forbidden|may not be changed|is forbidden after creation/i;

/** The fields that the API refused to change, or undefined when the refusal has another reason. */
export function immutableFieldsOf({ status, message, causes }: Refusal): readonly string[] | undefined {
  if (status !== 422 && status !== 403 && status !== 400) return undefined;
  const named = causes.filter((cause) => immutablePattern.test(cause.message)).map(({ field }) => field);
  if (named.length > 0) return [...new Set(named)];
  return immutablePattern.test(message) ? causes.map(({ field }) => field) : undefined;
}

/** What a person is told when fields cannot be changed in place. */
export function describeImmutable(
  reference: ObjectReference,
  fields: readonly string[],
): { message: string; fix: string } {
  const recreation = recreationOf(reference);
  const subject = describeObject(reference);
  const named = fields.length === 0 ? 'a field' : fields.join(', ');
  return {
    message: `${named} of ${subject} cannot be changed in place: it would have to be deleted and created again`,
    fix:
      recreation === undefined
        ? 'Slipway never recreates this kind by itself, as data could be lost: give the new object another name'
        : `deploy with --replace to recreate it (${recreation.effect}), or leave the field as it is`,
  };
}
