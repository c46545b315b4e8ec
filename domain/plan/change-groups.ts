import { barrierEdges } from './barrier.ts';
import { hardEdge, joined, type RuleResult } from './candidate-edge.ts';
import { grouped, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

const groupAnnotation = /^kapp\.k14s\.io\/change-group(\..+)?$/;
const ruleAnnotation = /^kapp\.k14s\.io\/change-rule(\..+)?$/;
const ruleText = /^(upsert|delete) (before|after) (upserting|deleting) (\S+)$/;

type ChangeRule = { readonly object: string; readonly side: 'before' | 'after'; readonly group: string };

/**
 * Change groups and rules of kapp, those that order applies or those that order deletes. Rules between an apply and a
 * delete do not apply, as one operation does only one of them. https://carvel.dev/kapp/docs/latest/apply-ordering/
 */
export function changeGroupEdges(index: DesignIndex, action: 'upsert' | 'delete'): RuleResult {
  const members = grouped(index.objects, groupsOf);
  const rules = index.objects.flatMap((object) => rulesOf(object, action));
  const byGroup = grouped(rules, ({ side, group }) => [`${side} ${group}`]);
  const barriers = [...byGroup].flatMap(([title, [first, ...others]]) => {
    if (first === undefined) return [];
    const named = (members.get(first.group) ?? []).map(({ key }) => key);
    const ruled = [first, ...others].map(({ object }) => object);
    return barrierEdges({
      gate: { key: `gate:kapp.k14s.io/${action}/${title}`, title: `${title} (kapp change rule)` },
      before: first.side === 'after' ? named : ruled,
      after: first.side === 'after' ? ruled : named,
      edge: (ends) =>
        hardEdge({
          ...ends,
          needs: action === 'delete' ? 'gone' : 'ready',
          reason: `change rule: ${action} ${title}`,
        }),
    });
  });
  return joined(barriers);
}

function groupsOf({ annotations }: PlannedObject): readonly string[] {
  return Object.entries(annotations).flatMap(([name, value]) => (groupAnnotation.test(name) ? [value.trim()] : []));
}

function rulesOf({ key, annotations }: PlannedObject, action: 'upsert' | 'delete'): readonly ChangeRule[] {
  const object = action === 'upsert' ? 'upserting' : 'deleting';
  return Object.entries(annotations).flatMap(([name, value]) => {
    if (!ruleAnnotation.test(name)) return [];
    const [, verb, side, change, group = ''] = ruleText.exec(value.trim()) ?? [];
    if (verb !== action || change !== object) return [];
    return [{ object: key, side: side === 'before' ? 'before' : 'after', group }];
  });
}
