import type { JsonPath } from '../json.ts';
import { groupOf } from '../kubernetes-object.ts';
import { type Field, isContained, isEmptyValue, type Slot } from './field-values.ts';
import { type FieldPair, isNamespaceField, type Link, type PairGroup } from './rules.ts';
import { shareNamespace, type Subject } from './subject.ts';

/** The fields by which a taker names a giver. */
export type Evidence = { readonly takerPath: JsonPath | undefined };

export type Pairing = { readonly giver: Subject; readonly taker: Subject };

/** Which item of a list each `_` stands for; one item must agree in all fields that are told of it. */
type Items = ReadonlyMap<string, number>;

/** Where all keys of the link agree, or undefined. */
export function agreementOf(link: Link, pairing: Pairing): Evidence | undefined {
  const { giver, taker } = pairing;
  if (giver === taker || (!link.namesNamespace && !shareNamespace(giver, taker))) return undefined;
  return agree({ groups: link.keys, pairing, items: new Map(), path: undefined });
}

type Search = {
  readonly groups: readonly PairGroup[];
  readonly pairing: Pairing;
  readonly items: Items;
  readonly path: JsonPath | undefined;
};

function agree({ groups: [group, ...rest], pairing, items, path }: Search): Evidence | undefined {
  if (group === undefined) return { takerPath: path };
  for (const slot of agreeing(group, pairing, items)) {
    const isName = slot !== undefined && !isTypeField(group.giver);
    const found = agree({
      groups: rest,
      pairing,
      items: slot === undefined ? items : new Map([...items, ...slot.items]),
      path: path ?? (isName ? slot.path : undefined),
    });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The taker's places that agree with the giver; undefined where the field may be left out. */
function* agreeing(group: PairGroup, pairing: Pairing, items: Items): Generator<Slot | undefined> {
  let isSaid = false;
  for (const pair of group.pairs) {
    for (const slot of pairing.taker.read(pair.taker)) {
      if (isEmptyValue(slot.value) || !isCompatible(items, slot.items)) continue;
      isSaid = true;
      if (isEqual(pair, pairing.giver, slot)) yield slot;
    }
  }
  if (!isSaid && mayBeLeftOut(group, pairing)) yield undefined;
}

/** A reference without a namespace means its own; one without an API version means the usual one. */
function mayBeLeftOut({ giver: field }: PairGroup, { giver, taker }: Pairing): boolean {
  return field.id === 'apiVersion' || (isNamespaceField(field) && shareNamespace(giver, taker));
}

function isEqual(pair: FieldPair, giver: Subject, slot: Slot): boolean {
  if (pair.giver.id === 'apiVersion') return isSameApi(giver.component.object.apiVersion, slot.value);
  return giver.read(pair.giver).some(({ value }) => isSame(pair, value, slot.value));
}

/** Whether the fields of a pair say the same. */
export function isSame({ part }: FieldPair, giver: unknown, taker: unknown): boolean {
  const [first, second] = part === 'taker' ? [taker, giver] : [giver, taker];
  return isContained(first, second) && (part !== 'both' || isContained(second, first));
}

/** References name an API version, or a group only. */
function isSameApi(apiVersion: string, named: unknown): boolean {
  if (typeof named !== 'string') return false;
  const group = groupOf(apiVersion);
  return named === group || (groupOf(named) === group && (group !== '' || named === apiVersion));
}

/** Whether places can be told of the same item of each list that both go through. */
export function isCompatible(items: Items, others: Items): boolean {
  return [...others].every(([list, index]) => (items.get(list) ?? index) === index);
}

/** Kind and API version say what a name means; alone they name nothing. */
export function isTypeField({ id }: Field): boolean {
  return id === 'kind' || id === 'apiVersion';
}
