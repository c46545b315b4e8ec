/** One row of a table that only grows. */
export type Entry = { readonly sequence: number };

/** What a follower waits for: an entry, nothing for a while, a queue that overflowed, or the end. */
export type Next<E> = { readonly type: 'entry'; readonly entry: E } | { readonly type: 'idle' | 'overflow' | 'closed' };

export type SubscriberOptions<E> = {
  readonly matches: (entry: E) => boolean;
  /** Entries kept for a client that reads slowly. */
  readonly capacity: number;
  readonly onClose: () => void;
};

/** The queue of one follower of a tailer. */
export class Subscriber<E extends Entry> {
  /** Settles once every entry from here on is either in the table or on its way through `next`. */
  readonly ready: Promise<void>;
  readonly #options: SubscriberOptions<E>;
  readonly #started = Promise.withResolvers<void>();
  #queue: E[] = [];
  #overflowed = false;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(options: SubscriberOptions<E>) {
    this.#options = options;
    this.ready = this.#started.promise;
  }

  start(): void {
    this.#started.resolve();
  }

  /** Keeps an entry, or only that there was one where the queue is full: the follower reads the table again. */
  offer(entry: E): void {
    if (this.#overflowed || !this.#options.matches(entry)) return;
    if (this.#queue.length === this.#options.capacity) {
      this.#queue = [];
      this.#overflowed = true;
    } else {
      this.#queue.push(entry);
    }
    this.#wake();
  }

  /** What comes next, waited for at most `idleMs`. */
  async next(idleMs: number): Promise<Next<E>> {
    const waiting = this.#take();
    if (waiting !== undefined) return waiting;
    await this.#woken(idleMs);
    return this.#take() ?? { type: 'idle' };
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = [];
    this.#started.resolve();
    this.#wake();
    this.#options.onClose();
  }

  #take(): Next<E> | undefined {
    if (this.#ended) return { type: 'closed' };
    if (this.#overflowed) {
      this.#overflowed = false;
      return { type: 'overflow' };
    }
    const entry = this.#queue.shift();
    return entry === undefined ? undefined : { type: 'entry', entry };
  }

  #woken(idleMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, idleMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
