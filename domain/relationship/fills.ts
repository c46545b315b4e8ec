import { canonicalJson, isJsonObject, type JsonPath, type JsonValue, valueAt } from '../json.ts';
import { kubernetesObjectSchema } from '../kubernetes-object.ts';
import { agreementOf, isCompatible, isSame, isTypeField, type Pairing } from './agreement.ts';
import type { RelationshipName } from './evaluation.ts';
import { type Field, isEmptyValue, type Slot, withValueAt } from './field-values.ts';
import type { Relation, World } from './relations.ts';
import type { Link, PairGroup, Rule } from './rules.ts';
import { isJson, type Subject } from './subject.ts';

/** A field of a component that a relationship says something of. */
export type Proposal = {
  readonly subject: Subject;
  readonly giver: Subject;
  readonly path: JsonPath;
  readonly value: JsonValue;
  readonly relationship: RelationshipName;
  /** From and to of the rule, by name. */
  readonly from: string;
  readonly to: string;
};

/** A field that a relationship says is equal and that differs. */
export type Mismatch = Omit<Proposal, 'value'> & { readonly expected: JsonValue; readonly found: unknown };

export type Saying = { readonly proposals: readonly Proposal[]; readonly mismatches: readonly Mismatch[] };

/** What a relation says of further fields: it fills the empty ones and reports the ones that differ. */
export function sayingOf({ rule, from, to, via, isDenied }: Relation): Saying {
  if (rule.link === undefined || isDenied || via !== undefined) return { proposals: [], mismatches: [] };
  const pairing = rule.giver === 'from' ? { giver: from, taker: to } : { giver: to, taker: from };
  const sayings = rule.link.equals.map((group) => sayingOfGroup(rule, group, pairing));
  return {
    proposals: sayings.flatMap(({ proposals }) => proposals),
    mismatches: sayings.flatMap(({ mismatches }) => mismatches),
  };
}

function sayingOfGroup(rule: Rule, group: PairGroup, pairing: Pairing): Saying {
  const values = givenValues(group, pairing.giver);
  const slots = group.pairs.flatMap((pair) => pairing.taker.read(pair.taker).map((slot) => ({ pair, slot })));
  const said = slots.filter(({ slot }) => !isEmptyValue(slot.value));
  const [first] = said;
  const [value] = values;
  if (value === undefined) return { proposals: [], mismatches: [] };
  if (first === undefined) {
    const place = onlyPlace(
      slots.map(({ slot }) => slot),
      values,
    );
    const isGiven = place !== undefined && mayBeGiven(pairing.taker, place);
    return { proposals: isGiven ? [proposal(rule, pairing, place)] : [], mismatches: [] };
  }
  const agrees = said.some(({ pair, slot }) => values.some((given) => isSame(pair, given, slot.value)));
  const isComparable = said.every(({ slot }) => values.every((given) => isOfOneType(given, slot.value)));
  if (agrees || !isComparable) return { proposals: [], mismatches: [] };
  const { value: _value, ...named } = proposal(rule, pairing, { slot: first.slot, value });
  return { proposals: [], mismatches: [{ ...named, expected: value, found: first.slot.value }] };
}

/** A port by name and one by number may well be the same. */
function isOfOneType(a: unknown, b: unknown): boolean {
  return typeof a === typeof b && isJsonObject(a) === isJsonObject(b);
}

/** What the giver says; data, which may be secret, is never copied or shown. */
function givenValues({ giver, pairs }: PairGroup, subject: Subject): readonly JsonValue[] {
  if ([giver, ...pairs.map(({ taker }) => taker)].some(isData)) return [];
  const values = subject
    .read(giver)
    .map(({ value }) => value)
    .filter(isJson)
    .filter((value) => !isEmptyValue(value));
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

function isData({ steps: [first] }: Field): boolean {
  return first === 'data' || first === 'stringData';
}

function proposal(
  { relationship, giver: side }: Rule,
  { giver, taker }: Pairing,
  { slot, value }: { readonly slot: Slot; readonly value: JsonValue },
): Proposal {
  const [from, to] = side === 'from' ? [giver, taker] : [taker, giver];
  return { subject: taker, giver, path: slot.path, value, relationship, from: from.name, to: to.name };
}

/**
 * Names that a component leaves out although it says on what it depends: where a rule fits the two and the field is empty, the
 * dependency is what is meant.
 */
export function declaredFills(rules: readonly Rule[], world: World): readonly Proposal[] {
  const byKinds = Map.groupBy(rules, (rule) => kindsKey(givingKind(rule), takingKind(rule)));
  const rulesFor = (giver: Subject, taker: Subject): readonly Rule[] =>
    [giver.kind, '*'].flatMap((giving) =>
      [taker.kind, '*'].flatMap((taking) => byKinds.get(kindsKey(giving, taking)) ?? []),
    );
  return world.index.subjects.flatMap((taker) =>
    taker.component.dependsOn.flatMap(({ component }) => {
      const giver = world.index.byName.get(component);
      if (giver === undefined || giver === taker) return [];
      return rulesFor(giver, taker).flatMap((rule) => fillsFor(rule, { giver, taker }, world));
    }),
  );
}

function givingKind({ from, to, giver }: Rule): string {
  return giver === 'from' ? from.kind : to.kind;
}

function takingKind({ from, to, giver }: Rule): string {
  return giver === 'from' ? to.kind : from.kind;
}

function kindsKey(giving: string, taking: string): string {
  return `${giving}\n${taking}`;
}

function fillsFor(rule: Rule, pairing: Pairing, { selects }: World): readonly Proposal[] {
  const { link, from, to, giver: side } = rule;
  const [giving, taking] = side === 'from' ? [from, to] : [to, from];
  if (link === undefined || !selects(giving, pairing.giver) || !selects(taking, pairing.taker)) return [];
  if (agreementOf(link, pairing) !== undefined) return [];
  const isParent = rule.definition.kind === 'hierarchical';
  return emptyPlaces(link, pairing)
    .filter(({ slot }) => isParent || isLeftOpen(pairing.taker, slot))
    .map((place) => proposal(rule, pairing, place));
}

/** A parent gives its children what they leave out; a reference is filled only where it is begun: `configMap: {}`. */
function isLeftOpen({ component }: Subject, { path, value }: Slot): boolean {
  return value !== undefined || isEmptyValue(valueAt(component.object, ...path.slice(0, -1)));
}

type Place = { readonly slot: Slot; readonly value: JsonValue };

/** The empty places of the keys, when nothing that is said speaks against the two belonging together. */
function emptyPlaces(link: Link, pairing: Pairing): readonly Place[] {
  const groups = link.keys.map((group) => placesOf(group, pairing));
  const places = groups.flatMap((group) => group ?? []);
  return groups.includes(undefined) || !areOfOneItem(places) ? [] : places;
}

/** What a group leaves to fill: nothing where it agrees or may stay empty, undefined where it disagrees or is not clear. */
function placesOf(group: PairGroup, { giver, taker }: Pairing): readonly Place[] | undefined {
  const slots = group.pairs.flatMap((pair) => taker.read(pair.taker).map((slot) => ({ pair, slot })));
  const said = slots.filter(({ slot }) => !isEmptyValue(slot.value));
  const values = givenValues(group, giver);
  if (said.some(({ pair, slot }) => values.some((value) => isSame(pair, value, slot.value)))) return [];
  if (said.length > 0) return undefined;
  if (group.giver.id === 'apiVersion' || (slots.length === 0 && isTypeField(group.giver))) return [];
  const place = onlyPlace(
    slots.map(({ slot }) => slot),
    values,
  );
  return place === undefined || !mayBeGiven(taker, place) ? undefined : [place];
}

/** Where only one place is empty and only one value is given. */
function onlyPlace(slots: readonly Slot[], values: readonly JsonValue[]): Place | undefined {
  const [slot] = slots;
  const [value] = values;
  const isClear = slots.length === 1 && values.length === 1;
  return isClear && slot !== undefined && value !== undefined ? { slot, value } : undefined;
}

function areOfOneItem(places: readonly Place[]): boolean {
  return places.every(({ slot }) => places.every((other) => isCompatible(slot.items, other.slot.items)));
}

/** Who an object is, nobody else says; a namespace is given only to what is known to live in one, and metadata stays valid. */
function mayBeGiven({ scope, component }: Subject, { slot: { path }, value }: Place): boolean {
  const [first, second] = path;
  if (first !== 'metadata') return first !== 'kind' && first !== 'apiVersion';
  if (second === 'name' || (second === 'namespace' && scope !== 'namespaced')) return false;
  return kubernetesObjectSchema.safeParse(withValueAt(component.object, path, value)).success;
}
