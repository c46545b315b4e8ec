import type { Finding } from '../finding.ts';
import { formatPath, isJsonObject, objectAt, stringAt, valueAt, type JsonObject, type JsonPath } from '../json.ts';
import { kubernetesKind } from './known-kinds.ts';
import { fieldFinding, type ObjectSource } from './object-source.ts';

/** What the API server writes: carried over from a live object it is noise, or refused. */
const serverFields: readonly JsonPath[] = [
  ['status'],
  ['metadata', 'creationTimestamp'],
  ['metadata', 'deletionGracePeriodSeconds'],
  ['metadata', 'deletionTimestamp'],
  ['metadata', 'generation'],
  ['metadata', 'managedFields'],
  ['metadata', 'resourceVersion'],
  ['metadata', 'selfLink'],
  ['metadata', 'uid'],
  ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'],
];

const ownerReferences: JsonPath = ['metadata', 'ownerReferences'];
const namespace: JsonPath = ['metadata', 'namespace'];

export type CleanedObject = { readonly value: JsonObject; readonly findings: readonly Finding[] };

/** The object without what belongs to one cluster only, and what was left out. */
export function cleanObject(source: ObjectSource): CleanedObject {
  const owned = valueAt(source.value, ...ownerReferences) !== undefined;
  const misplaced = isMisplacedInNamespace(source.value);
  const dropped = [...serverFields, ...(owned ? [ownerReferences] : []), ...(misplaced ? [namespace] : [])];
  const value = withoutNullMaps(dropped.reduce<JsonObject>(withoutPath, source.value));
  return {
    value,
    findings: [
      ...serverFieldsNote(source),
      ...(owned ? [ownerReferencesWarning(source)] : []),
      ...(misplaced ? [clusterScopeWarning(source)] : []),
    ],
  };
}

/** Whether a cluster-scoped kind that Slipway knows names a namespace. */
function isMisplacedInNamespace(value: JsonObject): boolean {
  const known = kubernetesKind(stringAt(value, 'apiVersion') ?? '', stringAt(value, 'kind') ?? '');
  return known?.namespaced === false && Object.hasOwn(objectAt(value, 'metadata'), 'namespace');
}

function serverFieldsNote(source: ObjectSource): readonly Finding[] {
  const present = serverFields.filter((path) => !isEmpty(valueAt(source.value, ...path)));
  const [first] = present;
  if (first === undefined) return [];
  return [
    fieldFinding(source, first, {
      severity: 'note',
      code: 'object.serverFields',
      message: `Left out ${present.map(formatPath).join(', ')}: the API server writes ${present.length === 1 ? 'it' : 'them'}.`,
    }),
  ];
}

function ownerReferencesWarning(source: ObjectSource) {
  return fieldFinding(source, ownerReferences, {
    severity: 'warning',
    code: 'object.ownerReferences',
    message:
      'Left out metadata.ownerReferences: they name objects of one cluster by uid, and without those this object would be deleted at once.',
    fix: 'Remove them; use dependsOn to say what this object needs.',
  });
}

function clusterScopeWarning(source: ObjectSource) {
  return fieldFinding(source, namespace, {
    severity: 'warning',
    code: 'object.clusterScoped',
    message: `Left out metadata.namespace: a ${stringAt(source.value, 'kind')} belongs to no namespace.`,
    fix: 'Remove metadata.namespace.',
  });
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function withoutPath(value: JsonObject, path: JsonPath): JsonObject {
  const [step, ...rest] = path;
  if (typeof step !== 'string' || !Object.hasOwn(value, step)) return value;
  if (rest.length > 0) {
    const inner = value[step];
    return isJsonObject(inner) ? { ...value, [step]: withoutPath(inner, rest) } : value;
  }
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== step));
}

/** `labels:` with nothing after it means none. */
function withoutNullMaps(value: JsonObject): JsonObject {
  const metadata = value['metadata'];
  if (!isJsonObject(metadata)) return value;
  const kept = Object.entries(metadata).filter(
    ([name, inner]) => inner !== null || name === 'name' || name === 'namespace',
  );
  return { ...value, metadata: Object.fromEntries(kept) };
}
