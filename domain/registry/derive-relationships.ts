import { kubernetesKind } from '../design/known-kinds.ts';
import { groupOf } from '../kubernetes-object.ts';
import type { ComponentDefinition, ComponentKind } from './component-definition.ts';
import { slugOf } from './readable-name.ts';
import { referenceFields, type ReferenceField } from './reference-fields.ts';
import type { FieldPath, RelationshipDefinition, RelationshipSelector } from './relationship-definition.ts';

/** What a component refers to, before the other kinds of its model are known. Far smaller than its schema. */
export type ComponentReferences = ComponentKind & { readonly fields: readonly ReferenceField[] };

/** What the schema of a component tells of other objects. */
export function referencesOf({ kind, apiVersion, schema }: ComponentDefinition): ComponentReferences {
  return { kind, apiVersion, fields: referenceFields(schema) };
}

/**
 * Relationships between the components of a model, and with kinds of Kubernetes, as far as field names and schemas tell.
 * What names no known kind gives none.
 */
export function deriveRelationships(
  components: readonly ComponentReferences[],
  kinds: readonly ComponentKind[],
): readonly RelationshipDefinition[] {
  const found = components.flatMap((component) =>
    component.fields.flatMap((field) => {
      const targets = targetsOf(field, kinds);
      return targets.length === 0 ? [] : [{ component, field, targets }];
    }),
  );
  const groups = Map.groupBy(found, groupKey);
  return withUniqueNames(
    [...groups.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [toRelationship([first, ...others])],
    ),
  );
}

type Target = { readonly kind: string; readonly apiVersion?: string };
type Found = {
  readonly component: ComponentReferences;
  readonly field: ReferenceField;
  readonly targets: readonly Target[];
};

/** Versions of a kind that say the same are one; all that a pod in a component names of one kind is one, too. */
function groupKey({ component, field, targets }: Found): string {
  const place = field.pod === undefined ? field.path.join('.') : `${field.pod}…${isMount(field)}`;
  return JSON.stringify([groupOf(component.apiVersion), component.kind, place, field.how, targets]);
}

/** Kinds of Kubernetes that fields are named after, by the words of the field; `…` stands for further words before them. */
const builtInWords: Readonly<Record<ReferenceField['how'], Readonly<Record<string, Target>>>> = {
  name: {
    '…secret': { kind: 'Secret', apiVersion: 'v1' },
    '…configmap': { kind: 'ConfigMap', apiVersion: 'v1' },
    '…serviceaccount': { kind: 'ServiceAccount', apiVersion: 'v1' },
    '[secret]': { kind: 'Secret', apiVersion: 'v1' },
    '[configmap]': { kind: 'ConfigMap', apiVersion: 'v1' },
    '[imagepullsecret]': { kind: 'Secret', apiVersion: 'v1' },
    claim: { kind: 'PersistentVolumeClaim', apiVersion: 'v1' },
    persistentvolumeclaim: { kind: 'PersistentVolumeClaim', apiVersion: 'v1' },
    service: { kind: 'Service', apiVersion: 'v1' },
    storageclass: { kind: 'StorageClass', apiVersion: 'storage.k8s.io/*' },
    ingressclass: { kind: 'IngressClass', apiVersion: 'networking.k8s.io/*' },
    priorityclass: { kind: 'PriorityClass', apiVersion: 'scheduling.k8s.io/*' },
    runtimeclass: { kind: 'RuntimeClass', apiVersion: 'node.k8s.io/*' },
  },
  labels: {
    pod: { kind: 'Pod', apiVersion: 'v1' },
    workload: { kind: 'Pod', apiVersion: 'v1' },
    service: { kind: 'Service', apiVersion: 'v1' },
    namespace: { kind: 'Namespace', apiVersion: 'v1' },
    secret: { kind: 'Secret', apiVersion: 'v1' },
    configmap: { kind: 'ConfigMap', apiVersion: 'v1' },
  },
};

/** What makes pods, and carries the labels that they will have in its template. */
const podMakers: readonly Target[] = [
  { kind: 'Deployment', apiVersion: 'apps/*' },
  { kind: 'StatefulSet', apiVersion: 'apps/*' },
  { kind: 'DaemonSet', apiVersion: 'apps/*' },
];

function targetsOf({ target, how }: ReferenceField, kinds: readonly ComponentKind[]): readonly Target[] {
  if ('kinds' in target) return target.kinds.flatMap((kind) => listedTarget(kind, target.apiVersion, kinds) ?? []);
  const words = target.words.toLowerCase();
  const plain = words.replaceAll(/[[\]]/g, '');
  const own = kinds.filter(({ kind }) => [plain, `cluster${plain}`].includes(kind.toLowerCase())).map(anyVersion);
  if (own.length > 0) return distinct(own);
  const builtIn = Object.entries(builtInWords[how]).find(([name]) =>
    name.startsWith('…') ? words.endsWith(name.slice(1)) : words === name,
  );
  return builtIn === undefined ? [] : [builtIn[1]];
}

/** A kind that the schema lists: of the model, of Kubernetes, or of the API group that the schema gives. */
function listedTarget(
  kind: string,
  apiVersion: string | undefined,
  kinds: readonly ComponentKind[],
): Target | undefined {
  const own = kinds.find((candidate) => candidate.kind === kind && isOfGroup(candidate, apiVersion));
  if (own !== undefined) return anyVersion(own);
  if (apiVersion !== undefined) return anyVersion({ kind, apiVersion });
  return namedBuiltIns.find((known) => known.kind === kind);
}

const namedBuiltIns: readonly Target[] = [
  ...Object.values(builtInWords.name),
  ...podMakers,
  ...['batch/v1 Job', 'batch/v1 CronJob', 'v1 Namespace', 'v1 Node'].flatMap((text) => {
    const [apiVersion = '', kind = ''] = text.split(' ');
    return kubernetesKind(apiVersion, kind) === undefined ? [] : [anyVersion({ kind, apiVersion })];
  }),
];

function isOfGroup(candidate: ComponentKind, apiVersion: string | undefined): boolean {
  return apiVersion === undefined || groupOf(candidate.apiVersion) === groupOf(apiVersion);
}

function anyVersion({ kind, apiVersion }: ComponentKind): Target {
  const group = groupOf(apiVersion);
  return { kind, apiVersion: group === '' ? apiVersion : `${group}/*` };
}

function distinct(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()];
}

function isMount({ path, pod }: ReferenceField): boolean {
  return pod !== undefined && path.includes('volumes');
}

function toRelationship(group: readonly [Found, ...Found[]]): RelationshipDefinition {
  const [first] = group;
  const { component, field, targets } = first;
  const fields = [...new Map(group.map((one) => [one.field.path.join('.'), one.field])).values()];
  const isName = field.how === 'name';
  const kinds = targets.map(({ kind }) => kind);
  const place = placeOf(field.path);
  return {
    ...natureOf(field),
    name: nameOf(first),
    description: `${place} of ${component.kind} ${isName ? 'names' : 'selects'} ${kinds.join(' or ')}.`,
    selectors: [{ allow: isName ? namingPair(component, targets, fields) : selectingPair(first) }],
    order: !isName || field.isProduced ? null : { first: 'from', needs: 'exists' },
    foundBy: { how: isName ? 'schemaField' : 'selector', place: placesOf(fields) },
    metadata: {},
  };
}

function nameOf({ component, field, targets }: Found): string {
  const words = [component.kind, field.pod ?? placeOf(field.path), ...targets.map(({ kind }) => kind)];
  return slugOf([...words, ...(isMount(field) ? ['mount'] : [])].join('-'), 240);
}

function natureOf(field: ReferenceField): Pick<RelationshipDefinition, 'kind' | 'type' | 'subType'> {
  return isMount(field)
    ? { kind: 'edge', type: 'binding', subType: 'mount' }
    : { kind: 'edge', type: 'non-binding', subType: 'reference' };
}

type Pair = { from: RelationshipSelector[]; to: RelationshipSelector[] };

/** What is named gives its name; several fields are alternatives. */
function namingPair(component: ComponentKind, targets: readonly Target[], fields: readonly ReferenceField[]): Pair {
  const pairs = fields.flatMap((field) => [
    ...field.beside.map((name) => ({ mutator: besides[name], mutated: [...field.path.slice(0, -1), name] })),
    { mutator: ['displayName'], mutated: [...field.path] },
  ]);
  const mutatorRef = pairs.map(({ mutator }) => [...mutator]);
  const mutatedRef = pairs.map(({ mutated }) => mutated);
  return {
    from: targets.map((target) => ({ ...target, patch: { strategy: 'copy', mutatorRef } })),
    to: [{ ...anyVersion(component), patch: { strategy: 'copy', mutatedRef } }],
  };
}

const besides = {
  kind: ['component', 'kind'],
  apiVersion: ['component', 'version'],
  namespace: ['configuration', 'metadata', 'namespace'],
} as const;

/** What selects gives the labels that others have. */
function selectingPair({ component, field, targets }: Found): Pair {
  const labelled = targets.flatMap((target) => (target.kind === 'Pod' ? [target, ...podMakers] : [target]));
  return {
    from: [{ ...anyVersion(component), patch: { strategy: 'copy', mutatorRef: [[...field.path]] } }],
    to: labelled.map((target) => ({
      ...target,
      patch: { strategy: 'copy', mutatedRef: [['configuration', ...labelsOf(target)]] },
    })),
  };
}

function labelsOf({ kind }: Target): FieldPath {
  const isMaker = podMakers.some((maker) => maker.kind === kind);
  return isMaker ? ['spec', 'template', 'metadata', 'labels'] : ['metadata', 'labels'];
}

/** `spec.tls[].secretName`, as people write it. */
function placeOf(path: FieldPath): string {
  return path.slice(1).join('.').replaceAll('._', '[]');
}

function placesOf(fields: readonly ReferenceField[]): string {
  return fields
    .map(({ path }) => placeOf(path))
    .join(', ')
    .slice(0, 2_000);
}

function withUniqueNames(relationships: readonly RelationshipDefinition[]): readonly RelationshipDefinition[] {
  const seen = new Map<string, number>();
  return relationships.map((relationship) => {
    const count = (seen.get(relationship.name) ?? 0) + 1;
    seen.set(relationship.name, count);
    return count === 1 ? relationship : { ...relationship, name: `${relationship.name}-${count}` };
  });
}
