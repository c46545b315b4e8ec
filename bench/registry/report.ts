import type { ImportMeasurement } from './import.ts';
import type { SearchMeasurement } from './search.ts';

/** The results of all sizes as Markdown, which is text to read as well. */
export function toSearchReport(measurements: readonly SearchMeasurement[]): string {
  const sizes = measurements.map(({ componentCount }) => componentCount.toLocaleString('en'));
  return [
    table([
      ['components', ...sizes],
      ['stored a second', ...measurements.map(({ stored }) => stored.componentsPerSecond.toFixed(0))],
      ['unchanged again, a second', ...measurements.map(({ unchanged }) => unchanged.componentsPerSecond.toFixed(0))],
      ['times as fast', ...measurements.map((one) => ratio(one))],
      ['database', ...measurements.map(({ databaseBytes }) => `${(databaseBytes / 1e6).toFixed(1)} MB`)],
    ]),
    'Median and 95th percentile in milliseconds, with the most that was found:',
    '',
    table([['', ...sizes], ...readRows(measurements)]),
  ].join('\n');
}

/** The results of imports of all sizes as Markdown. */
export function toImportReport(measurements: readonly ImportMeasurement[]): string {
  return table([
    ['components', ...measurements.map(({ componentCount }) => componentCount.toLocaleString('en'))],
    ['package', ...measurements.map(({ packageBytes }) => megabytes(packageBytes))],
    ['unpacked', ...measurements.map(({ unpackedBytes }) => megabytes(unpackedBytes))],
    ['imported in', ...measurements.map(({ firstSeconds }) => `${firstSeconds.toFixed(2)} s`)],
    ['components a second', ...measurements.map((one) => (one.componentCount / one.firstSeconds).toFixed(0))],
    ['unchanged again in', ...measurements.map(({ unchangedSeconds }) => `${unchangedSeconds.toFixed(2)} s`)],
    ['most memory of the worker', ...measurements.map(({ peakBytes }) => megabytes(peakBytes))],
  ]);
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${(bytes / 1e6).toFixed(1)} MB`;
}

function ratio({ stored, unchanged }: SearchMeasurement): string {
  return (unchanged.componentsPerSecond / stored.componentsPerSecond).toFixed(1);
}

function readRows(measurements: readonly SearchMeasurement[]): readonly (readonly string[])[] {
  const names = measurements[0]?.reads.map(({ name }) => name) ?? [];
  return names.map((name) => [
    name,
    ...measurements.map(({ reads }) => {
      const read = reads.find((one) => one.name === name);
      return read === undefined ? '–' : `${read.medianMs.toFixed(1)} / ${read.p95Ms.toFixed(1)} (${read.found})`;
    }),
  ]);
}

/** A Markdown table with columns of equal width; the first row is the heading. */
function table(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...others] = rows;
  const widths = heading.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => cell[column === 0 ? 'padEnd' : 'padStart'](widths[column] ?? 0));
    return `| ${padded.join(' | ')} |`;
  };
  const rule = line(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [line(heading), rule, ...others.map(line), ''].join('\n');
}
