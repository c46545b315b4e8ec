import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt } from '../json.ts';
import type { FieldPath } from './relationship-definition.ts';

/** A field of a schema that seems to name, or to select, other objects. */
export type ReferenceField = {
  /** To the name, or to the labels that are selected. */
  readonly path: FieldPath;
  readonly how: 'name' | 'labels';
  /** What the kind is told by: words of the field's name, `[secret]` for a list of plain names, or kinds that the schema lists. */
  readonly target: { readonly words: string } | { readonly kinds: readonly string[]; readonly apiVersion?: string };
  /** Fields beside the name that say more of the object: its kind, its API version, its namespace. */
  readonly beside: readonly ('kind' | 'apiVersion' | 'namespace')[];
  /** The documentation says that the controller makes the object, so nothing waits for it. */
  readonly isProduced: boolean;
  /** The path to the pod that the field is a part of. */
  readonly pod?: string;
};

type Level = { readonly schema: JsonObject; readonly field: string; readonly path: FieldPath; readonly pod?: string };

const deepest = 40;
const mostFields = 500;

/** The fields of a component's schema that refer to other objects, in the order of the schema. */
export function referenceFields(schema: JsonObject): readonly ReferenceField[] {
  const found: ReferenceField[] = [];
  const waiting: Level[] = [{ schema, field: '', path: ['configuration'] }];
  for (let level = waiting.pop(); level !== undefined && found.length < mostFields; level = waiting.pop()) {
    const own = ownReferences(level);
    found.push(...own);
    if (own.length === 0 && level.path.length < deepest) waiting.push(...innerLevels(level).toReversed());
  }
  return found;
}

function innerLevels({ schema, path, field, pod }: Level): readonly Level[] {
  const inPod = pod ?? (isPodSpec(schema) ? path.slice(1).join('.') : undefined);
  const shared = inPod === undefined ? {} : { pod: inPod };
  const items = schema['items'];
  if (isJsonObject(items)) return [{ schema: items, field, path: [...path, '_'], ...shared }];
  return Object.entries(objectAt(schema, 'properties'))
    .filter(([name]) => name !== 'status' || path.length > 1)
    .flatMap(([name, inner]) =>
      isJsonObject(inner) ? [{ schema: inner, field: name, path: [...path, name], ...shared }] : [],
    );
}

function isPodSpec(schema: JsonObject): boolean {
  return isJsonObject(objectAt(schema, 'properties', 'containers', 'items', 'properties')['image']);
}

function ownReferences(level: Level): readonly ReferenceField[] {
  const { schema } = level;
  if (schema['type'] === 'string') return namedByText(level);
  if (isJsonObject(schema['properties'])) return [...selecting(level), ...namedByObject(level)];
  return [];
}

/** `secretName: web-tls`, `gatewayRef: public`, `gateways: [public]`. */
function namedByText(level: Level): readonly ReferenceField[] {
  const words = wordsOfTextField(level);
  return words === undefined ? [] : [{ ...base(level), how: 'name', target: { words }, beside: [] }];
}

function wordsOfTextField({ field, path, schema }: Level): string | undefined {
  if (path.at(-1) === '_') return field.endsWith('s') ? `[${field.slice(0, -1)}]` : undefined;
  const stem = /^(.+?)(?:Name|Ref|Reference)$/.exec(field)?.[1] ?? /^(serviceAccount)$/.exec(field)?.[1];
  return field.endsWith('Name') ? (describedKind(schema) ?? stem) : stem;
}

/** The kind that the documentation says a name is of. */
function describedKind(schema: JsonObject): string | undefined {
  const text = stringAt(schema, 'description') ?? '';
  const kind = /\bname of (?:the|a|an) (?:kubernetes )?(secret|config ?map|service ?account)\b/i.exec(text)?.[1];
  return kind?.replace(' ', '');
}

/** `issuerRef: {name, kind}`, `secretKeyRef: {name, key}`, `configMap: {name}`, `imagePullSecrets: [{name}]`. */
function namedByObject(level: Level): readonly ReferenceField[] {
  const { schema, path } = level;
  if (objectAt(schema, 'properties', 'name')['type'] !== 'string') return [];
  const target = targetOfObject(level);
  if (target === undefined) return [];
  const beside = (['kind', 'apiVersion', 'namespace'] as const).filter(
    (name) => objectAt(schema, 'properties', name)['type'] === 'string',
  );
  return [{ ...base(level), path: [...path, 'name'], how: 'name', target, beside }];
}

function targetOfObject({ schema, field }: Level): ReferenceField['target'] | undefined {
  const kinds = listedKinds(objectAt(schema, 'properties', 'kind'));
  const apiVersion = presetApiVersion(schema);
  if (kinds.length > 0) return { kinds, ...(apiVersion === undefined ? {} : { apiVersion }) };
  const words = wordsOfObjectField(field);
  return words === '' ? undefined : { words };
}

function presetApiVersion(schema: JsonObject): string | undefined {
  const preset = (name: string): string | undefined => stringAt(schema, 'properties', name, 'default');
  const group = preset('group') ?? preset('apiGroup') ?? '';
  return preset('apiVersion') ?? (group === '' ? undefined : `${group}/*`);
}

/** `writeConnectionSecret` of `writeConnectionSecretToRef`, `packagePullSecret` of `packagePullSecrets`. */
function wordsOfObjectField(field: string): string {
  if (/(?:Ref|Reference)s?$/.test(field)) return field.replace(/(?:To|Key)?(?:Ref|Reference)s?$/, '');
  return /^(?:secret|configMap|serviceAccount|.+Secrets)$/.test(field) ? field.replace(/s$/, '') : '';
}

function listedKinds(kind: JsonObject): readonly string[] {
  const listed = arrayAt(kind, 'enum').filter((value) => typeof value === 'string');
  const preset = stringAt(kind, 'default');
  const kinds = listed.length > 0 || preset === undefined ? listed : [preset];
  return kinds.filter((name) => /^[A-Z][A-Za-z0-9]+$/.test(name));
}

/** `serviceMonitorSelector: {matchLabels}`; a plain `selector` says by its documentation what it selects. */
function selecting(level: Level): readonly ReferenceField[] {
  const { schema, field, path } = level;
  if (!isJsonObject(objectAt(schema, 'properties')['matchLabels'])) return [];
  const words = /^(.+)Selector$/.exec(field)?.[1] ?? (field === 'selector' ? describedSelection(schema) : undefined);
  if (words === undefined) return [];
  return [{ ...base(level), path: [...path, 'matchLabels'], how: 'labels', target: { words }, beside: [] }];
}

function describedSelection(schema: JsonObject): string | undefined {
  const text = stringAt(schema, 'description') ?? '';
  if (/\b(pods?|workloads?)\b/i.test(text)) return 'pod';
  return /\bservices?\b/i.test(text) ? 'service' : undefined;
}

const produced =
  /\b(?:will be|is|are|gets?|be) (?:automatically |then )?(?:created|stored|written|generated|populated|saved)\b|\bto (?:store|write|save)\b|\bin which to store\b/i;

function base({ schema, path, pod }: Level): Pick<ReferenceField, 'path' | 'isProduced' | 'pod'> {
  return {
    path,
    isProduced: produced.test(stringAt(schema, 'description') ?? ''),
    ...(pod === undefined ? {} : { pod }),
  };
}
