import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, valueAt } from '../json.ts';
import { pointerSteps } from '../json-pointer.ts';
import { compareConstraints } from './compare-constraints.ts';
import type { SchemaChange } from './schema-change.ts';

/** A schema with the document in which its `$ref`s are looked up. */
type Side = { readonly root: JsonObject; readonly schema: JsonObject };
type Pair = {
  readonly path: string;
  readonly depth: number;
  readonly before: Side;
  readonly after: Side;
  /** Pairs of references that were followed, anywhere: what both lead to is compared once. */
  readonly followed: Set<string>;
};

/** Beyond this depth schemas only repeat themselves. */
const maximumDepth = 64;

/**
 * What turns one JSON Schema into another, field by field in the order of their paths. Titles, descriptions and examples do
 * not count. References within the document are followed; what several lead to is told at the first place only.
 */
export function compareSchemas(before: JsonObject, after: JsonObject): readonly SchemaChange[] {
  const changes = comparePair({
    path: '',
    depth: 0,
    before: { root: before, schema: before },
    after: { root: after, schema: after },
    followed: new Set(),
  });
  return [...changes].toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

function* comparePair(pair: Pair): Generator<SchemaChange> {
  const { path, followed } = pair;
  const before = resolve(pair.before);
  const after = resolve(pair.after);
  const references = JSON.stringify([before.references, after.references]);
  if (followed.has(references) || pair.depth > maximumDepth) return;
  if (before.references.length + after.references.length > 0) followed.add(references);
  const resolved = { ...pair, before: before.side, after: after.side };
  for (const change of compareConstraints(before.side.schema, after.side.schema)) yield { path, ...change };
  yield* compareRequired(resolved);
  yield* compareProperties(resolved);
  yield* compareBelow(resolved, 'items', `${path}[]`);
  yield* compareBelow(resolved, 'additionalProperties', joinPath(path, '*'));
}

/** The same field of both sides, one step below. */
function below(pair: Pair, path: string, schemas: { readonly before: JsonObject; readonly after: JsonObject }): Pair {
  return {
    ...pair,
    path,
    depth: pair.depth + 1,
    before: { ...pair.before, schema: schemas.before },
    after: { ...pair.after, schema: schemas.after },
  };
}

function* compareProperties(pair: Pair): Generator<SchemaChange> {
  const { path, before, after } = pair;
  const old = propertiesOf(before);
  const now = propertiesOf(after);
  for (const [name, schema] of Object.entries(old)) {
    const place = joinPath(path, name);
    const next = Object.hasOwn(now, name) ? now[name] : undefined;
    if (next === undefined) {
      yield { path: place, change: 'fieldRemoved', breaking: !acceptsUnknown(after.schema) };
    } else if (isJsonObject(schema) && isJsonObject(next)) {
      yield* comparePair(below(pair, place, { before: schema, after: next }));
    }
  }
  for (const name of Object.keys(now).filter((key) => !Object.hasOwn(old, key))) {
    yield { path: joinPath(path, name), change: 'fieldAdded', breaking: false };
  }
}

/** A field that must be there from now on breaks nothing where it has a default. */
function* compareRequired({ path, before, after }: Pair): Generator<SchemaChange> {
  const old = requiredOf(before.schema);
  const now = requiredOf(after.schema);
  for (const name of now.filter((key) => !old.includes(key))) {
    const { schema } = resolve({ ...after, schema: objectOf(propertiesOf(after)[name]) }).side;
    yield { path: joinPath(path, name), change: 'requiredAdded', breaking: !Object.hasOwn(schema, 'default') };
  }
  for (const name of old.filter((key) => !now.includes(key))) {
    yield { path: joinPath(path, name), change: 'requiredRemoved', breaking: false };
  }
}

/** `items` and `additionalProperties`: schemas, or true, or false. */
function* compareBelow(pair: Pair, keyword: string, path: string): Generator<SchemaChange> {
  const old = pair.before.schema[keyword];
  const now = pair.after.schema[keyword];
  if (isJsonObject(old) && isJsonObject(now)) {
    yield* comparePair(below(pair, path, { before: old, after: now }));
  } else if (canonicalJson(openness(old)) !== canonicalJson(openness(now))) {
    const values = { ...given('before', old), ...given('after', now) };
    yield { path, change: 'constraintChanged', keyword, breaking: openness(now) !== true, ...values };
  }
}

/** What a keyword that is absent means: anything goes. */
function openness(value: JsonValue | undefined): JsonValue {
  return value === undefined || (isJsonObject(value) && Object.keys(value).length === 0) ? true : value;
}

function given(name: 'before' | 'after', value: JsonValue | undefined): Partial<SchemaChange> {
  return value === undefined ? {} : { [name]: value };
}

function acceptsUnknown(schema: JsonObject): boolean {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
  const additional = schema['additionalProperties'];
  return additional === true || isJsonObject(additional);
}

/** The schema that a `$ref` within the document leads to, and the references that led there. */
function resolve(side: Side): { readonly side: Side; readonly references: readonly string[] } {
  const followed: string[] = [];
  let { schema } = side;
  for (let reference = schema['$ref']; typeof reference === 'string'; reference = schema['$ref']) {
    const target = valueAt(side.root, ...pointerSteps(reference));
    if (followed.includes(reference) || !isJsonObject(target)) break;
    followed.push(reference);
    schema = target;
  }
  return { side: { root: side.root, schema }, references: followed };
}

function propertiesOf({ schema }: Side): JsonObject {
  return objectOf(schema['properties']);
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function requiredOf(schema: JsonObject): readonly string[] {
  const required = schema['required'];
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function joinPath(path: string, name: string): string {
  if (name !== '*' && !/^[A-Za-z_$][\w$-]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}
