import { convertDocuments } from '../../../domain/design/convert-documents.ts';
import type { SourceDocument } from '../../../domain/design/source-document.ts';
import { jsonValueSchema } from '../../../domain/json.ts';

/** A document with this value, whose places are told by path only. */
export function sourceDocument(value: unknown): SourceDocument {
  return { value: jsonValueSchema.parse(value), file: 'design.yaml', locate: () => undefined };
}

/** What becomes of documents with these values. */
export function convert(...values: readonly unknown[]) {
  return convertDocuments(values.map(sourceDocument), { fallbackName: 'design' });
}

/** The codes of all findings about these documents, each once. */
export function codesOf(...values: readonly unknown[]): readonly string[] {
  return [...new Set(convert(...values).findings.map((finding) => finding.code))].toSorted();
}
