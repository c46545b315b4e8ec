import type { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { parseJson } from '../../domain/json.ts';

/** One page of a list. `nextCursor` is null on the last. */
export type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

export type PageRequest = {
  /** How many items at most; `maximumPageSize` when more is asked for. */
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
};

const defaultPageSize = 50;
export const maximumPageSize = 1_000;

/** The size of the page that was asked for, in bounds. */
export function pageSize({ limit }: PageRequest): number {
  return Math.min(Math.max(1, limit ?? defaultPageSize), maximumPageSize);
}

/** The sort key after which the page starts, or undefined for the first page. Throws SlipwayError `invalid`. */
export function decodeCursor<T>({ cursor }: PageRequest, schema: z.ZodType<T>): T | undefined {
  if (cursor === undefined) return undefined;
  const parsed = schema.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new SlipwayError('invalid', 'the cursor is not one of this list', {
    fix: 'Use the nextCursor of the last page.',
  });
}

/** A page of rows that were read with one more than `size`, to know whether there is another. */
export function toPage<Row, T>(
  rows: readonly Row[],
  size: number,
  {
    item,
    key,
  }: { readonly item: (row: Row) => T; readonly key: (row: Row) => string | number | readonly (string | number)[] },
): Page<T> {
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const more = rows.length > size && last !== undefined;
  return {
    items: shown.map(item),
    nextCursor: more ? Buffer.from(JSON.stringify(key(last))).toString('base64url') : null,
  };
}
