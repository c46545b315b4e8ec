import type { Page } from '../api-schemas.ts';
import type { TextOutput } from '../shell.ts';
import type { Paint } from './style.ts';
import { renderFields, renderTable } from './table.ts';
import type { Column } from './table.ts';

export const outputFormats = ['table', 'wide', 'json', 'yaml', 'jsonl', 'name'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** How one kind of thing is shown in each output format. */
export type View<Item> = {
  /** The noun of the CLI: `-o name` gives `design/shop`. */
  readonly noun: string;
  readonly name: (item: Item) => string;
  readonly columns: readonly Column<Item>[];
};

export type PrinterOptions = {
  readonly stdout: TextOutput;
  readonly format: OutputFormat;
  readonly paint: Paint;
  readonly nowMs: () => number;
};

/** Writes data to stdout in the format that was asked for. */
export class Printer {
  readonly format: OutputFormat;
  readonly paint: Paint;
  readonly #stdout: TextOutput;
  readonly #nowMs: () => number;
  readonly #options: PrinterOptions;

  constructor(options: PrinterOptions) {
    this.format = options.format;
    this.paint = options.paint;
    this.#stdout = options.stdout;
    this.#nowMs = options.nowMs;
    this.#options = options;
  }

  /** The same printer for another format. */
  as(format: OutputFormat): Printer {
    return new Printer({ ...this.#options, format });
  }

  /** Whether people read it, not programs. */
  get isForPeople(): boolean {
    return this.format === 'table' || this.format === 'wide';
  }

  lines(lines: readonly string[]): void {
    if (lines.length > 0) this.#stdout.write(`${lines.join('\n')}\n`);
  }

  /** As it is: an archive stays one. */
  bytes(bytes: Uint8Array): void {
    this.#stdout.write(bytes);
  }

  text(text: string): void {
    this.#stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
  }

  /** A list: `{items, nextCursor}` as JSON and YAML, one item a line as JSONL and names. */
  async list<Item>(view: View<Item>, page: Page<Item>): Promise<void> {
    if (this.format === 'jsonl') return this.lines(page.items.map((item) => JSON.stringify(item)));
    if (this.format === 'name') return this.lines(page.items.map((item) => nameOf(view, item)));
    if (!this.isForPeople) return this.data(page);
    this.lines(
      renderTable(page.items, view.columns, {
        wide: this.format === 'wide',
        nowMs: this.#nowMs(),
        paint: this.paint,
        ...(this.#stdout.isTTY === true && this.#stdout.columns !== undefined ? { columns: this.#stdout.columns } : {}),
      }),
    );
  }

  /** One item: every column as a field, then the lines that `details` gives for people. */
  async item<Item>(view: View<Item>, item: Item, details: readonly string[] = []): Promise<void> {
    if (this.format === 'name') return this.lines([nameOf(view, item)]);
    if (!this.isForPeople) return this.data(item);
    const fields = view.columns.map(
      (column) => [column.title.toLowerCase(), column.value(item, this.#nowMs())] as const,
    );
    this.lines([
      ...renderFields(
        fields.filter(([, value]) => value !== ''),
        this.paint,
      ),
      ...details,
    ]);
  }

  /** Any value as JSON, JSONL or YAML; JSON for people too. */
  async data(value: unknown): Promise<void> {
    if (this.format === 'yaml') {
      const { stringify } = await import('yaml');
      return this.text(stringify(value));
    }
    this.text(JSON.stringify(value, undefined, this.format === 'jsonl' ? 0 : 2));
  }
}

function nameOf<Item>(view: View<Item>, item: Item): string {
  return `${view.noun}/${view.name(item)}`;
}
