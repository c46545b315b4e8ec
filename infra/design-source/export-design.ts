import { Document, visit, type Scalar } from 'yaml';
import { toManifests, toSlipwaySource } from '../../domain/design/design-documents.ts';
import type { Design } from '../../domain/design.ts';
import { tagsForWriting } from './yaml-options.ts';

export type ExportFormat = 'slipway' | 'manifests';

/** A design as YAML that any reader, YAML 1.1 or 1.2, reads the same. Throws SlipwayError `unsupported` where the format cannot hold it. */
export function exportDesign(design: Design, format: ExportFormat): string {
  const values = format === 'slipway' ? [toSlipwaySource(design)] : toManifests(design);
  return values.map(toYaml).join('---\n');
}

/** Characters that YAML 1.1 readers refuse or take for a line break. */
const special = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/u;
const specials = new RegExp(special, 'gu');

function toYaml(value: object): string {
  const document = new Document(value, {
    version: '1.1',
    compat: 'core',
    customTags: tagsForWriting,
    aliasDuplicateObjects: false,
  });
  visit(document, { Scalar: (_key, scalar) => (needsQuotes(scalar) ? quoted(document, scalar) : undefined) });
  return document.toString({ lineWidth: 0, directives: false }).replaceAll(specials, escaped);
}

function needsQuotes({ value, type }: Scalar): boolean {
  return typeof value === 'string' && type !== 'QUOTE_DOUBLE' && (value === '<<' || special.test(value));
}

/** In double quotes a character can be written as an escape. */
function quoted(document: Document, { value }: Scalar): Scalar {
  return Object.assign(document.createNode(String(value)), { type: 'QUOTE_DOUBLE' as const });
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
