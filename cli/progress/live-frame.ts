import { paintLine } from '../output/text.ts';
import type { Line } from '../output/text.ts';
import type { Paint } from '../output/style.ts';
import type { TextOutput } from '../shell.ts';

const frameMs = 100;
const defaultRows = 24;
const defaultColumns = 80;
const clearLineEnd = '\u001B[K';
const clearBelow = '\u001B[J';

export type LiveFrameOptions = {
  readonly output: TextOutput;
  readonly paint: Paint;
  /** The lines of a frame of at most `rows` lines. */
  readonly render: (rows: number) => readonly Line[];
};

/** Redraws a block of lines in place, at most ten times a second; one write a frame, so that nothing flickers. */
export class LiveFrame {
  readonly #options: LiveFrameOptions;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LiveFrameOptions) {
    this.#options = options;
  }

  /** Keeps the frame moving, so that seconds count up while nothing else happens. */
  start(): void {
    this.#timer ??= setInterval(() => this.#draw(this.#rows()), frameMs);
  }

  /** Writes lines above the frame, where they stay. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    const kept = lines.map((line) => `${line}${clearLineEnd}\n`).join('');
    this.#options.output.write(`${this.#home()}${kept}${clearBelow}`);
    this.#drawn = 0;
    if (this.#timer !== undefined) this.#draw(this.#rows());
  }

  /** Draws the last frame and leaves it on the screen. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw(this.#rows());
    this.#drawn = 0;
  }

  #rows(): number {
    return Math.max(3, (this.#options.output.rows ?? defaultRows) - 1);
  }

  #draw(rows: number): void {
    const columns = this.#options.output.columns ?? defaultColumns;
    const lines = this.#options.render(rows).map((line) => paintLine(line, columns, this.#options.paint));
    const body = lines.map((line) => `${line}${clearLineEnd}\n`).join('');
    this.#options.output.write(`${this.#home()}${body}${clearBelow}`);
    this.#drawn = lines.length;
  }

  #home(): string {
    return this.#drawn === 0 ? '' : `\u001B[${this.#drawn}A\r`;
  }
}
