import type { ComponentKind } from '../../../domain/registry/component-definition.ts';
import {
  deriveRelationships,
  referencesOf,
  type ComponentReferences,
} from '../../../domain/registry/derive-relationships.ts';
import type { ExtractedMember } from '../extracted.ts';

/** The members, and after them the relationships that the schemas of the components among them tell. */
export async function* withDerivedRelationships(
  members: AsyncIterable<ExtractedMember>,
): AsyncGenerator<ExtractedMember> {
  const references: ComponentReferences[] = [];
  const kinds: ComponentKind[] = [];
  const places = new Map<string, string>();
  for await (const member of members) {
    yield member;
    if (member.type !== 'component') continue;
    const { kind, apiVersion } = member.definition;
    kinds.push({ kind, apiVersion });
    places.set(kind, member.place);
    const found = referencesOf(member.definition);
    if (found.fields.length > 0) references.push(found);
  }
  for (const definition of deriveRelationships(references, kinds)) {
    const kind = definition.selectors[0]?.allow.to[0]?.kind ?? '';
    yield { type: 'relationship', definition, place: places.get(kind) ?? definition.name };
  }
}
