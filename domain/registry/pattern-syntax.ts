/** An escaped character or class of characters. No two ways fit the same text, which keeps reading linear. */
const escaped = String.raw`\\(?:[dDsSwWafnrtv]|x\{[\da-fA-F]{1,6}\}|x[\da-fA-F]{2}|[pP](?:\{\^?\w+\}|[A-Z])|0(?:[0-7]{2}|[0-7]?(?![0-7]))|[1-7](?:[0-7]{2}|[0-7](?![0-7]))|[^\w\u0080-\u{10ffff}]|_)`;
const named = String.raw`\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]`;

/** What may stand between brackets. */
const member = String.raw`(?:${escaped}|${named}|\[(?!:[^\]]*:\])|[^[\]\\])`;

/** What a pattern is made of; the first that fits comes next. */
const parts = {
  atom: String.raw`\\Q[^]*?(?:\\E|$)|\\[AbBz]|${escaped}|\[(?:\^|(?!\^))(?:\]|${member})${member}*\]`,
  flags: String.raw`\(\?[imsU]*(?:-[imsU]+)?\)`,
  open: String.raw`\((?:\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?:)|(?!\?))`,
  close: String.raw`\)`,
  choice: String.raw`\|`,
  repetition: String.raw`[*+?]\??|\{\d+(?:,\d*)?\}\??`,
  character: String.raw`[^()[\\]`,
} as const;
type Part = keyof typeof parts;
const kinds = [
  'atom',
  'flags',
  'open',
  'close',
  'choice',
  'repetition',
  'character',
] as const satisfies readonly Part[];

const mostRepeats = 1000;
const longestPattern = 10_000;

/**
 * What Go's regular expressions, with which the API server checks texts, do not accept in a pattern; undefined where nothing is found, and
 * for one too long to look at: https://pkg.go.dev/regexp/syntax
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > longestPattern) return undefined;
  let depth = 0;
  let before: Part = 'open';
  for (const { kind, text } of partsOf(pattern)) {
    if (kind === 'unknown') return unreadable(text);
    const problem = kind === 'repetition' ? repetitionProblem(text, before) : undefined;
    if (problem !== undefined) return problem;
    depth += steps[kind] ?? 0;
    if (depth < 0) return 'a ")" closes no group';
    before = kind;
  }
  return depth > 0 ? 'a "(" is not closed' : undefined;
}

const steps: Readonly<Partial<Record<Part, number>>> = { open: 1, close: -1 };

/** The parts of a pattern; the last is all the rest where that begins with no part. */
function* partsOf(pattern: string): Generator<{ readonly kind: Part | 'unknown'; readonly text: string }> {
  const part = new RegExp(kinds.map((kind) => `(?<${kind}>${parts[kind]})`).join('|'), 'uy');
  while (part.lastIndex < pattern.length) {
    const start = part.lastIndex;
    const match = part.exec(pattern);
    const kind = kinds.find((name) => match?.groups?.[name] !== undefined);
    yield { kind: kind ?? 'unknown', text: match?.[0] ?? pattern.slice(start) };
    if (kind === undefined) return;
  }
}

function repetitionProblem(text: string, before: Part): string | undefined {
  if (before === 'open' || before === 'choice') return `nothing stands before "${text}" that it could repeat`;
  if (before === 'repetition') return `"${text}" follows another repetition`;
  const [least = 0, most = least] = (text.match(/\d+/g) ?? []).map(Number);
  return least > mostRepeats || most > mostRepeats || least > most
    ? `"${text}" is no number of repetitions`
    : undefined;
}

const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^\(\?<?[=!]/, 'it looks ahead or behind'],
  [/^\(\?/, 'a group begins in an unknown way'],
  [/^\[/, 'a "[" is not closed or holds what is no character'],
  [/^\\[1-9]/, 'it refers back to a group'],
  [/^\\$/, 'it ends with "\\"'],
  [/^\\/, 'a "\\" stands before what cannot be escaped'],
];

function unreadable(rest: string): string {
  return beginnings.find(([beginning]) => beginning.test(rest))?.[1] ?? 'it cannot be read';
}
