import type { Finding } from '../../../domain/finding.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import { lineOfBrokenQuotes } from './csv-lines.ts';
import { describeTables, type TableKind } from './table-kinds.ts';

/** A page where a table should be. */
export function isPage(file: string): Finding {
  return {
    severity: 'error',
    code: 'csv.page',
    message: 'This is a web page, not a table.',
    fix: 'Publish the sheet to the web as CSV and give that address.',
    file,
  };
}

/** Bytes that are no text. */
export function isBinary(file: string): Finding {
  return {
    severity: 'error',
    code: 'csv.binary',
    message: 'This is not a text.',
    fix: 'Save the table as "CSV UTF-8".',
    file,
  };
}

/** A table whose first rows are no header that is known. */
export function noHeader(file: string, rows: number): Finding {
  return {
    severity: 'error',
    code: 'csv.noHeader',
    message: `None of the first ${rows} rows names the columns of a table of models, relationships or components.`,
    fix: `Name the columns in the first or second row; needed are: ${describeTables()}.`,
    file,
  };
}

type MissingColumns = {
  readonly kind: TableKind;
  readonly missing: readonly string[];
  readonly file: string;
  readonly line: number;
};

/** A header that lacks columns. */
export function missingColumns({ kind, missing, file, line }: MissingColumns): Finding {
  const columns = missing.map((column) => JSON.stringify(column)).join(', ');
  return {
    severity: 'error',
    code: 'csv.missingColumns',
    message: `The table of ${kind} lacks the ${missing.length === 1 ? 'column' : 'columns'} ${columns}.`,
    fix: 'Add what is missing to the header, in any place.',
    file,
    line,
  };
}

/** Of an error in reading lines; throws what is another error. */
export function brokenQuotes(file: string, error: unknown): Finding {
  const line = lineOfBrokenQuotes(error);
  if (line === undefined) throw error;
  return {
    severity: 'error',
    code: 'csv.brokenQuotes',
    message: 'A quote is opened here and not closed, or stands in the middle of a cell.',
    fix: 'Put the cell in double quotes, and write each double quote in it twice.',
    file,
    line,
  };
}

/** A row that is longer than the header. */
export function extraCells(file: string, line: number): Finding {
  return {
    severity: 'warning',
    code: 'csv.extraCells',
    message: 'The row has more cells than the header has columns; the last ones are left out.',
    fix: 'Put cells that hold commas in double quotes, or name the columns.',
    file,
    line,
  };
}

/** A table of too many bytes. */
export function tooLarge(file: string, bytes: number): Finding {
  return {
    severity: 'error',
    code: 'csv.tooLarge',
    message: `The table has ${bytes} bytes; at most ${registryLimits.csvBytes} are accepted.`,
    fix: 'Split the table.',
    file,
  };
}

/** A table of too many rows. */
export function tooManyRows(file: string): Finding {
  return {
    severity: 'error',
    code: 'csv.tooManyRows',
    message: `The table has more than ${registryLimits.csvRows} rows.`,
    fix: 'Split the table.',
    file,
  };
}
