import { canonicalJson, formatPath } from '../json.ts';
import type { RelationChange } from './evaluation.ts';
import type { Proposal } from './fills.ts';

/** Proposals for one field that are not the same. */
export type Conflict = readonly Proposal[];

/** One value for one field; where relationships say different ones, none is taken. */
export function decide(proposals: readonly Proposal[]): {
  readonly changes: readonly RelationChange[];
  readonly conflicts: readonly Conflict[];
} {
  const places = Map.groupBy(proposals, ({ subject, path }) => `${subject.name}\n${formatPath(path)}`);
  const ordered = [...places].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, candidates]) => candidates);
  return {
    changes: ordered.filter(isClear).flatMap(([first]) => (first === undefined ? [] : [changeOf(first)])),
    conflicts: ordered.filter((candidates) => !isClear(candidates)),
  };
}

function changeOf({ subject, giver, path, value, relationship }: Proposal): RelationChange {
  return {
    component: subject.name,
    path: formatPath(path),
    steps: path,
    value,
    relationship,
    why: `${subject.title} leaves ${formatPath(path)} empty and belongs to ${giver.title}`,
  };
}

function isClear(candidates: readonly Proposal[]): boolean {
  return new Set(candidates.map(({ value }) => canonicalJson(value))).size === 1;
}
