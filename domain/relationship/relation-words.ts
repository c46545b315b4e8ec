import { formatPath } from '../json.ts';
import type { RelationEdge } from './evaluation.ts';
import type { Relation } from './relations.ts';
import type { Rule } from './rules.ts';

/** What one side does with the other, by the sub-type: https://docs.meshery.io/concepts/logical/relationships */
const takerVerbs: Readonly<Record<string, string>> = {
  mount: 'mounts',
  reference: 'references',
  inventory: 'uses',
  wallet: 'uses',
};
const fromVerbs: Readonly<Record<string, string>> = {
  network: 'leads to',
  permission: 'grants rights to',
  firewall: 'guards',
  alias: 'stands for a part of',
  annotation: 'is noted on',
  matchlabels: 'shares labels with',
};

/** `Issuer shop/ca references Secret shop/ca-key`. */
export function relationWords({ rule, from, to, via, takerPath }: Relation): string {
  const { subType, type } = rule.definition;
  const [giver, taker] = rule.giver === 'from' ? [from, to] : [to, from];
  if (rule.link === undefined && rule.chain === undefined) return `${from.title} goes with ${to.title}, as declared`;
  if (takerPath !== undefined && formatPath(takerPath) === 'metadata.namespace')
    return `${taker.title} is in ${giver.title}`;
  const byTaker = takerVerbs[subType];
  if (byTaker !== undefined) return `${taker.title} ${byTaker} ${giver.title}`;
  const through = via === undefined ? '' : ` through ${via.title}`;
  return `${from.title} ${fromVerbs[subType] ?? fromVerbs[type] ?? 'goes with'} ${to.title}${through}`;
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
