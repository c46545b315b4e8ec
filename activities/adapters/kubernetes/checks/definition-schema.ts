import { definitionsIn, type FindDefinition } from '../../../../domain/custom-resource-definition.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { arrayAt, isJsonObject, stringAt, valueAt } from '../../../../domain/json.ts';
import { type KubernetesObject, versionOf } from '../../../../domain/kubernetes-object.ts';
import { type CompiledSchema, compileResourceSchema } from '../../../../infra/registry/component-schema.ts';

/**
 * Custom resources against the schema of a definition that the same design brings: the server cannot be asked about them
 * before it knows their kind.
 */
export function checkAgainstDefinitions(objects: readonly KubernetesObject[]): readonly Finding[] {
  const definitionOf = definitionsIn(objects);
  const schemas = new Map<string, CompiledSchema | undefined>();
  return objects.flatMap((object) => {
    const key = `${object.apiVersion}/${object.kind}`;
    if (!schemas.has(key)) schemas.set(key, schemaOf(object, definitionOf));
    return schemas.get(key)?.check(object) ?? [];
  });
}

function schemaOf({ apiVersion, kind }: KubernetesObject, definitionOf: FindDefinition): CompiledSchema | undefined {
  const definition = definitionOf({ apiVersion, kind });
  const version = arrayAt(definition, 'spec', 'versions').find(
    (candidate) => stringAt(candidate, 'name') === versionOf(apiVersion),
  );
  const schema = valueAt(version, 'schema', 'openAPIV3Schema');
  return isJsonObject(schema) ? compileResourceSchema(schema) : undefined;
}
