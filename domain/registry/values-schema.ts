import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

const deepest = 12;
const presetLength = 200;

/**
 * A schema for values of which only the defaults are known. It tells what there is and of what type; as templates take what they
 * are given, texts and numbers stand for one another, anything may be null, and what is not known is let through.
 */
export function schemaOfValues(values: JsonObject): JsonObject {
  return objectSchema(values, 0);
}

function objectSchema(values: JsonObject, depth: number): JsonObject {
  const entries = depth < deepest ? Object.entries(values) : [];
  const properties = Object.fromEntries(entries.map(([name, value]) => [name, valueSchema(value, depth + 1)]));
  return { type: ['object', 'null'], ...(entries.length === 0 ? {} : { properties }), additionalProperties: true };
}

function valueSchema(value: JsonValue, depth: number): JsonObject {
  if (isJsonObject(value)) return objectSchema(value, depth);
  if (Array.isArray(value)) return { type: ['array', 'null'] };
  if (value === null) return {};
  return { type: typesLike(value), ...presetOf(value) };
}

function typesLike(value: JsonValue): readonly string[] {
  if (typeof value === 'boolean') return ['boolean', 'string', 'null'];
  return typeof value === 'number' ? ['number', 'string', 'null'] : ['string', 'number', 'boolean', 'null'];
}

function presetOf(value: JsonValue): JsonObject {
  return typeof value === 'string' && value.length > presetLength ? {} : { default: value };
}
