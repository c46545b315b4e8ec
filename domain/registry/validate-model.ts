import { kubernetesKind, knownKindNamed } from '../design/known-kinds.ts';
import type { Finding } from '../finding.ts';
import { componentKey, type ComponentDefinition, type ComponentKind } from './component-definition.ts';
import type { ModelMember } from './model-member.ts';
import type { ModelReference } from './model.ts';
import type { RelationshipDefinition, RelationshipSelector } from './relationship-definition.ts';

/** Of one schema as JSON; the largest in the field have about 1 MB. */
export const schemaCharacters = 4 * 1024 * 1024;

/** Checks the members of a model as they come by, and at the end what they say of each other. Holds names only. */
export type ModelCheck = {
  /** What is wrong with the member itself; errors keep it from being stored. */
  readonly member: (member: ModelMember) => readonly Finding[];
  /** What members name that the model does not have. Warnings only. */
  readonly finish: () => readonly Finding[];
};

/** `isKnown` tells whether another model of the registry has a kind. */
export function createModelCheck(model: ModelReference, isKnown: (kind: string) => boolean = () => false): ModelCheck {
  const kinds = new Set<string>();
  const keys = new Set<string>();
  const mentions: { readonly kind: string; readonly relationship: string }[] = [];
  const profiles: { readonly name: string; readonly component: string }[] = [];
  return {
    member: (member) => {
      if (member.type === 'relationship') mentions.push(...kindsNamed(model, member.definition));
      if (member.type === 'profile' && member.definition.component !== undefined)
        profiles.push({ name: member.definition.name, component: member.definition.component });
      if (member.type !== 'component') return [];
      kinds.add(member.definition.kind);
      keys.add(componentKey(member.definition));
      return checkComponent(member.definition);
    },
    finish: () => [
      ...mentions
        .filter(({ kind }) => !kinds.has(kind) && knownKindNamed(kind) === undefined && !isKnown(kind))
        .map(({ kind, relationship }) => unknownKind(kind, relationship)),
      ...profiles.filter(({ component }) => !keys.has(component)).map(unknownComponent),
    ],
  };
}

function checkComponent(definition: ComponentDefinition): readonly Finding[] {
  const characters = JSON.stringify(definition.schema).length;
  const isNamed = definition.adapter !== 'kubernetes' || definition.scope === null || isName(definition);
  return [
    ...(characters > schemaCharacters ? [tooLarge(definition, characters)] : []),
    ...(isNamed ? [] : [badName(definition)]),
  ];
}

/** Kinds and versions as the API server serves them. */
function isName({ kind, apiVersion }: ComponentKind): boolean {
  if (kubernetesKind(apiVersion, kind) !== undefined) return true;
  return /^[A-Za-z][A-Za-z0-9-]*$/.test(kind) && /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\/)?[a-z0-9]+$/.test(apiVersion);
}

/** Kinds that a person wrote into a relationship for this model. What was derived names only what there is. */
function kindsNamed(model: ModelReference, { name, selectors, foundBy }: RelationshipDefinition) {
  if (foundBy.how !== 'written') return [];
  const all = selectors.flatMap(({ allow, deny }) => [
    ...allow.from,
    ...allow.to,
    ...(deny?.from ?? []),
    ...(deny?.to ?? []),
  ]);
  const own = all.filter((selector) => selector.kind !== '*' && isOf(model, selector));
  return [...new Set(own.map(({ kind }) => kind))].map((kind) => ({ kind, relationship: name }));
}

function isOf({ name }: ModelReference, { model }: RelationshipSelector): boolean {
  return model?.name === name;
}

function tooLarge(definition: ComponentDefinition, characters: number): Finding {
  return {
    severity: 'error',
    code: 'schema.tooLarge',
    message: `The schema of ${componentKey(definition)} has ${characters} characters; at most ${schemaCharacters} are accepted.`,
    fix: 'Leave descriptions out, or share parts under $defs.',
    subject: componentKey(definition),
  };
}

function badName(definition: ComponentDefinition): Finding {
  // A name may steer the terminal in which the finding is read.
  const shown = componentKey(definition).replaceAll(/\p{Cc}/gu, '\u{fffd}');
  return {
    severity: 'error',
    code: 'component.name',
    message: `${shown} is no kind that a cluster could serve.`,
    fix: 'A kind is called like Certificate, its API version like cert-manager.io/v1.',
    subject: shown,
  };
}

function unknownKind(kind: string, relationship: string): Finding {
  return {
    severity: 'warning',
    code: 'relationship.unknownKind',
    message: `The relationship ${relationship} names the kind ${kind}, which the model does not have.`,
    fix: 'Correct the kind, or name the model that has it.',
    subject: relationship,
  };
}

function unknownComponent({ name, component }: { readonly name: string; readonly component: string }): Finding {
  return {
    severity: 'warning',
    code: 'profile.unknownComponent',
    message: `The profile ${name} is for ${component}, which the model does not have.`,
    fix: 'Correct its component.',
    subject: name,
  };
}
