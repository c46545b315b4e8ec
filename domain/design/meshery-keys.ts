import { isJsonObject, type JsonObject, type JsonPath, type JsonValue } from '../json.ts';

/** Maps whose keys people choose; a space in them is theirs. */
const freeMaps = new Set([
  'annotations',
  'binaryData',
  'data',
  'labels',
  'matchLabels',
  'nodeSelector',
  'parameters',
  'selector',
  'stringData',
]);

/** Fields that hold a word from a fixed list, whose values older Meshery versions once spaced out as well. */
const enumFields = new Set([
  'imagePullPolicy',
  'restartPolicy',
  'type',
  'volumeBindingMode',
  'reclaimPolicy',
  'podManagementPolicy',
]);

export type PlainKeys = {
  readonly value: JsonValue;
  /** Where a value was left that looks spaced out by mistake. */
  readonly spacedValues: readonly JsonPath[];
};

/** Undoes Meshery's readable keys, `image Pull Policy` for `imagePullPolicy`. Values stay as they are, and keys that people choose too. */
export function withPlainKeys(value: JsonValue, path: JsonPath = []): PlainKeys {
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue, index) => withPlainKeys(item, [...path, index]));
    return { value: items.map((item) => item.value), spacedValues: items.flatMap((item) => item.spacedValues) };
  }
  if (!isJsonObject(value)) return { value, spacedValues: isSpacedEnum(value, path) ? [path] : [] };
  const entries = Object.entries(value).map(([key, inner]) => {
    const plain = key.replaceAll(' ', '');
    const kept = freeMaps.has(plain) && isFreeMap(inner);
    return { key: plain, ...(kept ? { value: inner, spacedValues: [] } : withPlainKeys(inner, [...path, plain])) };
  });
  return {
    value: Object.fromEntries(entries.map((entry) => [entry.key, entry.value])),
    spacedValues: entries.flatMap((entry) => entry.spacedValues),
  };
}

/** `selector` of a Service is a free map; that of a Deployment holds `matchLabels` and is not. */
function isFreeMap(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && Object.values(value).every((inner) => !isJsonObject(inner) && !Array.isArray(inner));
}

function isSpacedEnum(value: JsonValue, path: JsonPath): boolean {
  return typeof value === 'string' && /^[A-Z][a-z]+( [A-Z][a-z]+)+$/.test(value) && enumFields.has(String(path.at(-1)));
}
