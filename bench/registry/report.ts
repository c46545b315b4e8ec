import { markdownTable } from '../markdown-table.ts';
import type { ImportMeasurement } from './import.ts';
import type { SearchMeasurement } from './search.ts';

/** The results of all sizes as Markdown, which is text to read as well. */
export function toSearchReport(measurements: readonly SearchMeasurement[]): string {
  const sizes = measurements.map(({ componentCount }) => componentCount.toLocaleString('en'));
  return [
    markdownTable([
      ['components', ...sizes],
      ['stored a second', ...measurements.map(({ stored }) => stored.componentsPerSecond.toFixed(0))],
      ['unchanged again, a second', ...measurements.map(({ unchanged }) => unchanged.componentsPerSecond.toFixed(0))],
      ['times as fast', ...measurements.map((one) => ratio(one))],
      ['database', ...measurements.map(({ databaseBytes }) => `${(databaseBytes / 1e6).toFixed(1)} MB`)],
    ]),
    'Median and 95th percentile in milliseconds, with the most that was found:',
    '',
    markdownTable([['', ...sizes], ...readRows(measurements)]),
  ].join('\n');
}

/** The results of imports of all sizes as Markdown. */
export function toImportReport(measurements: readonly ImportMeasurement[]): string {
  return markdownTable([
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
