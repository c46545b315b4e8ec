import type { Finding } from '../finding.ts';

const markers = /^(<{7} |>{7} |<{7}$|>{7}$)/;

/** The lines that git leaves where two versions of a text could not be merged. They stand at the beginning of a line, where YAML never has them. */
export function findConflictMarkers(text: string, file?: string): readonly Finding[] {
  if (!text.includes('<<<<<<<') && !text.includes('>>>>>>>')) return [];
  return text.split(/\r?\n/).flatMap((line, index) =>
    markers.test(line)
      ? [
          {
            severity: 'error' as const,
            code: 'text.conflictMarker',
            message: `Line ${index + 1} is a conflict marker that git left (${line.startsWith('<') ? 'one version begins' : 'the other version ends'} here).`,
            fix: 'Keep one of the two versions and remove the marker lines.',
            ...(file === undefined ? {} : { file }),
            line: index + 1,
            column: 1,
          },
        ]
      : [],
  );
}
