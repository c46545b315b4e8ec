import { findingAt, type SourceDocument } from '../design/source-document.ts';
import { hasErrors, type Finding } from '../finding.ts';
import { arrayAt, isJsonObject, type JsonObject, objectAt, stringAt } from '../json.ts';
import { groupOf } from '../kubernetes-object.ts';
import type { ComponentDefinition } from './component-definition.ts';
import { checkCrd } from './check-crd.ts';
import { crdVersions, type CrdVersion } from './crd-versions.ts';
import { readableName } from './readable-name.ts';

export type ConvertedCrd = {
  /** One for each served version; none where there are errors. */
  readonly components: readonly ComponentDefinition[];
  readonly findings: readonly Finding[];
};

const descriptionLength = 5_000;

/** Fields that every object has, and the one that only controllers write. */
const commonFields = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** Whether a document is a CustomResourceDefinition, of any version. */
export function isCrd(value: unknown): value is JsonObject {
  return (
    isJsonObject(value) &&
    value['kind'] === 'CustomResourceDefinition' &&
    groupOf(stringAt(value, 'apiVersion') ?? '') === 'apiextensions.k8s.io'
  );
}

/** The components of a CustomResourceDefinition, or what the API server would refuse in it. */
export function fromCrd(document: SourceDocument): ConvertedCrd {
  const versions = crdVersions(document.value);
  const findings = checkCrd(document, versions);
  if (hasErrors(findings)) return { components: [], findings };
  const components = versions
    .filter(({ value }) => value['served'] !== false)
    .map((version) => toComponent(document.value, version));
  return { components, findings: components.length === 0 ? [...findings, notServed(document)] : findings };
}

function notServed(document: SourceDocument): Finding {
  return findingAt(
    { document, path: ['spec', 'versions'] },
    {
      severity: 'warning',
      code: 'crd.notServed',
      message: 'None of its versions is served, so no component comes of it.',
    },
  );
}

function toComponent(crd: unknown, { value, schema }: CrdVersion): ComponentDefinition {
  const kind = stringAt(crd, 'spec', 'names', 'kind') ?? '';
  return {
    kind,
    apiVersion: `${stringAt(crd, 'spec', 'group')}/${stringAt(value, 'name')}`,
    displayName: readableName(kind),
    description: (stringAt(schema, 'description') ?? '').slice(0, descriptionLength),
    scope: stringAt(crd, 'spec', 'scope') === 'Cluster' ? 'cluster' : 'namespaced',
    adapter: 'kubernetes',
    schema: bodySchema(isJsonObject(schema) ? schema : openSchema),
    metadata: { ...namesOf(crd), ...stateOf(value) },
  };
}

/** A kind without a schema takes anything. */
const openSchema: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** The schema of what a declaration configures: without the fields that every object has and without status. */
export function bodySchema(schema: JsonObject): JsonObject {
  const properties = Object.entries(objectAt(schema, 'properties')).filter(([name]) => !commonFields.has(name));
  const required = arrayAt(schema, 'required').filter(
    (name): name is string => typeof name === 'string' && !commonFields.has(name),
  );
  const { properties: _properties, required: _required, ...rest } = schema;
  return {
    ...rest,
    ...(schema['properties'] === undefined ? {} : { properties: Object.fromEntries(properties) }),
    ...(required.length === 0 ? {} : { required }),
  };
}

function namesOf(crd: unknown): JsonObject {
  const names = objectAt(crd, 'spec', 'names');
  const kept = Object.entries(names).filter(
    ([name, value]) =>
      ['plural', 'singular', 'shortNames', 'categories'].includes(name) &&
      value !== '' &&
      !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(kept);
}

function stateOf(version: JsonObject): JsonObject {
  const subresources = Object.keys(objectAt(version, 'subresources'));
  const warning = stringAt(version, 'deprecationWarning');
  return {
    served: true,
    storage: version['storage'] === true,
    ...(version['deprecated'] === true ? { deprecated: true } : {}),
    ...(warning === undefined ? {} : { deprecationWarning: warning }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}
