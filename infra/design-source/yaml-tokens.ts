import { Lexer } from 'yaml';
import { designLimits } from '../../domain/design/limits.ts';

const structural = new Set([...'\n:,-[]{}?'].map((character) => character.charCodeAt(0)));
const tokensForEach = 4;

/** Whether a text has more tokens than the parser should be given: it needs some 300 bytes of memory for each. Stops at the limit. */
export function hasTooManyTokens(text: string): boolean {
  if (!mayHaveTooMany(text)) return false;
  const tokens = new Lexer().lex(text);
  let count = 0;
  while (tokens.next().done !== true && count <= designLimits.tokens) count += 1;
  return count > designLimits.tokens;
}

/** A quick upper bound, so that only the densest texts are read twice. */
function mayHaveTooMany(text: string): boolean {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (structural.has(text.charCodeAt(index))) count += 1;
  }
  return count * tokensForEach > designLimits.tokens;
}
