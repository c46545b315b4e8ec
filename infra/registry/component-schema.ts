import { type OutputUnit, Validator } from '@cfworker/json-schema';
import { limitFindings } from '../../domain/design/limit-findings.ts';
import type { Finding } from '../../domain/finding.ts';
import { formatPath, isJsonObject, type JsonObject, objectAt } from '../../domain/json.ts';
import { pointerSteps } from '../../domain/json-pointer.ts';
import { describeObject, type KubernetesObject, referenceOf } from '../../domain/kubernetes-object.ts';
import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import { isDeeper } from '../model-source/definition-documents.ts';
import { badReferences } from './schema-references.ts';
import { toValidationSchema } from './validation-schema.ts';

/** A component's schema, ready to check declarations. */
export type CompiledSchema = {
  /** What is wrong with the schema itself; what cannot be used of it is not checked. */
  readonly findings: readonly Finding[];
  /** What of an object does not fit, each at its field. */
  readonly check: (object: KubernetesObject) => readonly Finding[];
};

/** Objects and lists in each other; a level of a schema takes two, and 64 levels are accepted. */
const deepest = 160;

/** Fields that every object has, which the API server checks for all kinds alike. */
const commonFields = { apiVersion: true, kind: true, metadata: true, status: true } as const;

/** Compiles the schema of a component. Only kinds of Kubernetes refuse fields that they do not know. */
export function compileComponentSchema({
  schema,
  adapter,
}: Pick<ComponentDefinition, 'schema' | 'adapter'>): CompiledSchema {
  if (isDeeper(schema, deepest)) return { findings: [tooDeep], check: () => [] };
  const bad = badReferences(schema).map(badReference);
  const isEmpty = Object.keys(schema).length === 0;
  const { schema: usable, findings } = toValidationSchema(
    schema,
    adapter === 'kubernetes' && !isEmpty ? 'refused' : 'accepted',
  );
  if (bad.length > 0) return { findings: limitFindings([...bad, ...findings]), check: () => [] };
  return { findings: limitFindings(findings), check: createCheck(usable) };
}

/** Compiles the `openAPIV3Schema` of a CustomResourceDefinition. */
export function compileResourceSchema(schema: JsonObject): CompiledSchema {
  return compileComponentSchema({ schema, adapter: 'kubernetes' });
}

export type SchemaCache = {
  /** Compiles what `digest` stands for at its first use. */
  readonly compiled: (
    digest: string,
    definition: () => Pick<ComponentDefinition, 'schema' | 'adapter'>,
  ) => CompiledSchema;
};

/** Keeps the schemas that were used last. */
export function createSchemaCache(limit = 500): SchemaCache {
  const kept = new Map<string, CompiledSchema>();
  return {
    compiled: (digest, definition) => {
      const known = kept.get(digest) ?? compileComponentSchema(definition());
      kept.delete(digest);
      kept.set(digest, known);
      const [oldest] = kept.keys();
      if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
      return known;
    },
  };
}

function createCheck(schema: JsonObject): CompiledSchema['check'] {
  const properties = objectAt(schema, 'properties');
  const isOpen = schema['additionalProperties'] === undefined && Object.keys(properties).length === 0;
  const whole = isOpen ? schema : { ...schema, properties: { ...properties, ...commonFields } };
  let validator: Validator | undefined;
  return (object) => {
    validator ??= new Validator(whole, '2019-09', false);
    const { errors } = validator.validate(object);
    return limitFindings(errors.filter(isInnermost).map((unit) => toFinding(object, unit)));
  };
}

/** Others say that something inside is wrong, or are about one of several ways to be right. */
function isInnermost({ keyword, keywordLocation }: OutputUnit): boolean {
  return !containers.has(keyword) && !/\/(?:anyOf|oneOf|not|if)\//.test(keywordLocation);
}

const containers = new Set([
  '$ref',
  'additionalProperties',
  'allOf',
  'contains',
  'dependentSchemas',
  'items',
  'patternProperties',
  'prefixItems',
  'properties',
  'propertyNames',
]);

function toFinding(object: KubernetesObject, { instanceLocation, keyword, error }: OutputUnit): Finding {
  const subject = describeObject(referenceOf(object));
  const path = pathOf(object, instanceLocation);
  const field = formatPath(path);
  const place = field === '' ? subject : `${subject}: ${field}`;
  const isUnknown = keyword === 'false';
  return {
    severity: 'error',
    code: isUnknown ? 'object.unknownField' : 'object.invalidField',
    subject,
    path: field,
    message: isUnknown ? `${place} is no field of ${object.kind}.` : `${place}: ${lowerFirst(error)}`,
    fix: isUnknown ? 'Remove it, or correct its name.' : 'Correct the field.',
  };
}

/** `#/spec/ports/0`, a JSON pointer, as steps into the object. */
function pathOf(object: KubernetesObject, pointer: string): readonly (string | number)[] {
  let current: unknown = object;
  const steps = pointer === '#' ? [] : pointerSteps(pointer);
  return steps.map((step) => {
    const isIndex = Array.isArray(current);
    current = Array.isArray(current) ? current[Number(step)] : isJsonObject(current) ? current[step] : undefined;
    return isIndex ? Number(step) : step;
  });
}

/** The validator names what it found, and so the value of an enum or a constant, which the schema has, not the declaration. */
function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

const tooDeep: Finding = {
  severity: 'error',
  code: 'schema.tooDeep',
  message: 'The schema is too deep: more than 64 levels are not accepted.',
  fix: 'Flatten the schema.',
};

function badReference({ path, reference, problem }: ReturnType<typeof badReferences>[number]): Finding {
  const field = formatPath(path);
  return {
    severity: 'error',
    code: problem === 'missing' ? 'schema.missingReference' : 'schema.circularReference',
    message:
      problem === 'missing'
        ? `${field} of the schema leads to ${JSON.stringify(reference)}, which is not in it.`
        : `${field} of the schema leads back to itself through ${JSON.stringify(reference)}.`,
    path: field,
    fix: problem === 'missing' ? 'Put what it means under $defs.' : 'Write the schema out at one place of the circle.',
  };
}
