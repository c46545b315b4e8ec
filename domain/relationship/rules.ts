import type { ModelReference } from '../registry/model.ts';
import { formatModelReference } from '../registry/model.ts';
import type {
  FieldPath,
  RelationshipDefinition,
  RelationshipSelector,
  SelectorSet,
} from '../registry/relationship-definition.ts';
import type { RelationshipName } from './evaluation.ts';
import { type Field, fieldOf } from './field-values.ts';

/** A relationship with the model that brings it. */
export type RegisteredRelationship = { readonly definition: RelationshipDefinition; readonly model: ModelReference };

/** The giver's field has the value that the taker's field names, or is to have. */
export type FieldPair = {
  readonly giver: Field;
  readonly taker: Field;
  /** Which side's map must be part of the other's. */
  readonly part: 'giver' | 'taker' | 'both';
};

/** Fields of the taker of which one has the value of the giver's field. */
export type PairGroup = { readonly giver: Field; readonly pairs: readonly FieldPair[] };

/** How two components are told to belong together: `keys` must agree; `equals` are filled, or reported where they differ. */
export type Link = {
  readonly keys: readonly PairGroup[];
  readonly equals: readonly PairGroup[];
  /** Whether the keys speak of namespaces themselves; else names are of the own namespace. */
  readonly namesNamespace: boolean;
};

/** One allowed pair of selectors, ready to be looked for. */
export type Rule = {
  readonly relationship: RelationshipName;
  readonly definition: RelationshipDefinition;
  readonly set: SelectorSet;
  readonly from: RelationshipSelector;
  readonly to: RelationshipSelector;
  /** The side whose fields are named by the other. */
  readonly giver: 'from' | 'to';
  readonly link?: Link;
  /** Between the two stands a component of a third kind, which both are linked to. */
  readonly chain?: Chain;
};

export type Chain = { readonly kind: string; readonly from: OrientedLink; readonly to: OrientedLink };
/** `own` is the side of the selected component; the third one is the other. */
export type OrientedLink = { readonly own: 'giver' | 'taker'; readonly link: Link };

/** What the sets of a relationship allow, pair by pair. */
export function rulesOf({ definition, model }: RegisteredRelationship): readonly Rule[] {
  const { name, kind, type, subType } = definition;
  const relationship = { name, model: formatModelReference(model), kind, type, subType };
  return definition.selectors.flatMap((set) =>
    set.allow.from.flatMap((from) =>
      set.allow.to.map((to) => ({ relationship, definition, set, from, to, ...linkBetween(from, to) })),
    ),
  );
}

type Linked = Pick<Rule, 'giver' | 'link' | 'chain'>;

/** How two selectors link what they select: by their match, else by their patch. */
export function linkBetween(from: RelationshipSelector, to: RelationshipSelector): Linked {
  const chain = chainOf(from, to);
  if (chain !== undefined) return { giver: 'from', chain };
  const matched = matchedPairs(from, to);
  const patched = patchedPairs(from, to);
  const pairs = matched.length > 0 ? matched : patched;
  const giver = pairs[0]?.giverSide ?? 'from';
  const isOriented = ({ giverSide }: SidedPair): boolean => giverSide === giver;
  const [keys, rest] = split(pairs.filter(isOriented), matched.length > 0);
  if (keys.length === 0) return { giver };
  const equals = matched.length > 0 ? patched.filter(isOriented) : rest;
  return { giver, link: linkOf(keys, equals) };
}

function linkOf(keys: readonly FieldPair[], equals: readonly FieldPair[]): Link {
  return {
    keys: grouped(keys),
    equals: grouped(equals),
    namesNamespace: keys.some(({ giver, taker }) => isNamespaceField(giver) || isNamespaceField(taker)),
  };
}

/** Whether the field names a namespace, rather than something in the own one. */
export function isNamespaceField({ last }: Field): boolean {
  return last === 'namespace';
}

function grouped(pairs: readonly FieldPair[]): readonly PairGroup[] {
  return [...Map.groupBy(pairs, ({ giver }) => giver.id)].flatMap(([, members]) => {
    const [first] = members;
    return first === undefined ? [] : [{ giver: first.giver, pairs: members }];
  });
}

/** Names, kinds, namespaces, labels and selectors tell which components are meant; other fields follow from it. */
function split(pairs: readonly SidedPair[], isMatch: boolean): readonly [readonly SidedPair[], readonly SidedPair[]] {
  const identifying = pairs.filter(({ giver, taker }) => isIdentity(giver) || isIdentity(taker));
  if (isMatch || identifying.length === 0) return [pairs, []];
  return [identifying, pairs.filter((pair) => !identifying.includes(pair))];
}

const identityFields = new Set(['kind', 'apiVersion', 'metadata\nname', 'metadata\nnamespace', 'metadata\nlabels']);

function isIdentity(field: Field): boolean {
  return identityFields.has(field.id) || isSelectorField(field);
}

/** Whether the field says which labels are meant. */
export function isSelectorField({ last }: Field): boolean {
  return last === 'selector' || last === 'matchLabels';
}

type SidedPair = FieldPair & { readonly giverSide: 'from' | 'to' };
type Refs = {
  readonly mutatorRef?: readonly FieldPath[] | undefined;
  readonly mutatedRef?: readonly FieldPath[] | undefined;
};

function patchedPairs({ patch: from, matchStrategyMatrix }: RelationshipSelector, { patch: to }: RelationshipSelector) {
  return pairsOf(from ?? {}, to ?? {}, matchStrategyMatrix);
}

/** `refs` of both sides stand for one another; sides of `match` that name the other selector's kind do too. */
function matchedPairs(from: RelationshipSelector, to: RelationshipSelector): readonly SidedPair[] {
  const refs = pairsOf({ mutatorRef: from.match?.refs }, { mutatedRef: to.match?.refs }, from.matchStrategyMatrix);
  const own = matchOf(from, 'from');
  const other = matchOf(to, 'to');
  return [
    ...refs,
    ...(own?.kind === to.kind ? pairsOf(own.self, own.other) : []),
    ...(other?.kind === from.kind ? pairsOf(other.other, other.self) : []),
  ];
}

type SelectorMatch = { readonly kind: string; readonly self: Refs; readonly other: Refs };

/** What a selector says of the component that it selects and of one of another kind. */
function matchOf({ match }: RelationshipSelector, side: 'from' | 'to'): SelectorMatch | undefined {
  const { from = [], to = [] } = match ?? {};
  const sides = side === 'from' ? [...from, ...to] : [...to, ...from];
  const self = sides.find(({ kind }) => kind === 'self') ?? sides[0];
  const other = sides.find((candidate) => candidate !== self);
  return self === undefined || other === undefined ? undefined : { kind: other.kind, self, other };
}

function chainOf(from: RelationshipSelector, to: RelationshipSelector): Chain | undefined {
  const own = matchOf(from, 'from');
  const other = matchOf(to, 'to');
  if (own === undefined || other === undefined || own.kind !== other.kind) return undefined;
  if (own.kind === to.kind || other.kind === from.kind) return undefined;
  const first = orientedLink(own);
  const second = orientedLink(other);
  return first === undefined || second === undefined ? undefined : { kind: own.kind, from: first, to: second };
}

function orientedLink({ self, other }: SelectorMatch): OrientedLink | undefined {
  const pairs = pairsOf(self, other);
  const side = pairs[0]?.giverSide;
  if (side === undefined) return undefined;
  const keys = pairs.filter(({ giverSide }) => giverSide === side);
  return { own: side === 'from' ? 'giver' : 'taker', link: linkOf(keys, []) };
}

/** The i-th mutator gives the value of the i-th mutated field of the other side. */
function pairsOf(from: Refs, to: Refs, strategies?: readonly (readonly string[])[]): readonly SidedPair[] {
  return [
    ...zipped(from.mutatorRef, to.mutatedRef, strategies).map((pair) => ({ ...pair, giverSide: 'from' as const })),
    ...zipped(to.mutatorRef, from.mutatedRef, strategies).map((pair) => ({ ...pair, giverSide: 'to' as const })),
  ];
}

function zipped(
  givers: readonly FieldPath[] = [],
  takers: readonly FieldPath[] = [],
  strategies: readonly (readonly string[])[] = [],
): readonly FieldPair[] {
  return takers.flatMap((takerPath, position) => {
    const giverPath = givers[position];
    if (giverPath === undefined) return [];
    const [giver, taker] = [fieldOf(giverPath), fieldOf(takerPath)];
    return [{ giver, taker, part: partOf(giver, taker, strategies[position] ?? []) }];
  });
}

/** A selector is part of the labels that it selects, whichever of them gives. */
function partOf(giver: Field, taker: Field, strategy: readonly string[]): FieldPair['part'] {
  if (strategy.includes('equal')) return 'both';
  return isSelectorField(taker) && !isSelectorField(giver) ? 'taker' : 'giver';
}
