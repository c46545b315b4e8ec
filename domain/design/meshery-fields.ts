import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** A field in any of the spellings that Meshery's generations use for it: `dependsOn`, `dependson`, `depends_on`. */
export function fieldOf(value: unknown, name: string): JsonValue | undefined {
  const key = keyOf(value, name);
  return key === undefined || !isJsonObject(value) ? undefined : value[key];
}

/** The spelling in which a field is there. */
export function keyOf(value: unknown, name: string): string | undefined {
  if (!isJsonObject(value)) return undefined;
  if (Object.hasOwn(value, name)) return name;
  const wanted = fold(name);
  return Object.keys(value).find((key) => fold(key) === wanted);
}

/** A text field; empty ones, and the zero UUID and date that Meshery writes for "none", count as absent. */
export function textOf(value: unknown, name: string): string | undefined {
  const found = fieldOf(value, name);
  if (typeof found !== 'string' || found.trim() === '' || found === zeroId) return undefined;
  return found;
}

/** A mapping, or an empty one. */
export function mapOf(value: unknown, name: string): JsonObject {
  const found = fieldOf(value, name);
  return isJsonObject(found) ? found : {};
}

/** The value at a path of fields in any spelling. */
export function deepFieldOf(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(fieldOf, value);
}

const zeroId = '00000000-0000-0000-0000-000000000000';

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}
