/** What Go's regular expressions have and JavaScript's have not: https://github.com/google/re2/wiki/Syntax */
const translations: readonly (readonly [RegExp, string])[] = [
  [/\(\?P</g, '(?<'],
  [/\\z/g, '$'],
  [/\\A/g, '^'],
  [/\[:alpha:\]/g, 'A-Za-z'],
  [/\[:digit:\]/g, '0-9'],
  [/\[:alnum:\]/g, 'A-Za-z0-9'],
  [/\[:lower:\]/g, 'a-z'],
  [/\[:upper:\]/g, 'A-Z'],
  [/\[:space:\]/g, '\\s'],
  [/\\([^A-Za-z0-9^$\\.*+?()[\]{}|/-])/g, '$1'],
];

const longestPattern = 2_000;

/**
 * A pattern of a schema for JavaScript, or why it cannot be checked here. Go matches in linear time whatever the pattern is; a pattern
 * for which JavaScript could need longer than anyone waits is left to the server.
 */
export function usablePattern(
  pattern: string,
): { readonly pattern: string } | { readonly problem: 'invalid' | 'slow' } {
  const translated = translations.reduce((text, [go, javascript]) => text.replaceAll(go, javascript), pattern);
  const usable = [pattern, translated].find(isRegExp);
  if (usable === undefined) return { problem: 'invalid' };
  return usable.length > longestPattern || mayExplode(usable) ? { problem: 'slow' } : { pattern: usable };
}

function isRegExp(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '';
  } catch {
    return false;
  }
}

type Group = {
  /** The first character of each alternative; undefined where it is not one certain character. */
  readonly firsts: readonly (string | undefined)[];
  /** What is repeated without bound in the group, each an expression for one character. */
  readonly repeated: readonly string[];
};

const tokenPattern = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?[:=!]|\?<[^>]*>)?|\)|\||[*+?]\??|\{\d+(?:,\d*)?\}\??|[^]/gu;
const unbounded = /^(?:[*+]|\{\d+,\})/;

/**
 * Whether something is repeated without bound that itself repeats something or offers a choice, unless it is clear by one character
 * where each round begins and which way it goes, as by the dot in `(\.[a-z]+)*`.
 */
function mayExplode(pattern: string): boolean {
  const tokens = pattern.match(tokenPattern) ?? [];
  const open: Group[] = [];
  let group = groupFrom(tokens[0]);
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    const isRepeated = unbounded.test(next ?? '');
    if (isRepeated && (isRepeatedAgain(tokens, index) || (token === ')' && isAmbiguous(group)))) return true;
    if (token.startsWith('(')) {
      open.push(group);
      group = groupFrom(next);
    } else group = token === ')' ? closed(open.pop(), group) : withToken(group, { token, isRepeated, next });
  }
  return false;
}

/** `a*a*`: where the one ends and the other begins can be told in many ways. */
function isRepeatedAgain(tokens: readonly string[], index: number): boolean {
  return tokens[index] === tokens[index + 2] && unbounded.test(tokens[index + 3] ?? '');
}

function closed(outer: Group | undefined, group: Group): Group {
  return outer === undefined ? group : { ...outer, repeated: [...outer.repeated, ...group.repeated] };
}

type Token = { readonly token: string; readonly isRepeated: boolean; readonly next: string | undefined };

function withToken(group: Group, { token, isRepeated, next }: Token): Group {
  if (token === '|') return { ...group, firsts: [...group.firsts, firstCharacter(next)] };
  return isRepeated ? { ...group, repeated: [...group.repeated, token] } : group;
}

function groupFrom(first: string | undefined): Group {
  return { firsts: [firstCharacter(first)], repeated: [] };
}

function firstCharacter(token: string | undefined): string | undefined {
  const escaped = /^\\([^A-Za-z0-9])$/u.exec(token ?? '')?.[1];
  return escaped ?? (/^[^\\[\](){}|*+?.^$]$/u.test(token ?? '') ? token : undefined);
}

function isAmbiguous({ firsts, repeated }: Group): boolean {
  if (repeated.length === 0 && firsts.length === 1) return false;
  if (firsts.includes(undefined) || new Set(firsts).size < firsts.length) return true;
  return repeated.some((source) => firsts.some((first) => isMatch(source, first ?? '')));
}

function isMatch(source: string, character: string): boolean {
  return new RegExp(`^(?:${source})$`, 'u').test(character);
}
