import {
  convertDocuments,
  type ConversionOptions,
  type ConvertedDesign,
} from '../../domain/design/convert-documents.ts';
import { limitFindings } from '../../domain/design/limit-findings.ts';
import type { SourceDocument } from '../../domain/design/source-document.ts';
import { readSourceText } from './decode-text.ts';
import { readYaml } from './yaml-documents.ts';

export type TextFile = { readonly bytes: Uint8Array; readonly file?: string };

export type TextOptions = ConversionOptions & {
  /** For what a program rendered: places in it mean nothing to the author. */
  readonly withoutPlaces?: boolean;
};

/** Reads a design out of YAML or JSON texts, which together are one design. */
export function readTexts(files: readonly TextFile[], options: TextOptions): ConvertedDesign {
  const read = files.map(readDocuments);
  const findings = read.flatMap((file) => file.findings);
  if (findings.length > 0) return { findings: limitFindings(findings) };
  const documents = read
    .flatMap((file) => file.documents)
    .map((document) => (options.withoutPlaces === true ? withoutPlaces(document) : document));
  const converted = convertDocuments(documents, options);
  return { ...converted, findings: limitFindings(converted.findings) };
}

function readDocuments({ bytes, file }: TextFile) {
  const source = readSourceText(bytes, file);
  if ('findings' in source) return { documents: [], findings: source.findings };
  return readYaml({ text: source.text, ...(file === undefined ? {} : { file }) });
}

function withoutPlaces({ value }: SourceDocument): SourceDocument {
  return { value, locate: () => undefined };
}
