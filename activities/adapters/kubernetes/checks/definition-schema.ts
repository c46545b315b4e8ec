import { Validator } from '@cfworker/json-schema';
import { definitionsIn, type FindDefinition } from '../../../../domain/custom-resource-definition.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt, valueAt } from '../../../../domain/json.ts';
import { describeObject, type KubernetesObject, referenceOf, versionOf } from '../../../../domain/kubernetes-object.ts';

/**
 * Custom resources against the schema of a definition that the same design brings: the server cannot be asked about them
 * before it knows their kind.
 */
export function checkAgainstDefinitions(objects: readonly KubernetesObject[]): readonly Finding[] {
  const definitionOf = definitionsIn(objects);
  const validators = new Map<string, Validator | undefined>();
  return objects.flatMap((object) => {
    const key = `${object.apiVersion}/${object.kind}`;
    if (!validators.has(key)) validators.set(key, validatorFor(object, definitionOf));
    return validators.get(key) === undefined ? [] : findingsOf(object, validators.get(key));
  });
}

function validatorFor({ apiVersion, kind }: KubernetesObject, definitionOf: FindDefinition): Validator | undefined {
  const definition = definitionOf({ apiVersion, kind });
  const version = arrayAt(definition, 'spec', 'versions').find(
    (candidate) => stringAt(candidate, 'name') === versionOf(apiVersion),
  );
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  if (!isJsonObject(schema)) return undefined;
  const { properties, ...rest } = structural(schema);
  // The server itself checks these, for all kinds alike.
  const known = { ...objectAt({ properties }, 'properties'), apiVersion: true, kind: true, metadata: true };
  return new Validator({ ...rest, properties: known }, '2019-09', false);
}

/**
 * The schema with Kubernetes' own extensions put into JSON Schema's words; unknown fields are refused, as strict validation
 * would: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
function structural(schema: JsonObject): JsonObject {
  const properties = mapValues(objectAt(schema, 'properties'));
  const { nullable, items, additionalProperties, type, ...rest } = schema;
  const isIntOrString = schema['x-kubernetes-int-or-string'] === true;
  const types = isIntOrString ? ['integer', 'string'] : type === undefined ? [] : [type];
  return {
    ...rest,
    ...(types.length === 0 ? {} : { type: nullable === true ? [...types, 'null'] : types }),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
    ...(isJsonObject(items) ? { items: structural(items) } : {}),
    ...(isJsonObject(additionalProperties) ? { additionalProperties: structural(additionalProperties) } : {}),
    ...(isClosed(schema) ? { additionalProperties: false } : {}),
  };
}

function mapValues(properties: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, isJsonObject(inner) ? structural(inner) : inner]),
  );
}

function isClosed(schema: JsonObject): boolean {
  return (
    isJsonObject(schema['properties']) &&
    schema['additionalProperties'] === undefined &&
    schema['x-kubernetes-preserve-unknown-fields'] !== true &&
    schema['x-kubernetes-embedded-resource'] !== true
  );
}

/** Only the innermost errors: the others say that something inside is wrong. */
function findingsOf(object: KubernetesObject, validator: Validator | undefined): readonly Finding[] {
  const subject = describeObject(referenceOf(object));
  const errors = validator?.validate(object).errors ?? [];
  return errors
    .filter(({ keyword }) => keyword !== 'properties' && keyword !== 'items')
    .map(({ instanceLocation, error }) => {
      const path = instanceLocation.replace(/^#\/?/, '').replaceAll('/', '.');
      return {
        severity: 'error',
        code: 'object.invalidField',
        subject,
        path,
        message: `${subject}: ${path === '' ? '' : `${path}: `}${error}`,
        fix: 'correct the field, or the schema in the CustomResourceDefinition of this design',
      } as const;
    });
}
