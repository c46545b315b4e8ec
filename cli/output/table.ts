import type { Colour, Paint } from './style.ts';

/** A column of a table over items; `wide` ones are shown by `-o wide` only. */
export type Column<Item> = {
  readonly title: string;
  readonly value: (item: Item, nowMs: number) => string;
  readonly colour?: (item: Item) => Colour | undefined;
  readonly wide?: boolean;
};

export type TableOptions = {
  readonly wide: boolean;
  readonly nowMs: number;
  readonly paint: Paint;
  /** Width of the terminal; absent where nothing is cut. */
  readonly columns?: number;
};

const gap = '  ';

/** A table as lines: a heading and one line an item, columns as wide as their widest value. */
export function renderTable<Item>(
  items: readonly Item[],
  columns: readonly Column<Item>[],
  options: TableOptions,
): readonly string[] {
  const shown = columns.filter((column) => options.wide || column.wide !== true);
  const rows = items.map((item) => shown.map((column) => column.value(item, options.nowMs)));
  const widths = shown.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, row[index]?.length ?? 0), column.title.length),
  );
  const fitted = fitLast(widths, options);
  const heading = shown.map((column, index) => options.paint('bold', pad(column.title, fitted, index)));
  const lines = rows.map((row, rowIndex) =>
    row.map((text, index) => {
      const item = items[rowIndex];
      const colour = item === undefined ? undefined : shown[index]?.colour?.(item);
      const padded = pad(text, fitted, index);
      return colour === undefined ? padded : options.paint(colour, padded);
    }),
  );
  return [heading, ...lines].map((cells) => cells.join(gap).trimEnd());
}

/** `label: value` lines with the values in one column. */
export function renderFields(fields: readonly (readonly [string, string])[], paint: Paint): readonly string[] {
  const width = fields.reduce((widest, [label]) => Math.max(widest, label.length), 0);
  return fields.map(([label, value]) => `${paint('bold', `${label}:`)}${' '.repeat(width - label.length + 2)}${value}`);
}

/** Widths with the last column cut so that a row fits the terminal. */
function fitLast(widths: readonly number[], options: TableOptions): readonly number[] {
  if (options.columns === undefined || options.wide) return widths;
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + gap.length, 0);
  const room = Math.max(10, options.columns - before);
  return widths.map((width, index) => (index === widths.length - 1 ? Math.min(width, room) : width));
}

function pad(text: string, widths: readonly number[], index: number): string {
  const width = widths[index] ?? text.length;
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
