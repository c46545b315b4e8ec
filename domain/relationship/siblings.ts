import { canonicalJson } from '../json.ts';
import { isDenied, relationsOf, type Relation, type World } from './relations.ts';
import type { Rule } from './rules.ts';
import type { Subject } from './subject.ts';

/**
 * Components that share an entry of the fields of the rule, such as a label. A group of siblings is told by edges from its
 * first member to each other one, so that a large group costs its members and not their pairs.
 */
export function siblingsOf(rule: Rule, world: World): readonly Relation[] {
  const groups = Map.groupBy(membersOf(rule, world), ({ key }) => key);
  return [...groups.values()].flatMap((members) => {
    const hub = members.find(({ side }) => side === 'from')?.subject;
    if (hub === undefined) return [];
    return othersOf(members)
      .filter((subject) => subject !== hub)
      .map((subject): Relation => {
        const pair = { from: hub, to: subject };
        return { ...pair, rule, isDenied: isDenied(rule, pair, world) };
      });
  });
}

type Member = { readonly key: string; readonly side: 'from' | 'to'; readonly subject: Subject };

function membersOf({ from, to, giver, link }: Rule, { index, selects }: World): readonly Member[] {
  const pairs = link?.keys.flatMap((group) => group.pairs) ?? [];
  return pairs.flatMap((pair) => {
    const fields = giver === 'from' ? { from: pair.giver, to: pair.taker } : { from: pair.taker, to: pair.giver };
    const selectors = { from, to };
    return (['from', 'to'] as const).flatMap((side) =>
      index
        .ofKind(selectors[side].kind)
        .filter((subject) => selects(selectors[side], subject))
        .flatMap((subject) =>
          subject.keys(fields[side]).map((entry) => ({
            key: canonicalJson([pair.giver.id, pair.taker.id, entry]),
            side,
            subject,
          })),
        ),
    );
  });
}

/** Those of the `to` side, as the rule says who goes with whom. */
function othersOf(members: readonly Member[]): readonly Subject[] {
  return [...new Set(members.filter(({ side }) => side === 'to').map(({ subject }) => subject))];
}

/** What a rule relates, siblings by what they share. */
export function relationsBy(rule: Rule, world: World): readonly Relation[] {
  return rule.definition.kind === 'sibling' && rule.link !== undefined
    ? siblingsOf(rule, world)
    : relationsOf(rule, world);
}
