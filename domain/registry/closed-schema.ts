import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { bodySchema } from './from-crd.ts';

/** The schemas of an OpenAPI document, by the part of a `$ref` that comes after `prefix`. */
export type NamedSchemas = {
  /** `#/components/schemas/` in version 3, `#/definitions/` in version 2. */
  readonly prefix: string;
  readonly find: (name: string) => JsonValue | undefined;
};

/** The schema of the body with every schema that it refers to, itself or through others, once below `$defs`. */
export function closedSchema(schema: JsonObject, { prefix, find }: NamedSchemas): JsonObject {
  const body = bodySchema(schema);
  const definitions = new Map<string, JsonValue>();
  const waiting = referencesIn(body, prefix);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const found = definitions.has(name) ? undefined : find(name);
    if (found === undefined) continue;
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
