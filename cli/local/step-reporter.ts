import { formatDuration } from '../duration.ts';
import type { Paint } from '../output/style.ts';
import { printable } from '../output/text.ts';
import type { Line } from '../output/text.ts';
import { LiveFrame } from '../progress/live-frame.ts';
import { glyphOf } from '../progress/words.ts';
import { canRedraw } from '../shell.ts';
import type { Shell } from '../shell.ts';

export type StepResult<T> = { readonly value: T; readonly summary: string };

/** Shows the steps of a start one after another: what goes on, then how long it took and what came of it. */
export class StepReporter {
  readonly #shell: Shell;
  readonly #paint: Paint;

  constructor(shell: Shell, paint: Paint) {
    this.#shell = shell;
    this.#paint = paint;
  }

  /** Does one step; its progress lines replace each other on a terminal and follow each other elsewhere. */
  async step<T>(title: string, work: (onProgress: (line: string) => void) => Promise<StepResult<T>>): Promise<T> {
    const startedMs = Date.now();
    const display = canRedraw(this.#shell) ? this.#spinner(title, startedMs) : this.#lines(title);
    try {
      const { value, summary } = await work(display.progress);
      display.end();
      this.say(this.#ended('done', title, `${formatDuration(Date.now() - startedMs)}  ${summary}`));
      return value;
    } catch (error) {
      display.end();
      this.say(this.#ended('failed', title, formatDuration(Date.now() - startedMs)));
      throw error;
    }
  }

  say(line: string): void {
    this.#shell.stderr.write(`${line}\n`);
  }

  #ended(group: 'done' | 'failed', title: string, rest: string): string {
    const glyph = glyphOf(group);
    return `${this.#paint(glyph.colour, glyph.text)} ${title}  ${this.#paint('gray', rest)}`;
  }

  #lines(title: string): { readonly progress: (line: string) => void; readonly end: () => void } {
    this.say(`${glyphOf('active').text} ${title} …`);
    return { progress: (line) => this.say(`    ${printable(line)}`), end: () => undefined };
  }

  #spinner(title: string, startedMs: number): { readonly progress: (line: string) => void; readonly end: () => void } {
    let latest = '';
    let ended = false;
    const glyph = glyphOf('active');
    const line = (): Line => [
      glyph,
      { text: ` ${title}` },
      { text: `  ${formatDuration(Date.now() - startedMs)}  ${latest}`, colour: 'gray' },
    ];
    const render = (): readonly Line[] => (ended ? [] : [line()]);
    const frame = new LiveFrame({ output: this.#shell.stderr, paint: this.#paint, render });
    frame.start();
    return {
      progress: (text) => {
        latest = printable(text);
      },
      end: () => {
        ended = true;
        frame.stop();
      },
    };
  }
}
