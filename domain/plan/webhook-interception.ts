import { arrayAt, stringAt, valueAt } from '../json.ts';
import { allOf, grouped, type DesignIndex } from './design-index.ts';
import { isEmptySelector, selectorMatches, type Labels } from './label-selector.ts';
import type { PlannedObject } from './planned-object.ts';
import { pluralOf } from './plural.ts';
import { isWebhookConfiguration } from './service-reference.ts';

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE';

/** One request that applying an object leads to: for itself, and for the pods that its controller makes. */
type Admission = {
  readonly object: PlannedObject;
  readonly group: string;
  readonly resource: string;
  readonly labels: Labels;
};

export type AdmissionIndex = {
  readonly operations: readonly AdmissionOperation[];
  readonly admissions: readonly Admission[];
  /** By `group/resource`. */
  readonly byResource: ReadonlyMap<string, readonly Admission[]>;
  /** Undefined for a namespace of which nothing is known. */
  readonly namespaceLabels: (namespace: string) => Labels | undefined;
};

/** The requests that a design leads to, findable by what webhook rules name. */
export function createAdmissionIndex(index: DesignIndex, operations: readonly AdmissionOperation[]): AdmissionIndex {
  const admissions = index.objects
    .filter(isInterceptable)
    .flatMap((object) => [
      { object, group: object.group, resource: pluralOf(index, object), labels: object.labels },
      ...podAdmissions(object),
    ]);
  const declared = new Map(allOf(index, '', 'Namespace').map(({ name, labels }) => [name, labels]));
  return {
    operations,
    admissions,
    byResource: grouped(admissions, ({ group, resource }) => [`${group}/${resource}`]),
    namespaceLabels: (name) => {
      const labels = declared.get(name) ?? index.context.namespaceLabels?.[name];
      return labels === undefined ? undefined : { 'kubernetes.io/metadata.name': name, ...labels };
    },
  };
}

/** The objects that a webhook configuration intercepts in the operations looked at, by its rules and selectors. */
export function interceptedBy(admission: AdmissionIndex, configuration: PlannedObject): readonly PlannedObject[] {
  const found = arrayAt(configuration.object, 'webhooks').flatMap((webhook) =>
    arrayAt(webhook, 'rules')
      .flatMap((rule) => admissionsOf(admission, rule))
      .filter((request) => selected(admission, webhook, request))
      .map(({ object }) => object),
  );
  return [...new Set(found)];
}

/** The API server never sends webhook configurations through webhooks. */
function isInterceptable(object: PlannedObject): boolean {
  return !isWebhookConfiguration(object);
}

function podAdmissions(object: PlannedObject): readonly Admission[] {
  if (object.pods === undefined || object.kind === 'Pod') return [];
  return [{ object, group: '', resource: 'pods', labels: object.pods.labels }];
}

/** Versions are not looked at, as a rule takes equivalent versions too unless it says otherwise. */
function admissionsOf({ operations, admissions, byResource }: AdmissionIndex, rule: unknown): readonly Admission[] {
  const ruled = arrayAt(rule, 'operations');
  if (!['*', ...operations].some((operation) => ruled.includes(operation))) return [];
  const groups = arrayAt(rule, 'apiGroups');
  const resources = arrayAt(rule, 'resources');
  const inScope = (request: Admission) => scopeFits(stringAt(rule, 'scope') ?? '*', request.object);
  const anyResource = resources.includes('*') || resources.includes('*/*');
  if (groups.includes('*') || anyResource)
    return admissions.filter(
      (request) =>
        (groups.includes('*') || groups.includes(request.group)) &&
        (anyResource || resources.includes(request.resource) || resources.includes(`${request.resource}/*`)) &&
        inScope(request),
    );
  return groups
    .flatMap((group) => resources.flatMap((name) => byResource.get(`${String(group)}/${resourceName(name)}`) ?? []))
    .filter(inScope);
}

/** `pods` of `pods/*`; other subresources, such as `pods/exec`, are not part of creating an object. */
function resourceName(resource: unknown): string {
  return String(resource).replace(/\/\*$/, '');
}

function scopeFits(scope: string, { namespace }: PlannedObject): boolean {
  if (scope === 'Namespaced') return namespace !== undefined;
  return scope !== 'Cluster' || namespace === undefined;
}

/** A namespace of which nothing is known is taken to match: a wait too many is safer than a pod without its sidecar. */
function selected(admission: AdmissionIndex, webhook: unknown, { object, labels }: Admission): boolean {
  if (!selectorMatches(valueAt(webhook, 'objectSelector'), labels)) return false;
  const selector = valueAt(webhook, 'namespaceSelector');
  const namespace = object.group === '' && object.kind === 'Namespace' ? object.name : object.namespace;
  if (namespace === undefined || isEmptySelector(selector)) return true;
  const known = admission.namespaceLabels(namespace);
  return known === undefined || selectorMatches(selector, known);
}
