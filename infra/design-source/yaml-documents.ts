import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Document,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { designLimits } from '../../domain/design/limits.ts';
import { findingAt, type SourceDocument, type SourcePosition } from '../../domain/design/source-document.ts';
import type { Finding } from '../../domain/finding.ts';
import { jsonValueSchema, type JsonPath, type JsonValue } from '../../domain/json.ts';
import { checkYaml, keyName, offsetOf, tooDeep, type YamlProblem } from './check-yaml.ts';
import { readPlainJson } from './plain-json.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { kubectlYaml } from './yaml-options.ts';
import { hasTooManyTokens } from './yaml-tokens.ts';

export type ReadDocuments = { readonly documents: readonly SourceDocument[]; readonly findings: readonly Finding[] };

type YamlText = { readonly text: string; readonly file?: string };
type PositionOf = (offset: number) => SourcePosition;

/**
 * Reads all documents of a YAML or JSON text as kubectl would, with every problem and its place; empty documents are skipped.
 * A text in which nothing is out of the ordinary is read fast, and carefully only once somebody asks for a place in it.
 */
export function readYaml(source: YamlText): ReadDocuments {
  if (hasTooManyTokens(source.text)) return refused(source, tooManyTokens);
  return readPlainly(source) ?? readCarefully(source);
}

function readPlainly(source: YamlText): ReadDocuments | undefined {
  const plain = readPlainJson(source.text) ?? readPlainYaml(source.text);
  if (plain === undefined || plain.documents.length > designLimits.documents) return undefined;
  if (plain.valueCount > designLimits.values) return undefined;
  let careful: readonly SourceDocument[] | undefined;
  const located = (): readonly SourceDocument[] => (careful ??= readCarefully(source).documents);
  const documents = plain.documents
    .filter((value) => value !== null)
    .map((value, index) => ({
      value,
      ...(source.file === undefined ? {} : { file: source.file }),
      locate: (path: JsonPath) => located()[index]?.locate(path),
    }));
  return { documents, findings: [] };
}

/** Every document with the places of its values. */
export function readCarefully(source: YamlText): ReadDocuments {
  const lines = new LineCounter();
  const positionOf: PositionOf = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const parsed = parse(source.text, lines);
  if (parsed === undefined) return refused(source, tooDeep);
  if (parsed.length > designLimits.documents) return refused(source, tooManyDocuments(parsed.length));
  const problems = parsed.map((document) => problemsOf(document, source.text, positionOf));
  const findings = problems.flatMap(({ found }) => found.map((problem) => toFinding(source, problem, positionOf)));
  if (findings.length > 0) return { documents: [], findings };
  if (problems.reduce((sum, { values }) => sum + values, 0) > designLimits.values)
    return refused(source, tooManyValues);
  return {
    documents: parsed.flatMap((document) => toSourceDocument(document, source, positionOf) ?? []),
    findings: [],
  };
}

/** Undefined where the text is nested deeper than the parser can go. */
function parse(text: string, lines: LineCounter): readonly Document.Parsed[] | undefined {
  try {
    const parsed = parseAllDocuments(text, {
      ...kubectlYaml,
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function problemsOf(document: Document.Parsed, text: string, positionOf: PositionOf) {
  if (document.errors.some((error) => /call stack/.test(error.message)))
    return { found: [{ ...tooDeep, offset: 0 }], values: 0 };
  if (document.errors.length > 0)
    return { found: document.errors.map((error) => syntaxProblem(error, text)), values: 0 };
  const { problems, size } = checkYaml(document, (offset) => positionOf(offset).line);
  return { found: problems, values: size.values };
}

function syntaxProblem(error: YAMLError, text: string): YamlProblem {
  const line = text.slice(text.lastIndexOf('\n', error.pos[0] - 1) + 1, text.indexOf('\n', error.pos[0]) >>> 0);
  const tab = error.code === 'TAB_AS_INDENT';
  return {
    code: tab ? 'yaml.tab' : 'yaml.syntax',
    message: withoutSource(error.message),
    fix: tab ? 'Indent with spaces.' : line.includes('{{') ? templateFix : 'Correct the YAML here.',
    offset: error.pos[0],
  };
}

/** The parser quotes the text it stumbled on, which may be a secret. */
function withoutSource(message: string): string {
  return message.replace(/: ".*$/s, '').replace(/[.:]?$/, '.');
}

const templateFix = 'This looks like a template: render it first, for example with "helm template".';

const tooManyTokens: Omit<YamlProblem, 'offset'> = {
  code: 'yaml.tooManyTokens',
  message: `The text has more than ${designLimits.tokens} words and signs.`,
  fix: 'Split the text.',
};

const tooManyValues: Omit<YamlProblem, 'offset'> = {
  code: 'yaml.tooManyValues',
  message: `The documents hold more than ${designLimits.values} values once their aliases are written out.`,
  fix: 'Use fewer aliases inside what aliases stand for, or split the text.',
};

function tooManyDocuments(count: number): Omit<YamlProblem, 'offset'> {
  return {
    code: 'yaml.tooManyDocuments',
    message: `The text holds ${count} documents; at most ${designLimits.documents} are accepted.`,
    fix: 'Split the text.',
  };
}

function refused(source: YamlText, { code, message, fix }: Omit<YamlProblem, 'offset'>): ReadDocuments {
  const file = source.file === undefined ? {} : { file: source.file };
  return { documents: [], findings: [{ severity: 'error', code, message, fix, ...file }] };
}

function toFinding(source: YamlText, { code, message, fix, offset }: YamlProblem, positionOf: PositionOf): Finding {
  const document: SourceDocument = {
    value: null,
    locate: () => positionOf(offset),
    ...(source.file === undefined ? {} : { file: source.file }),
  };
  return findingAt({ document, path: [] }, { severity: 'error', code, message, fix });
}

function toSourceDocument(
  document: Document.Parsed,
  source: YamlText,
  positionOf: PositionOf,
): SourceDocument | undefined {
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return undefined;
  return {
    value: toJson(document),
    ...(source.file === undefined ? {} : { file: source.file }),
    locate: (path) => positionOf(locate(document, path)),
  };
}

/** The checks have refused what JSON cannot hold, so this only tells the compiler. */
function toJson(document: Document.Parsed): JsonValue {
  const value: unknown = document.toJS({ maxAliasCount: -1 });
  return isJson(value) ? value : jsonValueSchema.parse(value);
}

function isJson(value: unknown): value is JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return true;
  if (Array.isArray(value)) return value.every(isJson);
  return typeof value === 'object' && Object.values(value).every(isJson);
}

/** The offset of the value at a path, or of the nearest value around it; a mapping's value is found at its key. */
function locate(document: Document.Parsed, path: JsonPath): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node);
  for (const step of path) {
    const next = childOf(resolved(document, node), step, document);
    if (next === undefined) return offset;
    node = next.node;
    offset = next.offset;
  }
  return offset;
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function childOf(
  node: unknown,
  step: string | number,
  document: Document.Parsed,
): { node: unknown; offset: number } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item: unknown = node.items[step];
    return item === undefined ? undefined : { node: item, offset: offsetOf(item) };
  }
  if (!isMap(node)) return undefined;
  const name = String(step);
  const pair =
    node.items.find((item) => keyName(item.key) === name) ??
    node.items.find((item) => keyName(item.key)?.replaceAll(' ', '') === name);
  return pair === undefined ? mergedChild(node, step, document) : { node: pair.value, offset: offsetOf(pair.key) };
}

/** Looks into what `<<` brings in. */
function mergedChild(map: YAMLMap, step: string | number, document: Document.Parsed) {
  const merges = map.items.filter((item) => keyName(item.key) === '<<').map((item) => resolved(document, item.value));
  const sources = merges.flatMap((merge) => (isSeq(merge) ? merge.items : [merge]));
  return sources
    .map((source) => childOf(resolved(document, source), step, document))
    .find((child) => child !== undefined);
}
