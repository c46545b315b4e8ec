import { isJsonObject, type JsonObject, type JsonPath, valueAt } from '../../domain/json.ts';
import { pointerSteps } from '../../domain/json-pointer.ts';

/** A `$ref` that leads nowhere, or back to where it stands. */
export type BadReference = {
  readonly path: JsonPath;
  readonly reference: string;
  readonly problem: 'missing' | 'circular';
};

/** The `$ref`s of a schema that cannot be followed: to elsewhere, to what is not there, or in a circle that holds no field. */
export function badReferences(schema: JsonObject): readonly BadReference[] {
  if (!holdsReference(schema)) return [];
  const bad: BadReference[] = [];
  const waiting: { readonly value: unknown; readonly path: JsonPath }[] = [{ value: schema, path: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, path } = next;
    if (Array.isArray(value))
      value.forEach((item: unknown, index) => waiting.push({ value: item, path: [...path, index] }));
    if (!isJsonObject(value)) continue;
    const reference = value['$ref'];
    if (typeof reference === 'string') {
      const problem = problemOf(schema, reference);
      if (problem !== undefined) bad.push({ path: [...path, '$ref'], reference, problem });
    }
    for (const [name, inner] of Object.entries(value))
      if (name !== 'enum' && name !== 'const') waiting.push({ value: inner, path: [...path, name] });
  }
  return bad;
}

function holdsReference(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsReference);
  return isJsonObject(value) && (Object.hasOwn(value, '$ref') || Object.values(value).some(holdsReference));
}

function problemOf(schema: JsonObject, reference: string): BadReference['problem'] | undefined {
  const seen = new Set<string>();
  const waiting = [reference];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) {
      if (next === reference) return 'circular';
      continue;
    }
    seen.add(next);
    const target = resolve(schema, next);
    if (target === undefined) return next === reference ? 'missing' : undefined;
    waiting.push(...sameInstance(target));
  }
  return undefined;
}

/** What the reference leads to, within the schema. */
function resolve(schema: JsonObject, reference: string): unknown {
  if (reference === '#') return schema;
  if (!reference.startsWith('#/')) return undefined;
  return pointerSteps(reference).reduce<unknown>(
    (value, step) => (Array.isArray(value) ? value[Number(step)] : valueAt(value, step)),
    schema,
  );
}

/** References that are followed for the same value, not for a field or an item of it. */
function sameInstance(schema: unknown): readonly string[] {
  if (!isJsonObject(schema)) return [];
  const reference = schema['$ref'];
  const inner = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else'].flatMap((name) => schema[name] ?? []);
  return [...(typeof reference === 'string' ? [reference] : []), ...inner.flatMap(sameInstance)];
}
