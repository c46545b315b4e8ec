import type { DesignFormat } from '../design.ts';
import { assertNever } from '../errors.ts';
import { buildDesign, type BuiltDesign } from './build-design.ts';
import { detectFormat } from './detect-format.ts';
import type { DraftDesign } from './draft.ts';
import { foreignFormat } from './foreign-formats.ts';
import { fromManifests } from './from-manifests.ts';
import { fromMeshery } from './from-meshery.ts';
import { fromPattern } from './from-pattern.ts';
import { fromSlipway } from './from-slipway.ts';
import type { SourceDocument } from './source-document.ts';

export type ConvertedDesign = BuiltDesign & { readonly format?: DesignFormat };

/** Formats that other programs turn into manifests; the documents alone do not tell what they mean. */
export type RenderedFormat = 'kustomize' | 'compose';

export type ConversionOptions = {
  /** Used where the source names no design. */
  readonly fallbackName: string;
  readonly format?: DesignFormat;
};

/** The design that documents hold. What only another program can convert comes back with its format and nothing else. */
export function convertDocuments(documents: readonly SourceDocument[], options: ConversionOptions): ConvertedDesign {
  const [document = emptyDocument] = documents;
  const detected = options.format === undefined ? detectFormat(documents) : { format: options.format };
  if ('foreign' in detected) return { findings: [foreignFormat(detected.foreign, document)] };
  const { format } = detected;
  if (isRendered(format)) return { format, findings: [] };
  const extra = documents[1];
  if (format !== 'manifests' && extra !== undefined)
    return { format, findings: [foreignFormat('severalDesigns', extra)] };
  const draft = toDraft(format, documents, document);
  return { format, ...buildDesign(draft, { fallbackName: options.fallbackName, document }) };
}

export function isRendered(format: DesignFormat): format is RenderedFormat {
  return format === 'kustomize' || format === 'compose';
}

function toDraft(
  format: Exclude<DesignFormat, RenderedFormat>,
  documents: readonly SourceDocument[],
  document: SourceDocument,
): DraftDesign {
  switch (format) {
    case 'slipway':
      return fromSlipway(document);
    case 'meshery':
      return fromMeshery(document);
    case 'pattern':
      return fromPattern(document);
    case 'manifests':
      return fromManifests(documents);
    default:
      return assertNever(format);
  }
}

const emptyDocument: SourceDocument = { value: null, locate: () => undefined };
