import { knownKindNamed } from '../design/known-kinds.ts';
import type { Finding } from '../finding.ts';
import { formatPath, type JsonPath, stringAt, valueAt } from '../json.ts';
import { describeObject, groupOf, type ObjectReference } from '../kubernetes-object.ts';
import { isCompatible, isTypeField, pairsBeside } from './agreement.ts';
import { describeRelationship, type RelationshipName } from './evaluation.ts';
import { isEmptyValue, type Slot } from './field-values.ts';
import type { World } from './relations.ts';
import { type FieldPair, isNamespaceField, type Link, type PairGroup, type Rule } from './rules.ts';
import type { Subject } from './subject.ts';

/** An object that a component names by a binding relationship and that is not among the components. */
export type MissingCounterpart = {
  readonly component: string;
  readonly subject: string;
  readonly path: JsonPath;
  readonly target: Omit<ObjectReference, 'apiVersion'> & { readonly apiVersion?: string };
  readonly relationship: RelationshipName;
};

/** The counterparts of binding relationships that are named and absent. Where one field may name several kinds, one is enough. */
export function missingCounterparts(rules: readonly Rule[], world: World): readonly MissingCounterpart[] {
  const mentions = rules.filter(isBinding).flatMap((rule) => mentionsOf(rule, world));
  const isThere = presence(world);
  const absent = mentions.filter((mention) => !isThere(mention));
  if (absent.length === 0) return [];
  const answered = new Set(mentions.filter(isThere).map(placeOf));
  const byPlace = new Map(absent.toReversed().map((mention) => [placeOf(mention), mention]));
  return [...byPlace]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([place, mention]) => (answered.has(place) ? [] : [mention]));
}

function placeOf({ component, path }: MissingCounterpart): string {
  return `${component}\n${formatPath(path)}`;
}

/** Whether a target is among the components; where no namespace is known, in any. */
function presence({ index }: World): (mention: MissingCounterpart) => boolean {
  const present = new Set(
    index.subjects.flatMap(({ kind, namespace, component }) =>
      [anywhere, namespace ?? noNamespace].map((place) => `${kind}/${component.object.metadata.name}/${place}`),
    ),
  );
  return ({ target: { kind, name, namespace } }) =>
    (namespace === undefined ? [anywhere] : [namespace, noNamespace]).some((place) =>
      present.has(`${kind}/${name}/${place}`),
    );
}

const anywhere = '*';
const noNamespace = '-';

/** What is missing, for people; `where` says where it was looked for. */
export function missingFinding({ subject, component, path, target, relationship }: MissingCounterpart): Finding {
  const what = describeObject({ apiVersion: '', ...target });
  return {
    severity: 'warning',
    code: 'relationship.counterpartMissing',
    subject,
    path: formatPath(path),
    message: `${subject} names ${what}, which the design does not have (relationship ${describeRelationship(relationship)})`,
    fix: `Add ${what} to the design, unless it is in the cluster, or correct the name in component ${component}.`,
  };
}

function isBinding({ definition, link, from, to, giver }: Rule): boolean {
  const giving = giver === 'from' ? from : to;
  return definition.kind === 'edge' && definition.type === 'binding' && link !== undefined && giving.kind !== '*';
}

function mentionsOf(rule: Rule, { index, selects }: World): readonly MissingCounterpart[] {
  const { link, from, to, giver } = rule;
  const [giving, taking] = giver === 'from' ? [from, to] : [to, from];
  const naming = link?.keys.find((group) => group.giver.id === 'metadata\nname');
  if (link === undefined || naming === undefined) return [];
  return index
    .ofKind(taking.kind)
    .filter((subject) => selects(taking, subject))
    .flatMap((taker) =>
      naming.pairs
        .flatMap((pair) => taker.read(pair.taker).map((slot) => ({ taker, pair, slot, giving })))
        .filter(({ slot: { value } }) => typeof value === 'string' && value !== '')
        .filter((place) => !isOptional(place) && namesKind(link, place))
        .map((place) => mentionIn(rule, { ...place, link })),
    );
}

type Place = {
  readonly taker: Subject;
  readonly pair: FieldPair;
  readonly slot: Slot;
  readonly giving: Rule['from'];
};

/** Kubernetes' own way to say that an object is of use without another one. */
function isOptional({ taker: { component }, slot: { path } }: Place): boolean {
  return valueAt(component.object, ...path.slice(0, -1), 'optional') === true;
}

/** Where the reference says a kind or an API version, they must be those of the rule. */
function namesKind(link: Link, place: Place): boolean {
  const { giving } = place;
  return link.keys
    .filter(({ giver }) => isTypeField(giver))
    .every((group) => {
      const said = saidBeside(group, place);
      if (said === undefined) return true;
      if (group.giver.id === 'kind') return said === giving.kind;
      return giving.apiVersion === undefined || groupNamed(said) === groupOf(giving.apiVersion);
    });
}

function groupNamed(text: string): string {
  return text.includes('/') || /^v\d/.test(text) ? groupOf(text) : text;
}

function saidBeside(group: PairGroup, { taker, pair, slot }: Place): string | undefined {
  const [found] = pairsBeside(group, pair)
    .flatMap((beside) => taker.read(beside.taker))
    .filter(({ value, items }) => !isEmptyValue(value) && isCompatible(slot.items, items));
  return found === undefined ? undefined : stringAt(found, 'value');
}

function mentionIn(rule: Rule, { link, ...place }: Place & { readonly link: Link }): MissingCounterpart {
  const { taker, slot, giving } = place;
  const namespace = namespaceOf(link, place);
  const apiVersion = plainVersion(giving.apiVersion) ?? knownKindNamed(giving.kind)?.apiVersion;
  return {
    component: taker.name,
    subject: taker.title,
    path: slot.path,
    target: {
      kind: giving.kind,
      name: String(slot.value),
      ...(namespace === undefined ? {} : { namespace }),
      ...(apiVersion === undefined ? {} : { apiVersion }),
    },
    relationship: rule.relationship,
  };
}

function plainVersion(apiVersion: string | undefined): string | undefined {
  return apiVersion?.includes('*') === true ? undefined : apiVersion;
}

function namespaceOf(link: Link, place: Place): string | undefined {
  const { taker, giving } = place;
  if (knownKindNamed(giving.kind)?.namespaced === false) return undefined;
  const group = link.keys.find(({ giver }) => isNamespaceField(giver));
  const said = group === undefined ? undefined : saidBeside(group, place);
  return said ?? (taker.namespace === '' ? undefined : taker.namespace);
}
