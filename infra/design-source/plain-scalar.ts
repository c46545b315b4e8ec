import { isScalar, isSeq, parseDocument } from 'yaml';
import type { JsonValue } from '../../domain/json.ts';
import { kubectlYaml } from './yaml-options.ts';

const simpleDouble = /^"[^"\\\t]*"$/;
/** The escapes that YAML shares with JSON. */
const escapedDouble = /^"(?:[^"\\\t]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"$/;
const single = /^'(?:[^'\t]|'')*'$/;
/** Begins like a word, a number or a path, and holds nothing that could be a key or a comment. */
const plain = /^(?!-(?: |$))(?!.*(?::(?: |$)| #|\t))[A-Za-z0-9_./~+-].*$/;
const smallInteger = /^(?:0|[1-9][0-9]{0,14})$/;
/** Texts that YAML 1.1 may take for something else. */
const word = /^(?:y|yes|n|no|on|off|true|false|null)$/i;
const numberLike = /^(?:[-+.0-9][-+.:_0-9a-fA-FxXoO]*|[-+]?\.(?:inf|nan)|~)$/i;

/** Reads scalars that stand on one line as kubectl does; undefined for what it does not know. */
export type ScalarReader = (text: string) => JsonValue | undefined;

/** A reader that remembers what it looked up. */
export function createScalarReader(): ScalarReader {
  const known = new Map<string, JsonValue | undefined>();
  const lookUp = (text: string): JsonValue | undefined => {
    if (!known.has(text)) known.set(text, resolve(text));
    return known.get(text);
  };
  return (text) => readQuoted(text) ?? readEmpty(text) ?? (plain.test(text) ? readWord(text, lookUp) : undefined);
}

function readQuoted(text: string): string | undefined {
  if (simpleDouble.test(text)) return text.slice(1, -1);
  if (escapedDouble.test(text)) return String(JSON.parse(text));
  return single.test(text) ? text.slice(1, -1).replaceAll("''", "'") : undefined;
}

function readEmpty(text: string): JsonValue | undefined {
  if (text === '{}') return {};
  return text === '[]' ? [] : undefined;
}

function readWord(text: string, lookUp: ScalarReader): JsonValue | undefined {
  if (smallInteger.test(text)) return Number(text);
  return word.test(text) || numberLike.test(text) ? lookUp(text) : text;
}

/** Read as an item of a list: at the beginning of a text it could be a document's mark. */
function resolve(text: string): JsonValue | undefined {
  const { contents, errors } = parseDocument(`- ${text}`, { ...kubectlYaml, logLevel: 'silent' });
  const item: unknown = isSeq(contents) ? contents.items[0] : undefined;
  if (errors.length > 0 || !isScalar(item)) return undefined;
  const { value } = item;
  const isJson = value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
  return isJson ? JSON.parse(JSON.stringify(value)) : undefined;
}
