import { findingAt, type SourceDocument } from '../design/source-document.ts';
import type { Finding } from '../finding.ts';
import { isJsonObject, type JsonPath, stringAt, valueAt } from '../json.ts';
import type { CrdVersion } from './crd-versions.ts';
import { checkStructuralSchema } from './structural-schema.ts';

type Problem = { readonly path: JsonPath; readonly message: string; readonly fix: string };
type Rule<Subject> = (subject: Subject) => Problem | undefined;

/** What the API server would refuse in a CustomResourceDefinition, at its places. */
export function checkCrd(document: SourceDocument, versions: readonly CrdVersion[]): readonly Finding[] {
  const crd = document.value;
  const problems = [
    ...crdRules.flatMap((rule) => rule({ crd, versions }) ?? []),
    ...versions.flatMap((version) => versionRules.flatMap((rule) => rule({ crd, version, versions }) ?? [])),
  ];
  const schemas = isV1(crd) ? versions : [];
  return [
    ...problems.map(({ path, message, fix }) =>
      findingAt({ document, path }, { severity: 'error', code: 'crd.invalid', message, fix }),
    ),
    ...schemas.flatMap(({ schema, schemaPath }) =>
      isJsonObject(schema) ? checkStructuralSchema(schema, { document, path: schemaPath }) : [],
    ),
  ];
}

function isV1(crd: unknown): boolean {
  return stringAt(crd, 'apiVersion') === 'apiextensions.k8s.io/v1';
}

function missing(...path: readonly string[]): Rule<{ readonly crd: unknown }> {
  return ({ crd }) =>
    (stringAt(crd, ...path) ?? '') === ''
      ? { path, message: `${path.join('.')} is missing.`, fix: `Add ${path.at(-1)}.` }
      : undefined;
}

const crdRules: readonly Rule<{ readonly crd: unknown; readonly versions: readonly CrdVersion[] }>[] = [
  missing('spec', 'group'),
  missing('spec', 'names', 'kind'),
  missing('spec', 'names', 'plural'),
  ({ crd }) => {
    const expected = `${stringAt(crd, 'spec', 'names', 'plural')}.${stringAt(crd, 'spec', 'group')}`;
    if (stringAt(crd, 'metadata', 'name') === expected) return undefined;
    const message = `The name of a CustomResourceDefinition is the plural and the group: ${expected}.`;
    return { path: ['metadata', 'name'], message, fix: `Name it ${expected}.` };
  },
  ({ crd }) => {
    const scope = stringAt(crd, 'spec', 'scope');
    if (scope === 'Namespaced' || scope === 'Cluster' || (scope === undefined && !isV1(crd))) return undefined;
    return { path: ['spec', 'scope'], message: 'The scope is Namespaced or Cluster.', fix: 'Write one of the two.' };
  },
  ({ crd }) =>
    isV1(crd) && valueAt(crd, 'spec', 'preserveUnknownFields') === true
      ? {
          path: ['spec', 'preserveUnknownFields'],
          message: 'preserveUnknownFields cannot be true in v1.',
          fix: 'Write x-kubernetes-preserve-unknown-fields in the schema.',
        }
      : undefined,
  ({ versions }) =>
    versions.length === 0
      ? { path: ['spec', 'versions'], message: 'There is no version.', fix: 'Add one to spec.versions.' }
      : undefined,
  ({ crd, versions }) => {
    const stored = versions.filter(({ value }) => value['storage'] === true).length;
    if (stored === 1 || versions.length === 0 || !isV1(crd)) return undefined;
    const message = `${stored} versions are marked as the stored one; it must be one.`;
    return { path: ['spec', 'versions'], message, fix: 'Write "storage: true" at one version.' };
  },
];

type VersionSubject = {
  readonly crd: unknown;
  readonly version: CrdVersion;
  readonly versions: readonly CrdVersion[];
};

const versionRules: readonly Rule<VersionSubject>[] = [
  ({ version: { value, path } }) =>
    /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(stringAt(value, 'name') ?? '')
      ? undefined
      : { path: [...path, 'name'], message: 'A version is called v1, v1beta1 or the like.', fix: 'Correct its name.' },
  ({ version, versions }) => {
    const name = stringAt(version.value, 'name');
    if (versions.find(({ value }) => stringAt(value, 'name') === name) === version) return undefined;
    return { path: [...version.path, 'name'], message: `The version ${name} stands twice.`, fix: 'Remove one.' };
  },
  ({ crd, version: { value, path, schema } }) =>
    isJsonObject(schema) || !isV1(crd)
      ? undefined
      : {
          path,
          message: `The version ${stringAt(value, 'name')} has no schema.`,
          fix: 'Add schema.openAPIV3Schema.',
        },
];
