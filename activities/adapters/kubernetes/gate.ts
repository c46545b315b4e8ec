/** Lets at most `limit` pieces of work run at once, in the order asked, and none any more once it is closed. */
export class Gate {
  readonly #limit: number;
  readonly #waiting: (() => void)[] = [];
  readonly #onIdle: (() => void)[] = [];
  #runningCount = 0;
  #closed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work` when there is room. Work that has not started when the gate closes never does. */
  run(work: () => Promise<void>): void {
    const start = (): void => {
      this.#runningCount += 1;
      void work().finally(() => {
        this.#runningCount -= 1;
        this.#release();
      });
    };
    if (this.#closed) return;
    if (this.#runningCount < this.#limit) start();
    else this.#waiting.push(start);
  }

  /** Starts nothing more, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting.length = 0;
    while (this.#runningCount > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #release(): void {
    if (!this.#closed) this.#waiting.shift()?.();
    if (this.#runningCount === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
