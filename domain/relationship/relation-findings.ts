import type { Finding } from '../finding.ts';
import { canonicalJson, formatPath } from '../json.ts';
import type { Conflict } from './decide.ts';
import { describeRelationship, type RelationChange } from './evaluation.ts';
import type { Mismatch } from './fills.ts';
import { relationWords } from './relation-words.ts';
import type { Relation } from './relations.ts';

/** Pairs that a relationship relates and forbids. */
export function deniedFindings(relations: readonly Relation[]): readonly Finding[] {
  return relations
    .filter(({ isDenied }) => isDenied)
    .map((relation) => ({
      severity: 'warning',
      code: 'relationship.denied',
      subject: relation.from.title,
      path: `components.${relation.from.name}`,
      message: `${relationWords(relation)}, which is denied (relationship ${describeRelationship(relation.rule.relationship)})`,
      fix: 'Change what one says of the other, or disable the relationship.',
    }));
}

/** Fields that differ though a relationship says that they are equal. */
export function mismatchFinding({ subject, giver, path, expected, found, relationship }: Mismatch): Finding {
  return {
    severity: 'warning',
    code: 'relationship.mismatch',
    subject: subject.title,
    path: formatPath(path),
    message: `${subject.title} says ${canonicalJson(found)} where ${giver.title} says ${canonicalJson(expected)}, and the two belong together (relationship ${describeRelationship(relationship)})`,
    fix: 'Make the two the same.',
  };
}

/** A field for which relationships have several values. */
export function conflictFinding(candidates: Conflict): Finding {
  const [first] = candidates;
  const givers = [...new Set(candidates.map(({ giver }) => giver.title))].toSorted();
  return {
    severity: 'warning',
    code: 'relationship.conflict',
    subject: first?.subject.title ?? '',
    path: formatPath(first?.path ?? []),
    message: `${first?.subject.title ?? ''} leaves the field empty, and ${givers.join(' and ')} would fill it with different values (relationship ${first === undefined ? '' : describeRelationship(first.relationship)})`,
    fix: 'Say the value in the component.',
  };
}

/** What is said when filling does not come to an end. */
export function depthFinding([first]: readonly RelationChange[], maxRounds: number): Finding {
  return {
    severity: 'note',
    code: 'relationship.depth',
    message: `relationships still filled fields after ${maxRounds} rounds; the rest is left as it is${first === undefined ? '' : `, beginning with ${first.path} of component ${first.component}`}`,
    fix: 'Say the values in the components, or look for relationships that feed each other.',
  };
}

/** What is said when there are too many edges. */
export function limitFinding(count: number, maxEdges: number): Finding {
  return {
    severity: 'note',
    code: 'relationship.limit',
    message: `relationships give ${count} edges; only the first ${maxEdges} are used`,
  };
}

/** Each once, in an order that depends on nothing else. */
export function sortedFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [canonicalJson(finding), finding]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, finding]) => finding);
}
