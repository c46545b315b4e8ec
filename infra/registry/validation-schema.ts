import type { Finding } from '../../domain/finding.ts';
import { formatPath, isJsonObject, type JsonObject, type JsonPath, type JsonValue } from '../../domain/json.ts';
import { usablePattern } from './schema-pattern.ts';

export type ValidationSchema = { readonly schema: JsonObject; readonly findings: readonly Finding[] };

/** Whether fields that a schema does not know are refused, as the API server's strict validation does, or let through. */
export type UnknownFields = 'refused' | 'accepted';

/** Where a schema stands, from the innermost step outwards: most steps are never told. */
type Trail = { readonly outer: Trail | undefined; readonly step: string | number };

/** One schema of the many in a schema. */
type Level = {
  readonly schema: JsonObject;
  readonly trail: Trail | undefined;
  /** In `anyOf` and the like, a schema only adds to the one around it. */
  readonly isJunctor: boolean;
  readonly unknownFields: UnknownFields;
  readonly findings: Finding[];
};

const typeNames = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']);

/** Checked as they are, when their value is of the right type. */
const plainKeywords: Readonly<Record<string, (value: JsonValue) => boolean>> = {
  enum: Array.isArray,
  const: () => true,
  required: isTexts,
  minimum: isNumber,
  maximum: isNumber,
  multipleOf: isNumber,
  minLength: isNumber,
  maxLength: isNumber,
  minItems: isNumber,
  maxItems: isNumber,
  uniqueItems: (value) => typeof value === 'boolean',
  minProperties: isNumber,
  maxProperties: isNumber,
  $ref: (value) => typeof value === 'string',
};
const mapKeywords = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const singleKeywords = new Set([
  'items',
  'additionalProperties',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
]);
const listKeywords = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const junctors = new Set(['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else']);

/** Formats that mean in JSON Schema what they mean to the API server. */
const formats = new Set(['date-time', 'ipv4', 'ipv6']);

/**
 * A component's schema in the words of JSON Schema alone: Kubernetes' own extensions are put into them, what says nothing about validity is
 * left out, and so is what cannot be checked, with a finding. Needs a schema that is not too deep.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function toValidationSchema(schema: JsonObject, unknownFields: UnknownFields): ValidationSchema {
  const findings: Finding[] = [];
  const converted = convert({ schema, trail: undefined, isJunctor: false, unknownFields, findings });
  return { schema: converted, findings };
}

function convert(level: Level): JsonObject {
  const { schema } = level;
  if (schema['format'] === 'textarea') return {};
  const converted: Record<string, JsonValue> = { ...typeOf(level) };
  for (const name of Object.keys(schema)) {
    const value = keywordOf(level, name, schema[name]);
    if (value !== undefined) converted[name] = value;
  }
  return Object.assign(converted, bounds(schema), isClosed(level) ? closed : undefined);
}

const closed = { additionalProperties: false } as const;

/** What JSON Schema has for a keyword; undefined for what says nothing about validity, and for what cannot be used. */
function keywordOf(level: Level, name: string, value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (name === 'pattern') return patternOf(level, value);
  if (name === 'format') return typeof value === 'string' && formats.has(value) ? value : undefined;
  const around = junctors.has(name) ? { ...level, isJunctor: true } : level;
  return innerSchemas(around, name, value) ?? plain(level, name, value);
}

function innerSchemas(level: Level, name: string, value: JsonValue): JsonValue | undefined {
  if (mapKeywords.has(name)) return mapOf(level, name, value);
  if (listKeywords.has(name) || (name === 'items' && Array.isArray(value))) return listOf(level, name, value);
  return singleKeywords.has(name) ? inside(level, { outer: level.trail, step: name }, value) : undefined;
}

function pathOf(trail: Trail | undefined): JsonPath {
  const path: (string | number)[] = [];
  for (let at = trail; at !== undefined; at = at.outer) path.unshift(at.step);
  return path;
}

function typeOf({ schema, trail, findings }: Level): JsonObject {
  const { type, nullable } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) return { type: withNull(['integer', 'string'], nullable) };
  if (type === undefined || type === '') return {};
  const types = Array.isArray(type) ? type : [type];
  const known = types.filter((name) => typeof name === 'string' && typeNames.has(name));
  if (known.length < types.length)
    findings.push(unusable({ outer: trail, step: 'type' }, 'is no type that JSON Schema has'));
  return known.length === 0 ? {} : { type: withNull(known, nullable) };
}

function withNull(types: readonly JsonValue[], nullable: JsonValue | undefined): readonly JsonValue[] {
  return nullable === true && !types.includes('null') ? [...types, 'null'] : types;
}

function plain({ schema, trail, findings }: Level, name: string, value: JsonValue): JsonValue | undefined {
  const isUsable = Object.hasOwn(plainKeywords, name) ? plainKeywords[name] : undefined;
  if (isUsable === undefined) return undefined;
  if (!isUsable(value)) {
    findings.push(unusable({ outer: trail, step: name }, 'has a value of the wrong type'));
    return undefined;
  }
  return name === 'enum' && Array.isArray(value) && schema['nullable'] === true ? [...value, null] : value;
}

/** In OpenAPI 3.0, and so in Kubernetes, a word beside a bound may say that the bound itself is excluded. */
function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonObject): JsonObject {
  const least = exclusiveMinimum === true ? minimum : exclusiveMinimum;
  const greatest = exclusiveMaximum === true ? maximum : exclusiveMaximum;
  return {
    ...(typeof least === 'number' ? { exclusiveMinimum: least } : {}),
    ...(typeof greatest === 'number' ? { exclusiveMaximum: greatest } : {}),
  };
}

function patternOf({ trail, findings }: Level, value: JsonValue): string | undefined {
  const usable = typeof value === 'string' ? usablePattern(value) : ({ problem: 'invalid' } as const);
  if ('pattern' in usable) return usable.pattern;
  const at = { outer: trail, step: 'pattern' };
  findings.push(usable.problem === 'invalid' ? badPattern(at) : slowPattern(at));
  return undefined;
}

function mapOf(level: Level, name: string, value: JsonValue): JsonObject | undefined {
  const trail = { outer: level.trail, step: name };
  if (!isJsonObject(value)) {
    level.findings.push(unusable(trail, 'is no object'));
    return undefined;
  }
  const schemas: Record<string, JsonValue> = {};
  for (const key of Object.keys(value)) schemas[key] = inside(level, { outer: trail, step: key }, value[key]) ?? {};
  return schemas;
}

function listOf(level: Level, name: string, value: JsonValue): JsonValue | undefined {
  const trail = { outer: level.trail, step: name };
  if (Array.isArray(value))
    return value.map((inner: JsonValue, index) => inside(level, { outer: trail, step: index }, inner) ?? {});
  level.findings.push(unusable(trail, 'is no list'));
  return undefined;
}

function inside(level: Level, trail: Trail, value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'boolean') return value;
  if (isJsonObject(value)) return convert({ ...level, trail, schema: value });
  level.findings.push(unusable(trail, 'is no schema'));
  return undefined;
}

function isClosed({ schema, isJunctor, unknownFields }: Level): boolean {
  const isOpen =
    schema['additionalProperties'] !== undefined ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-embedded-resource'] === true;
  return unknownFields === 'refused' && !isJunctor && isJsonObject(schema['properties']) && !isOpen;
}

function isTexts(value: JsonValue): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isNumber(value: JsonValue): boolean {
  return typeof value === 'number';
}

function unusable(trail: Trail, problem: string): Finding {
  const field = formatPath(pathOf(trail));
  return {
    severity: 'error',
    code: 'schema.keyword',
    message: `${field} of the schema ${problem}.`,
    path: field,
    fix: 'Correct the schema.',
  };
}

function badPattern(trail: Trail): Finding {
  const field = formatPath(pathOf(trail));
  const message = `${field} of the schema is no regular expression, or one that only Go has; texts are not checked against it here.`;
  return { severity: 'warning', code: 'schema.pattern', message, path: field };
}

function slowPattern(trail: Trail): Finding {
  const field = formatPath(pathOf(trail));
  const message = `${field} of the schema could take too long to match; texts are not checked against it here.`;
  return { severity: 'warning', code: 'schema.slowPattern', message, path: field };
}
