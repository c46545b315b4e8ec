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
  return agree({ groups: link.keys.toSorted(namesFirst), pairing, items: new Map(), named: undefined });
}

/** A name is found first: what stands beside it says of which kind and namespace it is. */
function namesFirst(a: PairGroup, b: PairGroup): number {
  return Number(isQualifier(a)) - Number(isQualifier(b));
}

function isQualifier({ giver }: PairGroup): boolean {
  return isTypeField(giver) || isNamespaceField(giver);
}

type Named = { readonly pair: FieldPair; readonly path: JsonPath };

type Search = {
  readonly groups: readonly PairGroup[];
  readonly pairing: Pairing;
  readonly items: Items;
  readonly named: Named | undefined;
};

function agree({ groups: [group, ...rest], pairing, items, named }: Search): Evidence | undefined {
  if (group === undefined) return { takerPath: named?.path };
  for (const found of agreeing(group, { pairing, items, named })) {
    const evidence = agree({
      groups: rest,
      pairing,
      items: found === undefined ? items : new Map([...items, ...found.slot.items]),
      named: named ?? (found === undefined ? undefined : { pair: found.pair, path: found.slot.path }),
    });
    if (evidence !== undefined) return evidence;
  }
  return undefined;
}

type Found = { readonly pair: FieldPair; readonly slot: Slot };

/** The taker's places that agree with the giver; undefined where the field may be left out. */
function* agreeing(group: PairGroup, { pairing, items, named }: Omit<Search, 'groups'>): Generator<Found | undefined> {
  let isSaid = false;
  for (const pair of pairsBeside(group, named?.pair)) {
    for (const slot of pairing.taker.read(pair.taker)) {
      if (isEmptyValue(slot.value) || !isCompatible(items, slot.items)) continue;
      isSaid = true;
      if (isEqual(pair, pairing.giver, slot)) yield { pair, slot };
    }
  }
  if (!isSaid && named !== undefined && mayBeLeftOut(group, pairing)) yield undefined;
}

/** Of fields that are alternatives, those that stand in one object with the one that was found. */
export function pairsBeside({ pairs }: PairGroup, named: FieldPair | undefined): readonly FieldPair[] {
  const beside = pairs.filter(({ taker }) => named !== undefined && containerOf(taker) === containerOf(named.taker));
  return beside.length > 0 ? beside : pairs;
}

function containerOf({ steps }: Field): string {
  return steps.slice(0, -1).join('\n');
}

/** A reference without a namespace means its own; one without a kind or an API version means the usual one. */
function mayBeLeftOut({ giver: field }: PairGroup, { giver, taker }: Pairing): boolean {
  return isTypeField(field) || (isNamespaceField(field) && shareNamespace(giver, taker));
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
