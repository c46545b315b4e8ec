import type { JsonValue } from '../../domain/json.ts';
import { countPlainValues, type PlainValues } from './plain-values.ts';

/** No string of JSON has a line end in it, so such a line is never part of one. */
const separatorLine = /^---[ \t]*\r?$/m;

/**
 * The documents of a text that is JSON through and through. Undefined where it is anything else, or holds what needs a closer
 * look, such as a key that is given twice.
 */
export function readPlainJson(text: string): PlainValues | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  const documents = parseAll(text.split(separatorLine).filter((part) => part.trim() !== ''));
  if (documents === undefined) return undefined;
  const plain = countPlainValues(documents);
  // A key that is given twice is once in the value.
  return plain?.keyCount === countMembers(text) ? plain : undefined;
}

function parseAll(texts: readonly string[]): readonly JsonValue[] | undefined {
  try {
    return texts.map((text): JsonValue => JSON.parse(text));
  } catch {
    return undefined;
  }
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** How many members all objects of a valid JSON text have: the colons outside of strings. */
function countMembers(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === colon) count += 1;
    else if (code === quote) index = endOfString(text, index);
  }
  return count;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text.charCodeAt(index) !== quote) index += text.charCodeAt(index) === backslash ? 2 : 1;
  return index;
}
