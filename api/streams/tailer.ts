import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../infra/log.ts';

/** One row of a table that only grows. */
export type Entry = { readonly sequence: number };

export type TailerOptions<E extends Entry> = {
  /** Rows after a sequence, oldest first, at most `limit` of them. */
  readonly readAfter: (sequence: number, limit: number) => Promise<readonly E[]>;
  readonly latestSequence: () => Promise<number>;
  readonly log: Log;
  readonly pollMs?: number;
  /** Entries kept for a client that reads slowly; with more waiting it reads from the table again. */
  readonly capacity?: number;
};

/** What a follower waits for: an entry, nothing for a while, a queue that overflowed, or the end. */
export type Next<E> = { readonly type: 'entry'; readonly entry: E } | { readonly type: 'idle' | 'overflow' | 'closed' };

export type Subscription<E> = {
  /** Settles once every entry from here on is either in the table or on its way through `next`. */
  readonly ready: Promise<void>;
  readonly next: (idleMs: number) => Promise<Next<E>>;
  readonly close: () => void;
};

export type Tailer<E> = {
  readonly subscribe: (matches: (entry: E) => boolean) => Subscription<E>;
  /** Ends every subscription. */
  readonly close: () => void;
};

const pageSize = 1_000;
const defaultPollMs = 150;
const defaultCapacity = 1_000;
const retryMs = 1_000;

/**
 * Reads a growing table once for all followers in this process, and only while there are any: any process can serve any
 * stream, whoever wrote the rows.
 */
export function createTailer<E extends Entry>(options: TailerOptions<E>): Tailer<E> {
  const subscribers = new Set<Subscriber<E>>();
  let closed = false;
  let running = false;
  /** Known while the table is read: every later entry is offered to all who subscribe from here on. */
  let position: number | undefined;

  async function run(): Promise<void> {
    running = true;
    while (subscribers.size > 0) {
      try {
        const readAll = position === undefined ? await findPosition() : await publishAfter(position);
        if (readAll) await sleep(options.pollMs ?? defaultPollMs);
      } catch (error) {
        options.log.warn({ err: error }, 'the live stream cannot be read now');
        await sleep(retryMs);
      }
    }
    position = undefined;
    running = false;
  }

  async function findPosition(): Promise<boolean> {
    position = await options.latestSequence();
    for (const subscriber of subscribers) subscriber.start();
    return true;
  }

  async function publishAfter(sequence: number): Promise<boolean> {
    const entries = await options.readAfter(sequence, pageSize);
    for (const entry of entries) for (const subscriber of subscribers) subscriber.offer(entry);
    position = entries.at(-1)?.sequence ?? sequence;
    return entries.length < pageSize;
  }

  return {
    subscribe(matches) {
      const subscriber = new Subscriber<E>(matches, options.capacity ?? defaultCapacity);
      if (closed) subscriber.end();
      else subscribers.add(subscriber);
      if (position !== undefined) subscriber.start();
      if (!running) void run();
      return {
        ready: subscriber.ready,
        next: (idleMs) => subscriber.next(idleMs),
        close: () => {
          subscribers.delete(subscriber);
          subscriber.end();
        },
      };
    },
    close() {
      closed = true;
      for (const subscriber of subscribers) subscriber.end();
      subscribers.clear();
    },
  };
}

/** The queue of one follower. */
class Subscriber<E extends Entry> {
  readonly ready: Promise<void>;
  readonly #matches: (entry: E) => boolean;
  readonly #capacity: number;
  readonly #started = Promise.withResolvers<void>();
  #queue: E[] = [];
  #overflowed = false;
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(matches: (entry: E) => boolean, capacity: number) {
    this.#matches = matches;
    this.#capacity = capacity;
    this.ready = this.#started.promise;
  }

  start(): void {
    this.#started.resolve();
  }

  offer(entry: E): void {
    if (this.#overflowed || !this.#matches(entry)) return;
    if (this.#queue.length === this.#capacity) {
      this.#queue = [];
      this.#overflowed = true;
    } else {
      this.#queue.push(entry);
    }
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#started.resolve();
    this.#wake();
  }

  async next(idleMs: number): Promise<Next<E>> {
    return this.#take() ?? (await this.#woken(idleMs), this.#take()) ?? { type: 'idle' };
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
