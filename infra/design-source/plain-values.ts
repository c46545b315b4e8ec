import { designLimits } from '../../domain/design/limits.ts';
import type { JsonValue } from '../../domain/json.ts';

/** The values of a text that is read fast. */
export type PlainValues = {
  readonly documents: readonly JsonValue[];
  /** How many values they are, keys included. */
  readonly valueCount: number;
  readonly keyCount: number;
};

/** Counts what documents hold; undefined for what only the careful reading judges: deep nesting, numbers that cannot be held. */
export function countPlainValues(documents: readonly JsonValue[]): PlainValues | undefined {
  let valueCount = 0;
  let keyCount = 0;
  const visit = (value: JsonValue, depth: number): boolean => {
    valueCount += 1;
    if (typeof value === 'number') return isExact(value);
    if (typeof value !== 'object' || value === null) return true;
    if (depth > designLimits.depth) return false;
    if (Array.isArray(value)) return value.every((item) => visit(item, depth + 1));
    const members = Object.values(value);
    keyCount += members.length;
    return members.every((member) => visit(member, depth + 1));
  };
  if (!documents.every((document) => visit(document, 1))) return undefined;
  return { documents, valueCount: valueCount + keyCount, keyCount };
}

function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
