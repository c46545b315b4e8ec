import { isRendered, type ConversionOptions, type ConvertedDesign } from '../../domain/design/convert-documents.ts';
import { presentFields } from '../../domain/design/present-fields.ts';
import type { Design, DesignFormat } from '../../domain/design.ts';
import type { Finding } from '../../domain/finding.ts';
import { archiveKind } from './archive-entries.ts';
import { ArchiveRefused } from './archive-files.ts';
import { readArchive } from './read-archive.ts';
import { readFolder } from './read-folder.ts';
import { readTextsSafely } from './read-large-text.ts';
import type { TextFile } from './read-text.ts';
import { renderFolder, type DesignPrograms } from './render-folder.ts';

/** A design as it comes in: a text, or the bytes of a file that may be an archive. */
export type DesignInput = ({ readonly text: string } | { readonly bytes: Uint8Array }) & {
  /** Told in findings, and the design's name where the source gives it none. */
  readonly fileName?: string;
  /** Told apart by the content when absent. */
  readonly format?: DesignFormat;
};

export type DesignReading = {
  /** Present when no finding is an error. */
  readonly design?: Design;
  readonly format: DesignFormat;
  /** All at once, errors and others. */
  readonly findings: readonly Finding[];
};

export type DesignReader = { readonly readDesign: (input: DesignInput) => Promise<DesignReading> };

/** Reads designs in every accepted format; Kustomize folders and Compose files need their programs, given as paths or as ways to get them. */
export function createDesignReader({ programs = {} }: { readonly programs?: DesignPrograms } = {}): DesignReader {
  return {
    async readDesign(input) {
      const { format: detected, ...reading } = await read(input, programs);
      return { ...reading, format: detected ?? input.format ?? 'manifests' };
    },
  };
}

async function read(input: DesignInput, programs: DesignPrograms): Promise<ConvertedDesign> {
  const bytes = 'text' in input ? new TextEncoder().encode(input.text) : input.bytes;
  const options = presentFields({ fallbackName: nameOfFile(input.fileName ?? ''), format: input.format });
  if (archiveKind(bytes) === undefined)
    return readSingle(presentFields({ bytes, file: input.fileName }), options, programs);
  try {
    return await readFolder(await readArchive(bytes, input.fileName ?? 'design'), options, programs);
  } catch (error) {
    if (!(error instanceof ArchiveRefused)) throw error;
    return { findings: [presentFields({ ...error.finding, file: input.fileName })] };
  }
}

/** A single file is the whole folder where a program has to convert it. */
async function readSingle(
  file: TextFile,
  options: ConversionOptions,
  programs: DesignPrograms,
): Promise<ConvertedDesign> {
  const converted = await readTextsSafely([file], options);
  const { format } = converted;
  if (format === undefined || !isRendered(format) || converted.findings.length > 0) return converted;
  const name = format === 'kustomize' ? 'kustomization.yaml' : 'compose.yaml';
  const path = format === 'kustomize' ? '.' : name;
  return renderFolder({ format, files: new Map([[name, file.bytes]]), path }, options, programs);
}

/** `shop` of `designs/shop.yaml`, of `shop.tar.gz` and of `shop/design.yaml`. */
function nameOfFile(file: string): string {
  const [base = '', folder = ''] = file.split(/[/\\]/).toReversed();
  const name = base.replace(/(\.tar)?\.[A-Za-z0-9]+$/, '');
  return (name === 'design' ? folder : name) || 'design';
}
