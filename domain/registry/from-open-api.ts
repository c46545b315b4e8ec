import { arrayAt, isJsonObject, type JsonObject, type JsonValue, objectAt, stringAt, valueAt } from '../json.ts';
import type { ComponentDefinition, ComponentKind } from './component-definition.ts';
import { bodySchema } from './from-crd.ts';
import { readableName } from './readable-name.ts';

/** Where a document keeps its schemas: `#/components/schemas/` in version 3, `#/definitions/` in version 2. */
type Schemas = { readonly prefix: string; readonly byName: JsonObject };

const kindField = 'x-kubernetes-group-version-kind';
const descriptionLength = 5_000;

/** The kinds of an OpenAPI document of a Kubernetes API server, version 3 or 2, that objects can be created of. */
export function fromOpenApi(document: JsonObject): readonly ComponentDefinition[] {
  const schemas = schemasOf(document);
  const creatable = creatableKinds(objectAt(document, 'paths'));
  return Object.values(schemas.byName).flatMap((schema) =>
    kindsOf(schema)
      .filter((kind) => isDeclarable(schema, kind, creatable))
      .map((kind) => toComponent(closedSchema(schema, schemas), kind, creatable.get(keyOf(kind)) ?? 'namespaced')),
  );
}

function schemasOf(document: JsonObject): Schemas {
  return document['swagger'] === undefined
    ? { prefix: '#/components/schemas/', byName: objectAt(document, 'components', 'schemas') }
    : { prefix: '#/definitions/', byName: objectAt(document, 'definitions') };
}

type Scope = 'namespaced' | 'cluster';

/** What the paths create, and whether below a namespace. */
function creatableKinds(paths: JsonObject): ReadonlyMap<string, Scope> {
  const found = Object.entries(paths).flatMap(([path, operations]) => {
    const kind = kindIn(valueAt(operations, 'post', kindField));
    const isCollection = !path.includes('{name}');
    return kind === undefined || !isCollection
      ? []
      : [[keyOf(kind), path.includes('{namespace}') ? 'namespaced' : 'cluster'] as const];
  });
  // Some kinds can also be created at the top, in the namespace that they name.
  return new Map(found.toSorted(([, one], [, other]) => (one === other ? 0 : one === 'cluster' ? -1 : 1)));
}

function kindsOf(schema: JsonValue): readonly ComponentKind[] {
  return arrayAt(schema, kindField).flatMap((value) => kindIn(value) ?? []);
}

function kindIn(value: unknown): ComponentKind | undefined {
  const [kind, version, group] = [stringAt(value, 'kind'), stringAt(value, 'version'), stringAt(value, 'group')];
  if (kind === undefined || version === undefined) return undefined;
  return { kind, apiVersion: group === undefined || group === '' ? version : `${group}/${version}` };
}

function keyOf({ kind, apiVersion }: ComponentKind): string {
  return `${kind}@${apiVersion}`;
}

/** A document without paths is taken at its word: kinds with metadata of their own that are no lists. */
function isDeclarable(
  schema: JsonValue,
  kind: ComponentKind,
  creatable: ReadonlyMap<string, Scope>,
): schema is JsonObject {
  if (!isJsonObject(schema)) return false;
  if (creatable.size > 0) return creatable.has(keyOf(kind));
  const isList = kind.kind.endsWith('List') && valueAt(schema, 'properties', 'items') !== undefined;
  return !isList && kindsOf(schema).length === 1 && valueAt(schema, 'properties', 'metadata') !== undefined;
}

function toComponent(schema: JsonObject, { kind, apiVersion }: ComponentKind, scope: Scope): ComponentDefinition {
  return {
    kind,
    apiVersion,
    displayName: readableName(kind),
    description: (stringAt(schema, 'description') ?? '').slice(0, descriptionLength),
    scope,
    adapter: 'kubernetes',
    schema,
    metadata: {},
  };
}

/** The schema of the body with every schema that it refers to, itself or through others, once below `$defs`. */
function closedSchema(schema: JsonValue, { prefix, byName }: Schemas): JsonObject {
  const body = bodySchema(isJsonObject(schema) ? schema : {});
  const definitions = new Map<string, JsonValue>();
  const waiting = referencesIn(body, prefix);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const found = byName[name];
    if (found === undefined || definitions.has(name)) continue;
    definitions.set(name, pointingInside(found, prefix));
    waiting.push(...referencesIn(found, prefix));
  }
  const closed = pointingInside(body, prefix);
  if (!isJsonObject(closed) || definitions.size === 0) return body;
  const sorted = [...definitions].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { ...closed, $defs: Object.fromEntries(sorted) };
}

function referencesIn(value: JsonValue, prefix: string): string[] {
  if (Array.isArray(value)) return value.flatMap((inner: JsonValue) => referencesIn(inner, prefix));
  if (!isJsonObject(value)) return [];
  const reference = value['$ref'];
  const own = typeof reference === 'string' && reference.startsWith(prefix) ? [reference.slice(prefix.length)] : [];
  return [...own, ...Object.values(value).flatMap((inner) => referencesIn(inner, prefix))];
}

function pointingInside(value: JsonValue, prefix: string): JsonValue {
  if (Array.isArray(value)) return value.map((inner: JsonValue) => pointingInside(inner, prefix));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) =>
      key === '$ref' && typeof inner === 'string'
        ? [key, inner.replace(prefix, '#/$defs/')]
        : [key, pointingInside(inner, prefix)],
    ),
  );
}
