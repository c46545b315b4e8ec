import { limitFindings } from '../../../domain/design/limit-findings.ts';
import type { Finding } from '../../../domain/finding.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import {
  brokenQuotes,
  extraCells,
  isBinary,
  isPage,
  missingColumns,
  noHeader,
  tooLarge,
  tooManyRows,
} from './csv-findings.ts';
import { csvLines } from './csv-lines.ts';
import { decodeTable } from './decode-table.ts';
import { columnKey, recogniseHeader, type TableKind } from './table-kinds.ts';
import { isWebPage } from '../web-page.ts';

export type CsvRow = {
  /** Where it begins, from 1. */
  readonly line: number;
  /**
   * By column: the header in lower case with `_` for blanks and dots, so `metadata.styles` is `metadata_styles`. The second column of a
   * name is `name_2`; columns without a name and empty cells are left out.
   */
  readonly values: Readonly<Record<string, string>>;
};

export type CsvTable = { readonly kind: TableKind; readonly rows: readonly CsvRow[] };

export type ReadCsv = { readonly table?: CsvTable; readonly findings: readonly Finding[] };

type Source = { readonly text: string; readonly file: string };
type Header = {
  readonly kind: TableKind;
  readonly columns: readonly string[];
  readonly line: number;
  readonly delimiter: string;
};

/** Rows in which the header may be: Meshery's sheets have a banner above it. */
const headerRows = 3;
const delimiters = [',', ';', '\t'] as const;

/**
 * Reads a table of Meshery's registry: models, components or relationships, told by its header in one of the first rows. What cannot be
 * read is a finding with its line.
 */
export async function readCsv(bytes: Uint8Array, file: string): Promise<ReadCsv> {
  if (bytes.length > registryLimits.csvBytes) return { findings: [tooLarge(file, bytes.length)] };
  const { text, findings } = decodeTable(bytes, file);
  const source = { text, file };
  const refusal = notATable(source);
  if (refusal !== undefined) return { findings: [refusal] };
  const header = await findHeader(source);
  const read = 'finding' in header ? { findings: [header.finding] } : await readRows(source, header);
  return { ...read, findings: limitFindings([...findings, ...read.findings]) };
}

async function readRows(
  { text, file }: Source,
  { kind, columns, line: headerLine, delimiter }: Header,
): Promise<ReadCsv> {
  const rows: CsvRow[] = [];
  const findings: Finding[] = [];
  try {
    for await (const { cells, line } of csvLines(text, { delimiter })) {
      if (line <= headerLine || cells.every((cell) => cell.trim() === '')) continue;
      if (rows.length === registryLimits.csvRows) return { findings: [tooManyRows(file)] };
      rows.push({ line, values: valuesOf(columns, cells) });
      if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) findings.push(extraCells(file, line));
    }
  } catch (error) {
    return { findings: [brokenQuotes(file, error)] };
  }
  return { table: { kind, rows }, findings };
}

async function findHeader(source: Source): Promise<Header | { readonly finding: Finding }> {
  const problems: Finding[] = [];
  for (const delimiter of delimiters) {
    const found = await headerBy(source, delimiter);
    if ('columns' in found) return found;
    if (found.finding !== undefined) problems.push(found.finding);
  }
  return { finding: problems[0] ?? noHeader(source.file, headerRows) };
}

async function headerBy(
  { text, file }: Source,
  delimiter: string,
): Promise<Header | { readonly finding: Finding | undefined }> {
  let finding: Finding | undefined;
  try {
    for await (const { cells, line } of csvLines(text, { delimiter, to: headerRows })) {
      const recognised = recogniseHeader(cells);
      if (recognised?.missing.length === 0)
        return { kind: recognised.kind, columns: columnsOf(cells), line, delimiter };
      if (recognised !== undefined) finding ??= missingColumns({ ...recognised, file, line });
    }
  } catch (error) {
    finding ??= brokenQuotes(file, error);
  }
  return { finding };
}

/** The names of the columns; `''` for one without. */
function columnsOf(cells: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return cells.map((cell) => {
    const key = columnKey(cell);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return key === '' || times === 1 ? key : `${key}_${times}`;
  });
}

function valuesOf(columns: readonly string[], cells: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    columns.flatMap((column, index) => {
      const value = cells[index]?.trim() ?? '';
      return column === '' || value === '' ? [] : [[column, value]];
    }),
  );
}

/** A spreadsheet that is not published answers with a page to log in. */
function notATable({ text, file }: Source): Finding | undefined {
  if (isWebPage(text) || /^\s*<\?xml/i.test(text)) return isPage(file);
  return text.includes('\0') ? isBinary(file) : undefined;
}
