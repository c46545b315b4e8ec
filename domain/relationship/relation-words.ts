import { formatPath } from '../json.ts';
import type { RelationEdge } from './evaluation.ts';
import type { Relation } from './relations.ts';
import { isSelectorField, type Rule } from './rules.ts';

/** What one side does with the other, by the sub-type: https://docs.meshery.io/concepts/logical/relationships */
const takerVerbs: Readonly<Record<string, string>> = {
  mount: 'mounts',
  reference: 'references',
  inventory: 'uses',
  wallet: 'uses',
};
const fromVerbs: Readonly<Record<string, string>> = {
  network: 'leads to',
  definition: 'defines',
  permission: 'grants rights to',
  firewall: 'guards',
  alias: 'stands for a part of',
  annotation: 'is noted on',
  matchlabels: 'shares labels with',
};

const selectorVerbs: Readonly<Record<string, string>> = { network: 'leads to', firewall: 'guards' };

/** `Issuer shop/ca references Secret shop/ca-key`. */
export function relationWords(relation: Relation): string {
  const { rule, from, to, via } = relation;
  if (rule.link === undefined && rule.chain === undefined) return `${from.title} goes with ${to.title}, as declared`;
  const { type, subType } = rule.definition;
  const through = via === undefined ? '' : ` through ${via.title}`;
  const verb = fromVerbs[subType] ?? fromVerbs[type] ?? 'goes with';
  return wordsOfTaker(relation) ?? `${from.title} ${verb} ${to.title}${through}`;
}

/** What the one says that names or selects the other. */
function wordsOfTaker({ rule, from, to, takerPath }: Relation): string | undefined {
  const { subType } = rule.definition;
  const [giver, taker] = rule.giver === 'from' ? [from, to] : [to, from];
  const isPlace = takerPath !== undefined && formatPath(takerPath) === 'metadata.namespace';
  if (isPlace) return `${taker.title} is in ${giver.title}`;
  const selector = selectorSide(rule);
  const selects = selectorVerbs[subType] ?? 'selects';
  if (selector === 'giver') return `${giver.title} ${selects} ${taker.title}`;
  if (selector === 'taker') return `${taker.title} ${selects} ${giver.title}`;
  const verb = takerVerbs[subType];
  return verb === undefined ? undefined : `${taker.title} ${verb} ${giver.title}`;
}

/** The side that says which labels it means, where one does. */
function selectorSide({ link }: Rule): 'giver' | 'taker' | undefined {
  const pairs = link?.keys.flatMap((group) => group.pairs) ?? [];
  if (pairs.some(({ giver }) => isSelectorField(giver))) return 'giver';
  return pairs.some(({ taker }) => isSelectorField(taker)) ? 'taker' : undefined;
}

const unordered = new Set(['alias', 'annotation', 'matchlabels']);

/**
 * What a deploy makes of a rule: what its definition says, else the component that is named goes before the one that names
 * it. Siblings, aliases and annotations order nothing.
 */
export function orderOf({ definition, giver, link, chain }: Rule): RelationEdge['order'] {
  const { kind, type, subType, order, metadata } = definition;
  if (order !== undefined) return order ?? undefined;
  const isLinked = link !== undefined || chain !== undefined;
  const isDrawn = metadata['isAnnotation'] === true || unordered.has(type) || unordered.has(subType);
  return kind === 'sibling' || isDrawn || !isLinked ? undefined : { first: giver, needs: 'exists' };
}
