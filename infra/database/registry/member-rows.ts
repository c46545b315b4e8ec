import { arrayAt, stringAt, valueAt } from '../../../domain/json.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { type ComponentDefinition, componentKey } from '../../../domain/registry/component-definition.ts';
import { memberKey, type MemberType, type ModelMember } from '../../../domain/registry/model-member.ts';
import type { RelationshipDefinition, SelectorSet } from '../../../domain/registry/relationship-definition.ts';
import { type DefinitionBody, toBody } from './definition-body.ts';
import { wordsOf } from './search-text.ts';
import type { components, installedKinds, modelMembers, relationships } from './tables.ts';

/** A member with its key and its body: what tells whether it is stored already. */
export type KeyedMember = {
  readonly type: MemberType;
  readonly key: string;
  readonly body: DefinitionBody;
  readonly member: ModelMember;
};

/** The rows of some members of one model. */
export type MemberRows = {
  readonly members: readonly (typeof modelMembers.$inferInsert)[];
  readonly components: readonly (typeof components.$inferInsert)[];
  readonly relationships: readonly (typeof relationships.$inferInsert)[];
  readonly installedKinds: readonly (typeof installedKinds.$inferInsert)[];
};

export function toKeyed(member: ModelMember): KeyedMember {
  return { type: member.type, key: memberKey(member), body: toBody(member.definition), member };
}

/** What is written for members of the model beside the bodies of their definitions. */
export function toRows(modelId: string, keyed: readonly KeyedMember[]): MemberRows {
  return {
    members: keyed.map(({ type, key, body, member }) => ({
      modelId,
      type,
      key,
      digest: body.digest,
      attachmentDigest: member.type === 'attachment' ? member.definition.digest : null,
    })),
    components: keyed.flatMap(({ member, body }) =>
      member.type === 'component' ? [componentRow({ modelId, digest: body.digest }, member.definition)] : [],
    ),
    relationships: keyed.flatMap(({ member, body }) =>
      member.type === 'relationship' ? [relationshipRow({ modelId, digest: body.digest }, member.definition)] : [],
    ),
    installedKinds: keyed.flatMap(({ member, key }) =>
      member.type === 'installation'
        ? installedKindRows({ modelId, installation: key }, member.definition.objects)
        : [],
    ),
  };
}

type Place = { readonly modelId: string; readonly digest: string };

function componentRow(place: Place, definition: ComponentDefinition): typeof components.$inferInsert {
  const { kind, apiVersion, displayName, description, scope, adapter } = definition;
  const words = wordsOf(kind);
  return { ...place, kind, apiVersion, displayName, description, words, scope, adapter, status: 'enabled' };
}

function relationshipRow(place: Place, definition: RelationshipDefinition): typeof relationships.$inferInsert {
  const { name, kind, type, subType, description, foundBy, selectors } = definition;
  return {
    ...place,
    name,
    kind,
    type,
    subType,
    description,
    foundBy: foundBy.how,
    fromKinds: kindsOf(selectors, 'from'),
    toKinds: kindsOf(selectors, 'to'),
    status: 'enabled',
  };
}

function kindsOf(selectors: readonly SelectorSet[], side: 'from' | 'to'): readonly string[] {
  return [...new Set(selectors.flatMap(({ allow }) => allow[side].map(({ kind }) => kind)))].toSorted();
}

/** One row for each version of each kind, once, that a cluster serves with these objects. */
function installedKindRows(
  place: { readonly modelId: string; readonly installation: string },
  objects: readonly KubernetesObject[],
): readonly (typeof installedKinds.$inferInsert)[] {
  const rows = objects
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .flatMap((object) => {
      const group = stringAt(object, 'spec', 'group') ?? '';
      const kind = stringAt(object, 'spec', 'names', 'kind') ?? '';
      return arrayAt(object, 'spec', 'versions')
        .filter((version) => valueAt(version, 'served') !== false)
        .map((version) => ({ ...place, kind, apiVersion: `${group}/${stringAt(version, 'name') ?? ''}` }));
    });
  return [...new Map(rows.map((row) => [componentKey(row), row])).values()];
}
