import { Readable, pipeline } from 'node:stream';
import { CsvError, type Options, parse } from 'csv-parse';
import { z } from 'zod';

export type CsvLine = {
  readonly cells: readonly string[];
  /** Where it begins, from 1; a cell in quotes may reach over several lines. */
  readonly line: number;
};

const pieceCharacters = 256 * 1024;
const parsedSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });

/** The lines of a table, blank ones included; the process is not held up by a large one. Throws CsvError for broken quotes. */
export async function* csvLines(text: string, options: Pick<Options, 'delimiter' | 'to'>): AsyncGenerator<CsvLine> {
  const parser = parse({ ...options, info: true, relax_column_count: true });
  let ended = 0;
  for await (const parsed of pipeline(Readable.from(pieces(text)), parser, () => undefined)) {
    const { record, info } = parsedSchema.parse(parsed);
    yield { cells: record, line: ended + 1 };
    ended = info.lines;
  }
}

/** The line at which the quotes are broken, or undefined for another error. */
export function lineOfBrokenQuotes(error: unknown): number | undefined {
  if (!(error instanceof CsvError) || !error.code.includes('QUOTE')) return undefined;
  return typeof error['lines'] === 'number' ? error['lines'] : 1;
}

/** With line feeds only: the parser counts the two characters of Windows within quotes as two lines. */
function* pieces(text: string): Generator<string> {
  const normal = text.replaceAll('\r\n', '\n');
  for (let start = 0; start < normal.length; start += pieceCharacters)
    yield normal.slice(start, start + pieceCharacters);
}
