import { posix } from 'node:path';
import { hasErrors, type Finding } from '../../../domain/finding.ts';
import { isJsonObject } from '../../../domain/json.ts';
import type { ReadDefinition } from '../../../domain/registry/check-definition.ts';
import { kindOfDocument, type DocumentKind } from '../../../domain/registry/document-kind.ts';
import { fromCrd } from '../../../domain/registry/from-crd.ts';
import { fromMesheryComponent } from '../../../domain/registry/from-meshery-component.ts';
import { fromMesheryRelationship } from '../../../domain/registry/from-meshery-relationship.ts';
import { fromOpenApi } from '../../../domain/registry/from-open-api.ts';
import { readInstallation, readProfile, readSample } from '../../../domain/registry/own-documents.ts';
import type { DefinitionDocument } from '../definition-documents.ts';
import type { ExtractedMember } from '../extracted.ts';

/** What one document gives, and findings that stop nothing. */
export type DocumentMembers = { readonly members: readonly ExtractedMember[]; readonly notes: readonly Finding[] };

type Convert = (document: DefinitionDocument) => DocumentMembers;

const nothing: DocumentMembers = { members: [], notes: [] };

const conversions: Readonly<Partial<Record<DocumentKind, Convert>>> = {
  crd: (document) => {
    const { components, findings } = fromCrd(document);
    const { place } = document;
    if (hasErrors(findings)) return { members: [{ type: 'rejected', place, findings }], notes: [] };
    return { members: components.map((definition) => ({ type: 'component', definition, place })), notes: findings };
  },
  mesheryComponent: (document) =>
    single(document, fromMesheryComponent(document), (definition) => ({ type: 'component', definition })),
  mesheryRelationship: (document) =>
    single(document, fromMesheryRelationship(document, nameOfFile(document.file)), (definition) => ({
      type: 'relationship',
      definition,
    })),
  openApi: ({ value, place }) => ({
    members: fromOpenApi(isJsonObject(value) ? value : {}).map((definition) => ({
      type: 'component',
      definition,
      place,
    })),
    notes: [],
  }),
  profile: (document) => single(document, readProfile(document), (definition) => ({ type: 'profile', definition })),
  sample: (document) => single(document, readSample(document), (definition) => ({ type: 'sample', definition })),
  installation: (document) =>
    single(document, readInstallation(document), (definition) => ({ type: 'installation', definition })),
};

/** The members that a document gives by itself; none where it is no definition. */
export function documentMembers(document: DefinitionDocument): DocumentMembers {
  return conversions[kindOfDocument(document.value)]?.(document) ?? nothing;
}

type WithoutPlace<Member> = Member extends unknown ? Omit<Member, 'place'> : never;
type PlacelessMember = WithoutPlace<Exclude<ExtractedMember, { type: 'rejected' | 'attachment' }>>;

function single<Definition>(
  { place }: DefinitionDocument,
  { definition, findings }: ReadDefinition<Definition>,
  toMember: (definition: Definition) => PlacelessMember,
): DocumentMembers {
  if (definition === undefined || hasErrors(findings))
    return { members: [{ type: 'rejected', place, findings }], notes: [] };
  return { members: [{ ...toMember(definition), place }], notes: findings };
}

/** `edge-binding-mount-abcde` of `relationships/edge-binding-mount-abcde.json`. */
export function nameOfFile(file: string): string {
  return posix.basename(file).replace(/\.(json|ya?ml)$/, '');
}
