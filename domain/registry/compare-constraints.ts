import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { SchemaChange } from './schema-change.ts';

type Change = Omit<SchemaChange, 'path'>;

/** Keywords whose greater value lets less through. */
const lowerBounds = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
/** Keywords whose smaller value lets less through. */
const upperBounds = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
/** Keywords of which only being there, being gone and being another can be told. */
const rules = [
  'pattern',
  'format',
  'multipleOf',
  'uniqueItems',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'patternProperties',
  'propertyNames',
  'x-kubernetes-validations',
] as const;

const anyType = ['array', 'boolean', 'null', 'number', 'object', 'string'];

/** What two schemas of one field differ in, without the fields below it. */
export function* compareConstraints(before: JsonObject, after: JsonObject): Generator<Change> {
  yield* compareTypes(before, after);
  yield* compareAllowedValues(before, after);
  for (const keyword of lowerBounds)
    yield* compareBound(before, after, { keyword, isTighter: (old, now) => now > old });
  for (const keyword of upperBounds)
    yield* compareBound(before, after, { keyword, isTighter: (old, now) => now < old });
  for (const keyword of rules) yield* compareRule(before, after, keyword);
  if (!isSame(before['default'], after['default'])) {
    yield { change: 'defaultChanged', breaking: false, ...valuesOf(before, after, 'default') };
  }
}

function* compareTypes(before: JsonObject, after: JsonObject): Generator<Change> {
  const old = typesOf(before);
  const now = typesOf(after);
  if (isSame(old, now)) return;
  const breaking = !old.every((type) => now.includes(type) || (type === 'integer' && now.includes('number')));
  yield { change: 'typeChanged', breaking, before: describeTypes(old), after: describeTypes(now) };
}

/** Sorted; all of them where the schema names none. */
function typesOf(schema: JsonObject): readonly string[] {
  const { type } = schema;
  const named = Array.isArray(type) ? type.filter((name) => typeof name === 'string') : [type].filter(isText);
  const types = named.length === 0 && schema['x-kubernetes-int-or-string'] === true ? ['integer', 'string'] : named;
  if (types.length === 0) return anyType;
  return [...new Set(schema['nullable'] === true ? [...types, 'null'] : types)].toSorted();
}

function describeTypes(types: readonly string[]): string {
  return isSame(types, anyType) ? 'any' : types.join(' or ');
}

/** `enum`, or `const` as an enum of one. */
function* compareAllowedValues(before: JsonObject, after: JsonObject): Generator<Change> {
  const old = allowedValues(before);
  const now = allowedValues(after);
  if (isSame(old, now)) return;
  const left = new Set(now?.map(canonicalJson));
  const breaking = now !== undefined && (old === undefined || !old.every((value) => left.has(canonicalJson(value))));
  yield {
    change: changeOf(old, now),
    keyword: 'enum',
    breaking,
    ...(old === undefined ? {} : { before: old }),
    ...(now === undefined ? {} : { after: now }),
  };
}

function allowedValues(schema: JsonObject): readonly JsonValue[] | undefined {
  const constant = schema['const'];
  if (constant !== undefined) return [constant];
  const { enum: values } = schema;
  return Array.isArray(values) ? values.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)) : undefined;
}

type Bound = { readonly keyword: string; readonly isTighter: (old: number, now: number) => boolean };

function* compareBound(before: JsonObject, after: JsonObject, { keyword, isTighter }: Bound): Generator<Change> {
  const old = before[keyword];
  const now = after[keyword];
  if (isSame(old, now)) return;
  const breaking =
    now !== undefined && (typeof old !== 'number' || typeof now !== 'number' ? true : isTighter(old, now));
  yield { change: changeOf(old, now), keyword, breaking, ...valuesOf(before, after, keyword) };
}

function* compareRule(before: JsonObject, after: JsonObject, keyword: string): Generator<Change> {
  const old = before[keyword];
  const now = after[keyword];
  if (isSame(withoutProse(old), withoutProse(now))) return;
  yield { change: changeOf(old, now), keyword, breaking: now !== undefined, ...valuesOf(before, after, keyword) };
}

/** Words for people in a rule are no rule. */
function withoutProse(value: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item) ?? null);
  if (!isJsonObject(value)) return value;
  const { description: _description, title: _title, message: _message, ...rest } = value;
  return rest;
}

function changeOf(old: unknown, now: unknown): Change['change'] {
  if (old === undefined) return 'constraintAdded';
  return now === undefined ? 'constraintRemoved' : 'constraintChanged';
}

function valuesOf(before: JsonObject, after: JsonObject, keyword: string): Pick<Change, 'before' | 'after'> {
  const old = before[keyword];
  const now = after[keyword];
  return { ...(old === undefined ? {} : { before: old }), ...(now === undefined ? {} : { after: now }) };
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
