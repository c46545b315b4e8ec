import { designLimits } from '../../domain/design/limits.ts';
import type { JsonValue } from '../../domain/json.ts';
import { createScalarReader, type ScalarReader } from './plain-scalar.ts';
import { countPlainValues, type PlainValues } from './plain-values.ts';

/** Thrown where a text leaves what this reader knows; the careful one takes over. */
class NotPlain extends Error {}

/** Directives, ends of documents, text behind a document's beginning, and line ends that are not of today. */
const unusual = /^(?:%|\.\.\.|---[ \t]*[^ \t\n])|[\r\u0085\u2028\u2029\ufeff]/m;
const separatorLine = /^---[ \t]*\n/m;

/**
 * The documents of a YAML text that uses only what programs write: block mappings and lists, scalars on one line, literal
 * blocks, comments on lines of their own. Undefined for anything else, be it right or wrong: anchors, tags, flow collections,
 * folded texts, keys given twice.
 */
export function readPlainYaml(text: string): PlainValues | undefined {
  if (unusual.test(text) || !text.endsWith('\n')) return undefined;
  const readScalar = createScalarReader();
  try {
    return countPlainValues(text.split(separatorLine).map((part) => new PlainReader(part, readScalar).read()));
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** A line, or what is left of it, and the column where that begins. */
type Line = { readonly indent: number; readonly text: string };

type Block = { readonly indent: number; readonly depth: number };

/** Reads one document. A line that is indented as nothing around it allows is never taken, and so seen at the end. */
class PlainReader {
  readonly #lines: readonly string[];
  readonly #readScalar: ScalarReader;
  #index = 0;
  #next: Line | undefined;

  constructor(text: string, readScalar: ScalarReader) {
    this.#lines = text.split('\n');
    this.#readScalar = readScalar;
    this.#advance();
  }

  /** Throws NotPlain. */
  read(): JsonValue {
    if (this.#next === undefined) return null;
    const value = this.#block(this.#next.indent, 1);
    if (this.#next !== undefined) throw new NotPlain();
    return value;
  }

  /** Goes to the next line that is neither blank nor a comment. */
  #advance(): void {
    this.#next = undefined;
    while (this.#next === undefined && this.#index < this.#lines.length) {
      const line = this.#lines[this.#index] ?? '';
      const indent = indentOf(line);
      const text = line.slice(indent).trimEnd();
      if (line.charAt(indent) === '\t') throw new NotPlain();
      if (text !== '' && !text.startsWith('#')) this.#next = { indent, text };
      this.#index += 1;
    }
  }

  #block(indent: number, depth: number): JsonValue {
    if (depth > designLimits.depth) throw new NotPlain();
    const text = this.#next?.text ?? '';
    return isItem(text) ? this.#list({ indent, depth }) : this.#mapping({ indent, depth });
  }

  #list(block: Block): JsonValue {
    const items: JsonValue[] = [];
    for (let line = this.#next; isItemAt(line, block.indent); line = this.#next) items.push(this.#item(line, block));
    return items;
  }

  #item({ text }: Line, { indent, depth }: Block): JsonValue {
    const content = text.slice(1).trimStart();
    if (content === '') return this.#below({ indent, depth });
    if (!isItem(content) && splitKey(content) === undefined) return this.#scalar(content, indent);
    const inner = indent + text.length - content.length;
    this.#next = { indent: inner, text: content };
    return this.#block(inner, depth + 1);
  }

  #mapping(block: Block): JsonValue {
    const members: Record<string, JsonValue> = {};
    for (let line = this.#next; line?.indent === block.indent && !isItem(line.text); line = this.#next) {
      const { key, rest } = splitKey(line.text) ?? { key: '__proto__', rest: '' };
      if (key === '__proto__' || Object.hasOwn(members, key) || this.#readScalar(key) !== key) throw new NotPlain();
      members[key] = rest === '' ? this.#below(block, { listsToo: true }) : this.#scalar(rest, block.indent);
    }
    if (Object.keys(members).length === 0) throw new NotPlain();
    return members;
  }

  /** What stands on the lines below; a list below a key may stand at the key's own column. */
  #below({ indent, depth }: Block, { listsToo = false } = {}): JsonValue {
    this.#advance();
    const line = this.#next;
    if (listsToo && isItemAt(line, indent)) return this.#block(indent, depth + 1);
    return line === undefined || line.indent <= indent ? null : this.#block(line.indent, depth + 1);
  }

  #scalar(text: string, indent: number): JsonValue {
    if (/^\|[-+]?$/.test(text)) return this.#literal(text.slice(1), indent);
    const value = this.#readScalar(text);
    if (value === undefined) throw new NotPlain();
    this.#advance();
    return value;
  }

  /** A literal block, whose lines keep what is beyond the indentation of the first. */
  #literal(chomping: string, parentIndent: number): string {
    const first = this.#lines[this.#index] ?? '';
    const indent = indentOf(first);
    if (indent <= parentIndent || first.length === indent) throw new NotPlain();
    const kept: string[] = [];
    for (
      let line = this.#lines[this.#index];
      line !== undefined && belongs(line, indent);
      line = this.#lines[this.#index]
    ) {
      kept.push(line.slice(indent));
      this.#index += 1;
    }
    this.#advance();
    return chomp(kept.join('\n'), chomping);
  }
}

function belongs(line: string, indent: number): boolean {
  const own = indentOf(line);
  return own >= indent || own === line.length;
}

/** What becomes of the line ends at the end: one stays, none with `-`, all with `+`. */
function chomp(text: string, chomping: string): string {
  if (chomping === '+') throw new NotPlain();
  const stripped = text.replace(/\n+$/, '');
  return chomping === '-' ? stripped : `${stripped}\n`;
}

function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 0x20) indent += 1;
  return indent;
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ');
}

function isItemAt(line: Line | undefined, indent: number): line is Line {
  return line !== undefined && line.indent === indent && isItem(line.text);
}

const keyed = /^(?:([A-Za-z_./$][\w./$-]*)|"([^"\\\t]*)"|'([^'\t]*)'):(?: +(.*))?$/;

/** A key and what follows it on its line. */
function splitKey(text: string): { readonly key: string; readonly rest: string } | undefined {
  const match = keyed.exec(text);
  if (match === null) return undefined;
  const [, bare, double, singleQuoted, rest = ''] = match;
  const quoted = double ?? singleQuoted;
  return { key: bare ?? quoted ?? '', rest };
}
