import type { Finding } from '../../../domain/finding.ts';

export type DecodedTable = { readonly text: string; readonly findings: readonly Finding[] };

/**
 * The text of a table in UTF-8, UTF-16 or, with a warning, in the Windows code page of Western Europe (Latin-1 and more), which older
 * spreadsheet programs write; without a byte order mark.
 */
export function decodeTable(bytes: Uint8Array, file: string): DecodedTable {
  const encoding = utf16Of(bytes);
  if (encoding !== undefined) return { text: new TextDecoder(encoding).decode(bytes), findings: [] };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), findings: [] };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const text = new TextDecoder('windows-1252').decode(bytes);
    return { text, findings: [notUtf8(file, firstBadLine(bytes))] };
  }
}

/** By the byte order mark, or by the zero bytes of its first letters. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const head = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (/^(?:\xff\xfe|[^\0]\0[^\0]\0)/s.test(head)) return 'utf-16le';
  return /^(?:\xfe\xff|\0[^\0]\0[^\0])/s.test(head) ? 'utf-16be' : undefined;
}

/** Bytes that are no UTF-8 become U+FFFD, which the other bytes may hold too: only a line without any is surely right. */
function firstBadLine(bytes: Uint8Array): number {
  const text = new TextDecoder('utf-8').decode(bytes);
  return text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
}

function notUtf8(file: string, line: number): Finding {
  return {
    severity: 'warning',
    code: 'csv.encoding',
    message: 'The table is not UTF-8 and was read as Windows-1252, so that letters with accents may be wrong.',
    fix: 'Save it as "CSV UTF-8".',
    file,
    line,
  };
}
