import { arrayAt, objectAt, stringAt, valueAt, type JsonObject } from '../json.ts';
import type { ObservedObject } from './verdict.ts';

/** What a CustomResourceDefinition promises about the status of its objects. */
export type StatusSchema = {
  readonly hasStatus: boolean;
  readonly conditions: boolean;
  readonly observedGeneration: boolean;
};

/** Reads the promise from a CustomResourceDefinition; undefined where it does not have that version. */
export function statusSchemaOf(crd: ObservedObject, version: string): StatusSchema | undefined {
  const found = arrayAt(crd, 'spec', 'versions').find((entry) => stringAt(entry, 'name') === version);
  if (found === undefined) return undefined;
  const declared = valueAt(found, 'schema', 'openAPIV3Schema', 'properties', 'status');
  const properties = objectAt(declared, 'properties');
  return {
    hasStatus: declared !== undefined || valueAt(found, 'subresources', 'status') !== undefined,
    conditions: declaresConditions(properties),
    observedGeneration: 'observedGeneration' in properties,
  };
}

/** Conditions of the object itself or, as in the Gateway API, of each of its parents or ancestors. */
function declaresConditions(properties: JsonObject): boolean {
  if ('conditions' in properties) return true;
  return ['parents', 'ancestors'].some(
    (list) => valueAt(properties, list, 'items', 'properties', 'conditions') !== undefined,
  );
}
