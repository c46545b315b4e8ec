import type { Conflict } from './decide.ts';
import type { RelationChange, RelationshipName, TraceEntry } from './evaluation.ts';
import type { Mismatch } from './fills.ts';
import { type MissingCounterpart, missingFinding } from './missing-counterparts.ts';
import { conflictFinding, mismatchFinding } from './relation-findings.ts';
import { relationWords } from './relation-words.ts';
import type { Relation } from './relations.ts';

type LastRound = {
  readonly round: number;
  readonly relations: readonly Relation[];
  readonly mismatches: readonly Mismatch[];
  readonly conflicts: readonly Conflict[];
  readonly missing: readonly MissingCounterpart[];
};

/** All that the last round found. */
export function traceOf({ round, relations, mismatches, conflicts, missing }: LastRound): readonly TraceEntry[] {
  const entry = (relationship: RelationshipName, ends: Pick<TraceEntry, 'from' | 'to' | 'outcome' | 'why'>) => ({
    round,
    relationship,
    ...ends,
  });
  return [
    ...relations.map((relation) =>
      entry(relation.rule.relationship, {
        from: relation.from.name,
        to: relation.to.name,
        outcome: relation.isDenied ? 'denied' : 'related',
        why: relationWords(relation),
      }),
    ),
    ...mismatches.map((mismatch) =>
      entry(mismatch.relationship, {
        from: mismatch.from,
        to: mismatch.to,
        outcome: 'mismatch',
        why: mismatchFinding(mismatch).message,
      }),
    ),
    ...conflicts.flatMap((candidates) =>
      candidates.map(({ relationship, from, to }) =>
        entry(relationship, { from, to, outcome: 'conflict', why: conflictFinding(candidates).message }),
      ),
    ),
    ...missing.map((counterpart) =>
      entry(counterpart.relationship, {
        from: counterpart.component,
        to: counterpart.target.name,
        outcome: 'missing',
        why: missingFinding(counterpart).message,
      }),
    ),
  ];
}

/** A field that was filled. */
export function filledEntry({ component, path, relationship, why }: RelationChange, round: number): TraceEntry {
  return { round, relationship, from: component, to: path, outcome: 'filled', why };
}
