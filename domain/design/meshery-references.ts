import { isJsonObject, type JsonPath, type JsonValue } from '../json.ts';

const reference = /\$\(#ref\.([^()]+)\)/g;
const maxSteps = 16;
/** References that multiply each other stop here. */
const maxTextLength = 100_000;

export type ResolvedReferences = {
  readonly value: JsonValue;
  readonly unresolved: readonly { readonly path: JsonPath; readonly reference: string }[];
};

/** Looks up one reference: `services.web.id`. */
export type ReferenceLookup = (reference: string) => JsonValue | undefined;

/** Writes out Meshery's `$(#ref.services.web.id)`, alone or inside a text, also where one leads to another. */
export function resolveReferences(value: JsonValue, lookup: ReferenceLookup, path: JsonPath = []): ResolvedReferences {
  if (typeof value === 'string') return resolveText(value, lookup, { path, steps: 0 });
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue, index) => resolveReferences(item, lookup, [...path, index]));
    return { value: items.map((item) => item.value), unresolved: items.flatMap((item) => item.unresolved) };
  }
  if (!isJsonObject(value)) return { value, unresolved: [] };
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, resolveReferences(inner, lookup, [...path, key])] as const,
  );
  return {
    value: Object.fromEntries(entries.map(([key, inner]) => [key, inner.value])),
    unresolved: entries.flatMap(([, inner]) => inner.unresolved),
  };
}

function resolveText(
  text: string,
  lookup: ReferenceLookup,
  { path, steps }: { readonly path: JsonPath; readonly steps: number },
): ResolvedReferences {
  const names = [...text.matchAll(reference)].map((match) => match[1] ?? '');
  const [only] = names;
  if (only === undefined) return { value: text, unresolved: [] };
  const missing = names.filter(
    (name) => steps >= maxSteps || text.length > maxTextLength || lookup(name) === undefined,
  );
  if (missing.length > 0) return { value: text, unresolved: missing.map((name) => ({ path, reference: name })) };
  const whole = text.trim() === `$(#ref.${only})`;
  const next = whole
    ? (lookup(only) ?? text)
    : text.replaceAll(reference, (_match, name: string) => String(lookup(name)));
  return typeof next === 'string'
    ? resolveText(next, lookup, { path, steps: steps + 1 })
    : { value: next, unresolved: [] };
}

/** Looks references up in a document; keys may hold dots, the longest key that fits is taken. */
export function lookupIn(root: JsonValue): ReferenceLookup {
  const find = (value: JsonValue, segments: readonly string[]): JsonValue | undefined => {
    if (segments.length === 0) return value;
    if (!isJsonObject(value)) return undefined;
    for (let length = segments.length; length > 0; length -= 1) {
      const key = segments.slice(0, length).join('.');
      const inner = Object.hasOwn(value, key) ? value[key] : undefined;
      const found = inner === undefined ? undefined : find(inner, segments.slice(length));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (name) => find(root, name.split('.'));
}
