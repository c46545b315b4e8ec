import type { JsonPath } from '../json.ts';
import { agreementOf } from './agreement.ts';
import { linkBetween, type OrientedLink, type Rule } from './rules.ts';
import type { Selection } from './selection.ts';
import type { Subject } from './subject.ts';
import type { SubjectIndex } from './subject-index.ts';

/** Two components that a rule relates. */
export type Relation = {
  readonly rule: Rule;
  readonly from: Subject;
  readonly to: Subject;
  readonly via?: Subject;
  /** Where the taker names the giver. */
  readonly takerPath?: JsonPath | undefined;
  /** Whether a deny pair of the set forbids it. */
  readonly isDenied: boolean;
};

export type World = { readonly index: SubjectIndex; readonly selects: Selection };

/** The pairs that one rule relates, by what their fields say; rules without fields relate what components declare. */
export function relationsOf(rule: Rule, world: World): readonly Relation[] {
  const pairs =
    rule.chain === undefined
      ? rule.link === undefined
        ? declaredPairs(rule, world)
        : linkedPairs(rule, world)
      : chainedPairs(rule, world);
  return pairs.map((pair) => ({ ...pair, rule, isDenied: isDenied(rule, pair, world) }));
}

type Pair = Pick<Relation, 'from' | 'to' | 'via' | 'takerPath'>;

function linkedPairs({ from, to, giver, link }: Rule, { index, selects }: World): readonly Pair[] {
  if (link === undefined) return [];
  const [giving, taking] = giver === 'from' ? [from, to] : [to, from];
  if (index.ofKind(taking.kind).length === 0) return [];
  return index
    .ofKind(giving.kind)
    .filter((subject) => selects(giving, subject))
    .flatMap((subject) =>
      index.takersFor(link, subject, taking.kind).flatMap((taker): readonly Pair[] => {
        if (!selects(taking, taker)) return [];
        const evidence = agreementOf(link, { giver: subject, taker });
        if (evidence === undefined) return [];
        const ends = giver === 'from' ? { from: subject, to: taker } : { from: taker, to: subject };
        return [{ ...ends, takerPath: evidence.takerPath }];
      }),
    );
}

/** Both ends linked to the same component of a third kind. */
function chainedPairs({ from, to, chain }: Rule, world: World): readonly Pair[] {
  if (chain === undefined) return [];
  const starts = linkedToThird(from, { oriented: chain.from, kind: chain.kind }, world);
  const ends = Map.groupBy(
    linkedToThird(to, { oriented: chain.to, kind: chain.kind }, world),
    ({ third }) => third.name,
  );
  return starts.flatMap(({ own, third }) =>
    (ends.get(third.name) ?? [])
      .filter((end) => end.own !== own)
      .map((end) => ({ from: own, to: end.own, via: third })),
  );
}

type Linked = { readonly own: Subject; readonly third: Subject };

function linkedToThird(
  selector: Rule['from'],
  { oriented, kind }: { readonly oriented: OrientedLink; readonly kind: string },
  { index, selects }: World,
): readonly Linked[] {
  const { own, link } = oriented;
  const givers = index.ofKind(own === 'giver' ? selector.kind : kind);
  const takerKind = own === 'giver' ? kind : selector.kind;
  return givers.flatMap((giver) =>
    index
      .takersFor(link, giver, takerKind)
      .filter((taker) => agreementOf(link, { giver, taker }) !== undefined)
      .map((taker) => (own === 'giver' ? { own: giver, third: taker } : { own: taker, third: giver }))
      .filter((linked) => selects(selector, linked.own)),
  );
}

/** Where no field tells, a dependency that a component declares does. */
function declaredPairs({ from, to }: Rule, { index, selects }: World): readonly Pair[] {
  const pairs = index.subjects.flatMap((subject) =>
    subject.component.dependsOn.flatMap(({ component }) => {
      const other = index.byName.get(component);
      if (other === undefined || other === subject) return [];
      return [
        { from: subject, to: other },
        { from: other, to: subject },
      ];
    }),
  );
  return pairs.filter((pair) => selects(from, pair.from) && selects(to, pair.to));
}

/** Whether a deny pair of the rule's set fits. */
export function isDenied({ set: { deny } }: Rule, pair: Pair, { selects }: World): boolean {
  if (deny === undefined) return false;
  return deny.from.some(
    (from) => selects(from, pair.from) && deny.to.some((to) => selects(to, pair.to) && holds(from, to, pair)),
  );
}

/** A deny pair that says fields denies only where they agree. */
function holds(from: Rule['from'], to: Rule['to'], pair: Pair): boolean {
  const { giver, link } = linkBetween(from, to);
  if (link === undefined) return true;
  const pairing = giver === 'from' ? { giver: pair.from, taker: pair.to } : { giver: pair.to, taker: pair.from };
  return agreementOf(link, pairing) !== undefined;
}
