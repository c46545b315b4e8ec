import { arrayAt, isJsonObject, type JsonObject, type JsonValue, objectAt, stringAt, valueAt } from '../json.ts';
import { closedSchema, type NamedSchemas } from './closed-schema.ts';
import { type ComponentDefinition, componentKey, type ComponentKind } from './component-definition.ts';
import { readableName } from './readable-name.ts';

type Schemas = Pick<NamedSchemas, 'prefix'> & { readonly byName: JsonObject };

const kindField = 'x-kubernetes-group-version-kind';
const descriptionLength = 5_000;

/** The kinds of an OpenAPI document of a Kubernetes API server, version 3 or 2, that objects can be created of. */
export function fromOpenApi(document: JsonObject): readonly ComponentDefinition[] {
  const schemas = schemasOf(document);
  const named: NamedSchemas = { prefix: schemas.prefix, find: (name) => schemas.byName[name] };
  const creatable = creatableKinds(objectAt(document, 'paths'));
  return Object.values(schemas.byName).flatMap((schema) =>
    kindsOf(schema)
      .filter((kind) => isDeclarable(schema, kind, creatable))
      .map((kind) =>
        toComponent(closedSchema(objectAt(schema), named), kind, creatable.get(componentKey(kind)) ?? 'namespaced'),
      ),
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
      : [[componentKey(kind), path.includes('{namespace}') ? 'namespaced' : 'cluster'] as const];
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

/** A document without paths is taken at its word: kinds with metadata of their own that are no lists. */
function isDeclarable(
  schema: JsonValue,
  kind: ComponentKind,
  creatable: ReadonlyMap<string, Scope>,
): schema is JsonObject {
  if (!isJsonObject(schema)) return false;
  if (creatable.size > 0) return creatable.has(componentKey(kind));
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
