import { findConflictMarkers } from '../../domain/design/conflict-markers.ts';
import { designLimits } from '../../domain/design/limits.ts';
import type { Finding } from '../../domain/finding.ts';

export type DecodedText = { readonly text: string } | { readonly finding: Finding };

/** The text of a file in UTF-8 or, with a byte order mark, UTF-16; without the mark. */
export function decodeText(bytes: Uint8Array, file?: string): DecodedText {
  if (bytes.length > designLimits.sourceBytes) return { finding: tooLarge(bytes.length, file) };
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return checkCharacters(new TextDecoder(encoding, { fatal: true }).decode(bytes), file);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { finding: { ...notText, ...(file === undefined ? {} : { file }) } };
  }
}

/** The text of a file that somebody wrote; one with the marks of a merge that went wrong is not looked at further. */
export function readSourceText(
  bytes: Uint8Array,
  file?: string,
): { readonly text: string } | { readonly findings: readonly Finding[] } {
  const decoded = decodeText(bytes, file);
  if ('finding' in decoded) return { findings: [decoded.finding] };
  const markers = findConflictMarkers(decoded.text, file);
  return markers.length > 0 ? { findings: markers } : decoded;
}

/** What is neither a tab, a line break nor printable: https://yaml.org/spec/1.1/#printable%20character */
const notPrintable = /[^\t\n\r\u0085\P{Cc}]/u;

/** Characters that YAML does not allow, and that a text file has no use for. */
function checkCharacters(text: string, file: string | undefined): DecodedText {
  const index = text.search(notPrintable);
  if (index === -1) return { text };
  const before = text.slice(0, index);
  return {
    finding: {
      severity: 'error',
      code: 'text.controlCharacter',
      message: `Here is the control character U+${(text.codePointAt(index) ?? 0).toString(16).toUpperCase().padStart(4, '0')}, which YAML does not allow.`,
      fix: 'Remove it, or write it as an escape in double quotes.',
      ...(file === undefined ? {} : { file }),
      line: before.split('\n').length,
      column: index - before.lastIndexOf('\n'),
    },
  };
}

const notText: Finding = {
  severity: 'error',
  code: 'text.encoding',
  message: 'The file is neither UTF-8 text nor an archive that Slipway knows.',
  fix: 'Save it as UTF-8, or give a .tar, .tar.gz or .zip archive.',
};

function tooLarge(bytes: number, file: string | undefined): Finding {
  return {
    severity: 'error',
    code: 'text.tooLarge',
    message: `The text has ${bytes} bytes; at most ${designLimits.sourceBytes} are accepted.`,
    fix: 'Split the text.',
    ...(file === undefined ? {} : { file }),
  };
}
