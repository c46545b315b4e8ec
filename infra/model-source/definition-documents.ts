import { designLimits } from '../../domain/design/limits.ts';
import type { SourceDocument } from '../../domain/design/source-document.ts';
import type { Finding } from '../../domain/finding.ts';
import { arrayAt, isJsonObject, jsonValueSchema, type JsonPath, type JsonValue, stringAt } from '../../domain/json.ts';
import { readSourceText } from '../design-source/decode-text.ts';
import { readYaml } from '../design-source/yaml-documents.ts';
import type { SourceTree } from './source-tree.ts';

/** A document of a source with its place: the file, and `#2` for the second document in it. */
export type DefinitionDocument = SourceDocument & { readonly place: string; readonly file: string };

export type DefinitionFile = {
  readonly documents: readonly DefinitionDocument[];
  readonly findings: readonly Finding[];
};

export type DefinitionReader = { readonly read: (path: string) => Promise<DefinitionFile> };

/** Texts of up to this size together are kept parsed, so that what is looked at twice is parsed once. */
const keptBytes = 1024 * 1024;

/** Reads the documents of a tree's JSON and YAML files, lists of objects taken apart. */
export function createDefinitionReader(tree: SourceTree): DefinitionReader {
  const kept = new Map<string, DefinitionFile>();
  let bytes = 0;
  return {
    read: async (path) => {
      const known = kept.get(path);
      if (known !== undefined) return known;
      const content = await tree.read(path);
      const file = readDefinitions(content, path);
      if (bytes + content.length <= keptBytes) {
        bytes += content.length;
        kept.set(path, file);
      }
      return file;
    },
  };
}

/** The documents of one JSON or YAML text, or what is wrong with it and where. */
export function readDefinitions(bytes: Uint8Array, file: string): DefinitionFile {
  const source = readSourceText(bytes, file);
  if ('findings' in source) return { documents: [], findings: source.findings };
  const json = parseJson(source.text, file);
  const { documents, findings } = json ?? readYaml({ text: source.text, file });
  const whole = documents.flatMap(withoutLists);
  return {
    documents: whole.map((document, index) => ({
      ...document,
      file,
      place: index === 0 ? file : `${file}#${index + 1}`,
    })),
    findings,
  };
}

/** JSON is read far faster as JSON than as the YAML that it also is; where it is broken, reading it as YAML tells the place. */
function parseJson(
  text: string,
  file: string,
): { documents: readonly SourceDocument[]; findings: readonly Finding[] } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const value: JsonValue = jsonValueSchema.parse(JSON.parse(text));
    if (isDeeper(value, designLimits.depth)) return { documents: [], findings: [tooDeep(file)] };
    return { documents: [{ value, file, locate: () => undefined }], findings: [] };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether objects and lists stand more than `limit` deep inside each other; looks no deeper than that. */
export function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (limit <= 0) return true;
  for (const inner of Object.values(value)) if (isDeeper(inner, limit - 1)) return true;
  return false;
}

function tooDeep(file: string): Finding {
  return {
    severity: 'error',
    code: 'json.tooDeep',
    message: `Objects and lists stand more than ${designLimits.depth} deep inside each other.`,
    fix: 'Flatten the document.',
    file,
  };
}

/** `kind: List` and the like hold objects, each of which counts as a document; so does each item of a JSON array. */
function withoutLists(document: SourceDocument): readonly SourceDocument[] {
  const { value } = document;
  const isList =
    isJsonObject(value) && stringAt(value, 'kind')?.endsWith('List') === true && Array.isArray(value['items']);
  if (!isList && !Array.isArray(value)) return [document];
  const prefix: JsonPath = isList ? ['items'] : [];
  return arrayAt(value, ...prefix).map((item, index) => ({
    ...document,
    value: jsonValueSchema.parse(item),
    locate: (path) => document.locate([...prefix, index, ...path]),
  }));
}
