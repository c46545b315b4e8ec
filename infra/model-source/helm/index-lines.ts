export type IndexedChart = {
  /** The chart's versions as YAML, one list item each; undefined where no such chart was found. */
  readonly versions: readonly string[] | undefined;
  /** The charts that were passed on the way. */
  readonly names: readonly string[];
  /** Whether charts were passed that are written in another way, so that their names are not among the others. */
  readonly hasOthers: boolean;
};

/**
 * Finds one chart in the lines of an `index.yaml` without parsing the others: indexes of 20 MB are common, and a YAML parser needs
 * seconds for each. It relies on the block style that all programs write; in an index of another style it passes no charts,
 * or says that there are others.
 */
export async function findInIndex(lines: AsyncIterable<string>, chart: string): Promise<IndexedChart> {
  const passed: (string | undefined)[] = [];
  const found: string[] = [];
  let keyIndent: number | undefined;
  for await (const line of entryLines(lines)) {
    keyIndent ??= indentOf(line);
    if (isKey(line, keyIndent)) {
      if (passed.at(-1) === chart) break;
      passed.push(keyOf(line));
    } else if (passed.at(-1) === chart) found.push(line);
  }
  const names = passed.filter((name) => name !== undefined);
  const versions = passed.at(-1) === chart ? listItems(found) : undefined;
  return { names, versions, hasOthers: names.length < passed.length };
}

/** Whether a line begins a chart; the items of a list may stand as deep as its key. */
function isKey(line: string, keyIndent: number): boolean {
  return indentOf(line) === keyIndent && !/^\s*-(\s|$)/.test(line);
}

/** The lines below `entries:`, without blank ones and comments. */
async function* entryLines(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let isInside = false;
  for await (const line of lines) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (isInside && indentOf(line) === 0) return;
    if (isInside) yield line;
    else isInside = /^(entries|"entries"|'entries'):\s*(#.*)?$/.test(line);
  }
}

/** The key of a line that holds nothing else: `name:`, `"name":`, `name: []`. */
function keyOf(line: string): string | undefined {
  const match = /^\s*(?:"([^"]+)"|'([^']+)'|([\w.][^\s:]*)):\s*(?:\[\s*\])?\s*(?:#.*)?$/.exec(line);
  return match?.[1] ?? match?.[2] ?? match?.[3];
}

/** The items of a list that is written in lines. */
function listItems(lines: readonly string[]): readonly string[] {
  const dash = `${' '.repeat(indentOf(lines[0] ?? ''))}-`;
  const starts = lines.flatMap((line, index) => (line.startsWith(dash) ? [index] : []));
  return starts.map((start, position) => lines.slice(start, starts[position + 1]).join('\n'));
}

/** The version that a list item states, as far as its lines tell. */
export function statedVersion(item: string): string | undefined {
  const [dash = ''] = /^ *- */.exec(item) ?? [];
  const key = `${' '.repeat(dash.length)}version:`;
  const lines = `${' '.repeat(dash.length)}${item.slice(dash.length)}`.split('\n');
  const value = lines.find((line) => line.startsWith(key))?.slice(key.length);
  return value === undefined ? undefined : /^\s*["']?([^"'\s#]+)/.exec(value)?.[1];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
