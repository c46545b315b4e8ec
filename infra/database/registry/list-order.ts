import type { SQL } from 'drizzle-orm';

/** An order of a list that pages can follow. */
export type ListOrder<Row> = {
  readonly by: readonly SQL[];
  /** The condition for what comes after the last page. */
  readonly after: SQL | undefined;
  /** Where a row is in the order. */
  readonly key: (row: Row) => readonly (string | number)[];
};
