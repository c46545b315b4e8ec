import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { designLimits } from '../../domain/design/limits.ts';

/** Something that a YAML document may hold by its grammar, but a design may not. */
export type YamlProblem = {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
  /** Where in the text, from 0. */
  readonly offset: number;
};

/** How much a node stands for once its aliases are written out. */
export type YamlSize = { readonly values: number; readonly height: number };

/** The node under an anchor, and its size once that is known. */
type Anchor = { readonly node: Node; readonly size?: YamlSize };

type Walk = {
  readonly problems: YamlProblem[];
  readonly anchors: Map<string, Anchor>;
  readonly lineOf: (offset: number) => number;
};

const leaf: YamlSize = { values: 1, height: 1 };

const jsonTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * Finds what the parser lets through: keys given twice (also as `1` and `"1"`), keys and numbers that JSON cannot hold, tags, nesting
 * beyond the limit, aliases that lead nowhere or to themselves. Linear in the text.
 */
export function checkYaml(
  document: Document.Parsed,
  lineOf: (offset: number) => number,
): { readonly problems: readonly YamlProblem[]; readonly size: YamlSize } {
  const walk: Walk = { problems: [], anchors: new Map(), lineOf };
  const size = measure(document.contents, walk);
  if (size.height > designLimits.depth) walk.problems.push({ ...tooDeep, offset: offsetOf(document.contents) });
  return { problems: walk.problems, size };
}

/** Nesting beyond the limit; the parser itself gives up on the deepest. */
export const tooDeep: Omit<YamlProblem, 'offset'> = {
  code: 'yaml.tooDeep',
  message: `Mappings and lists stand more than ${designLimits.depth} deep inside each other.`,
  fix: 'Flatten the document.',
};

function measure(node: unknown, walk: Walk): YamlSize {
  if (isAlias(node)) return measureAlias(node.source, offsetOf(node), walk);
  if (isPair(node)) return combine([measure(node.key, walk), measure(node.value, walk)], 0);
  return isScalar(node) || isMap(node) || isSeq(node) ? measureNode(node, walk) : { values: 0, height: 0 };
}

function measureNode(node: Scalar | YAMLMap | YAMLSeq, walk: Walk): YamlSize {
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, { node });
  checkTag(node, walk);
  if (isScalar(node)) checkNumber(node, walk);
  if (isMap(node)) checkKeys(node.items, walk);
  const size = isScalar(node)
    ? leaf
    : combine(
        node.items.map((item) => measure(item, walk)),
        1,
      );
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, { node, size });
  return size;
}

function combine(sizes: readonly YamlSize[], own: 0 | 1): YamlSize {
  return sizes.reduce(
    (sum, { values, height }) => ({ values: sum.values + values, height: Math.max(sum.height, height + own) }),
    { values: own, height: own },
  );
}

function measureAlias(source: string, offset: number, walk: Walk): YamlSize {
  const anchor = walk.anchors.get(source);
  if (anchor?.size !== undefined) return anchor.size;
  const inside = anchor !== undefined;
  walk.problems.push({
    code: inside ? 'yaml.recursiveAlias' : 'yaml.unknownAlias',
    message: inside
      ? `The alias *${source} stands inside what it stands for.`
      : `No anchor &${source} comes before the alias *${source}.`,
    fix: inside ? 'Write the value out.' : 'Put a text that begins with "*" in quotes, or add the anchor.',
    offset,
  });
  return leaf;
}

function checkTag(node: Node, walk: Walk): void {
  if (node.tag === undefined || jsonTags.has(node.tag)) return;
  walk.problems.push({
    code: 'yaml.unsupportedTag',
    message: `The tag ${node.tag} has no meaning in a design.`,
    fix: 'Remove the tag and write the plain value.',
    offset: offsetOf(node),
  });
}

/** Whole numbers beyond 2^53 would change silently; one with a point or an exponent is not exact to begin with. */
function checkNumber(node: Scalar, walk: Walk): void {
  const { value, source = '' } = node;
  const isWhole = /^[-+]?(0x|[^.eE]*$)/.test(source);
  const isInexact =
    typeof value === 'number' &&
    (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value) && Number.isInteger(value)));
  if (!isInexact) return;
  walk.problems.push({
    code: 'yaml.number',
    message: 'This number cannot be held exactly.',
    fix: 'Put it in quotes where a text is meant; whole numbers may go up to 9007199254740991.',
    offset: offsetOf(node),
  });
}

type Item = { readonly key: unknown; readonly value: unknown };

function checkKeys(items: readonly Item[], walk: Walk): void {
  const first = new Map<string, number>();
  for (const item of items) {
    const offset = offsetOf(item.key);
    const name = keyName(item.key);
    const earlier = name === undefined ? undefined : first.get(name);
    if (name === undefined) walk.problems.push({ ...noKey, offset });
    else if (isMergeKey(item.key)) checkMerge(item, walk);
    else if (earlier === undefined) first.set(name, offset);
    else walk.problems.push({ ...duplicateKey(name, walk.lineOf(earlier)), offset });
  }
}

const noKey: Omit<YamlProblem, 'offset'> = {
  code: 'yaml.key',
  message: 'A key must be a single text.',
  fix: 'Write the key as a plain text.',
};

function duplicateKey(name: string, line: number): Omit<YamlProblem, 'offset'> {
  return {
    code: 'yaml.duplicateKey',
    message: `The key "${name}" stands twice in one mapping: here and on line ${line}.`,
    fix: 'Remove one of the two.',
  };
}

/** `<<` takes a mapping or a list of mappings. */
function checkMerge({ key, value }: Item, walk: Walk): void {
  const target = (node: unknown) => (isAlias(node) ? walk.anchors.get(node.source)?.node : node);
  const source = target(value);
  if (isMap(source) || (isSeq(source) && source.items.every((item) => isMap(target(item))))) return;
  walk.problems.push({
    code: 'yaml.merge',
    message: 'The key << merges mappings, but what it is given is none.',
    fix: 'Give it an alias of a mapping, or put the key in quotes.',
    offset: offsetOf(key),
  });
}

/** The key as JSON has it, or undefined where it cannot. */
export function keyName(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  const { value } = key;
  if (typeof value === 'symbol') return '<<';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function isMergeKey(key: unknown): boolean {
  return keyName(key) === '<<' && isScalar(key) && (key.type === undefined || key.type === 'PLAIN');
}

/** Where a node begins in the text, from 0. */
export function offsetOf(node: unknown): number {
  if (isPair(node)) return offsetOf(node.key);
  return isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
}
