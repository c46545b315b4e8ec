import type { Finding, FindingSeverity } from '../finding.ts';
import { formatPath, type JsonPath, type JsonValue } from '../json.ts';

/** A place in a text, both from 1. */
export type SourcePosition = { readonly line: number; readonly column: number };

/** One parsed document of a design, which can say where in its text a value stands. */
export type SourceDocument = {
  readonly value: JsonValue;
  readonly file?: string;
  /** The place of the value at `path`, or of the nearest value around it. */
  readonly locate: (path: JsonPath) => SourcePosition | undefined;
};

/** A value in a document. */
export type SourcePlace = { readonly document: SourceDocument; readonly path: JsonPath };

export type FindingText = {
  readonly severity: FindingSeverity;
  readonly code: string;
  readonly message: string;
  readonly fix?: string;
  readonly subject?: string;
};

/** A finding about the value at a place: with file, path, line and column. */
export function findingAt({ document, path }: SourcePlace, text: FindingText): Finding {
  const at = document.locate(path);
  return {
    ...text,
    ...(path.length === 0 ? {} : { path: formatPath(path) }),
    ...(document.file === undefined ? {} : { file: document.file }),
    ...(at === undefined ? {} : { line: at.line, column: at.column }),
  };
}

/** `design.yaml:12`, or `line 12` where the text has no name. */
export function describePlace({ document, path }: SourcePlace): string {
  const at = document.locate(path);
  const file = document.file ?? '';
  if (at === undefined) return file === '' ? formatPath(path) : `${file} ${formatPath(path)}`;
  return file === '' ? `line ${at.line}` : `${file}:${at.line}`;
}
