import { arrayAt, isJsonObject, type JsonObject, type JsonPath, stringAt, valueAt } from '../json.ts';

/** One version of a CustomResourceDefinition, with its schema and where both stand. */
export type CrdVersion = {
  readonly value: JsonObject;
  readonly path: JsonPath;
  readonly schema: unknown;
  readonly schemaPath: JsonPath;
};

const sharedSchema = ['spec', 'validation', 'openAPIV3Schema'] as const;

/** `spec.versions`; before v1 there could be one `spec.version`, and one schema for all versions. */
export function crdVersions(crd: unknown): readonly CrdVersion[] {
  const shared = { schema: valueAt(crd, ...sharedSchema), schemaPath: sharedSchema };
  const listed = arrayAt(crd, 'spec', 'versions').map((value, index) => {
    const path = ['spec', 'versions', index];
    const own = valueAt(value, 'schema', 'openAPIV3Schema');
    const schema = own === undefined ? shared : { schema: own, schemaPath: [...path, 'schema', 'openAPIV3Schema'] };
    return { value: isJsonObject(value) ? value : {}, path, ...schema };
  });
  const only = stringAt(crd, 'spec', 'version');
  if (listed.length > 0 || only === undefined) return listed;
  return [{ value: { name: only, served: true, storage: true }, path: ['spec', 'version'], ...shared }];
}
