import type { Finding } from '../../domain/finding.ts';
import { formatPath, isJsonObject, type JsonObject, type JsonPath, type JsonValue } from '../../domain/json.ts';
import { usablePattern } from './schema-pattern.ts';

export type ValidationSchema = { readonly schema: JsonObject; readonly findings: readonly Finding[] };

/** Whether fields that a schema does not know are refused, as the API server's strict validation does, or let through. */
export type UnknownFields = 'refused' | 'accepted';

/** One schema of the many in a schema, and where it stands. */
type Level = {
  readonly schema: JsonObject;
  readonly path: JsonPath;
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
const mapKeywords = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'] as const;
const singleKeywords = ['items', 'additionalProperties', 'contains', 'propertyNames'] as const;
const junctorKeywords = ['not', 'if', 'then', 'else'] as const;
const listKeywords = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const;

/** Formats that mean in JSON Schema what they mean to the API server. */
const formats = new Set(['date-time', 'ipv4', 'ipv6']);

/**
 * A component's schema in the words of JSON Schema alone: Kubernetes' own extensions are put into them, what says nothing about validity is
 * left out, and so is what cannot be checked, with a finding. Needs a schema that is not too deep.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function toValidationSchema(schema: JsonObject, unknownFields: UnknownFields): ValidationSchema {
  const findings: Finding[] = [];
  const converted = convert({ schema, path: [], isJunctor: false, unknownFields, findings });
  return { schema: converted, findings };
}

function convert(level: Level): JsonObject {
  const { schema } = level;
  const format = schema['format'];
  if (format === 'textarea') return {};
  const junctor = { ...level, isJunctor: true };
  const parts = [
    typeOf(level),
    plain(level),
    bounds(schema),
    patternOf(level),
    typeof format === 'string' && formats.has(format) ? { format } : {},
    ...mapKeywords.map((name) => mapOf(level, name)),
    ...singleKeywords.map((name) => single(level, name)),
    ...junctorKeywords.map((name) => single(junctor, name)),
    ...listKeywords.map((name) => listOf(junctor, name)),
    isClosed(level) ? { additionalProperties: false } : {},
  ];
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}

function typeOf({ schema, path, findings }: Level): JsonObject {
  const { type, nullable } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) return { type: withNull(['integer', 'string'], nullable) };
  if (type === undefined || type === '') return {};
  const types = Array.isArray(type) ? type : [type];
  const known = types.filter((name) => typeof name === 'string' && typeNames.has(name));
  if (known.length < types.length) findings.push(unusable([...path, 'type'], 'is no type that JSON Schema has'));
  return known.length === 0 ? {} : { type: withNull(known, nullable) };
}

function withNull(types: readonly JsonValue[], nullable: JsonValue | undefined): readonly JsonValue[] {
  return nullable === true && !types.includes('null') ? [...types, 'null'] : types;
}

function plain({ schema, path, findings }: Level): JsonObject {
  const found = Object.entries(plainKeywords).flatMap(([name, isUsable]) => {
    const value = schema[name];
    if (value === undefined || value === null) return [];
    if (isUsable(value)) return [[name, value] as const];
    findings.push(unusable([...path, name], 'has a value of the wrong type'));
    return [];
  });
  const { enum: allowed, ...rest } = Object.fromEntries(found);
  if (!Array.isArray(allowed)) return rest;
  return { ...rest, enum: schema['nullable'] === true ? [...allowed, null] : allowed };
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

function patternOf({ schema, path, findings }: Level): JsonObject {
  const given = schema['pattern'];
  if (given === undefined) return {};
  const usable = typeof given === 'string' ? usablePattern(given) : ({ problem: 'invalid' } as const);
  if ('pattern' in usable) return usable;
  findings.push(usable.problem === 'invalid' ? badPattern([...path, 'pattern']) : slowPattern([...path, 'pattern']));
  return {};
}

function mapOf(level: Level, name: string): JsonObject {
  const value = level.schema[name];
  if (value === undefined || value === null) return {};
  const path = [...level.path, name];
  if (!isJsonObject(value)) {
    level.findings.push(unusable(path, 'is no object'));
    return {};
  }
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, inside({ ...level, path: [...path, key] }, inner) ?? {}] as const,
  );
  return { [name]: Object.fromEntries(entries) };
}

function single(level: Level, name: string): JsonObject {
  const value = level.schema[name];
  if (value === undefined || value === null) return {};
  if (name === 'items' && Array.isArray(value)) return listOf(level, name);
  const converted = inside({ ...level, path: [...level.path, name] }, value);
  return converted === undefined ? {} : { [name]: converted };
}

function listOf(level: Level, name: string): JsonObject {
  const value = level.schema[name];
  if (value === undefined || value === null) return {};
  const path = [...level.path, name];
  if (!Array.isArray(value)) {
    level.findings.push(unusable(path, 'is no list'));
    return {};
  }
  const schemas = value.map((inner: JsonValue, index) => inside({ ...level, path: [...path, index] }, inner) ?? {});
  return { [name]: schemas };
}

function inside(level: Level, value: JsonValue): JsonValue | undefined {
  if (typeof value === 'boolean') return value;
  if (isJsonObject(value)) return convert({ ...level, schema: value });
  level.findings.push(unusable(level.path, 'is no schema'));
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

function unusable(path: JsonPath, problem: string): Finding {
  const field = formatPath(path);
  return {
    severity: 'error',
    code: 'schema.keyword',
    message: `${field} of the schema ${problem}.`,
    path: field,
    fix: 'Correct the schema.',
  };
}

function badPattern(path: JsonPath): Finding {
  const field = formatPath(path);
  const message = `${field} of the schema is no regular expression, or one that only Go has; texts are not checked against it here.`;
  return { severity: 'warning', code: 'schema.pattern', message, path: field };
}

function slowPattern(path: JsonPath): Finding {
  const field = formatPath(path);
  const message = `${field} of the schema could take too long to match; texts are not checked against it here.`;
  return { severity: 'warning', code: 'schema.slowPattern', message, path: field };
}
