import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../infra/log.ts';
import { type Entry, Subscriber } from './subscriber.ts';

export type TailerOptions<E extends Entry> = {
  /** Rows after a sequence, oldest first, at most `limit` of them. */
  readonly readAfter: (sequence: number, limit: number) => Promise<readonly E[]>;
  readonly latestSequence: () => Promise<number>;
  readonly log: Log;
  readonly pollMs?: number;
  readonly capacity?: number;
};

const pageSize = 1_000;
const defaultPollMs = 50;
const defaultCapacity = 1_000;
const retryMs = 1_000;

/**
 * Reads a growing table once for all followers in this process, and only while there are any: any process can serve any
 * stream, whoever wrote the rows.
 */
export class Tailer<E extends Entry> {
  readonly #options: TailerOptions<E>;
  readonly #subscribers = new Set<Subscriber<E>>();
  #running = false;
  #closed = false;
  /** Known while the table is read: every later entry is offered to all who subscribe from here on. */
  #position: number | undefined;

  constructor(options: TailerOptions<E>) {
    this.#options = options;
  }

  subscribe(matches: (entry: E) => boolean): Subscriber<E> {
    const subscriber: Subscriber<E> = new Subscriber({
      matches,
      capacity: this.#options.capacity ?? defaultCapacity,
      onClose: () => this.#subscribers.delete(subscriber),
    });
    this.#subscribers.add(subscriber);
    if (this.#closed) subscriber.close();
    if (this.#position !== undefined) subscriber.start();
    if (!this.#running) void this.#run();
    return subscriber;
  }

  /** Ends every subscription, and those to come. */
  close(): void {
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.close();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#subscribers.size > 0) {
      try {
        const reachedEnd =
          this.#position === undefined ? await this.#start() : await this.#publishAfter(this.#position);
        if (reachedEnd) await sleep(this.#options.pollMs ?? defaultPollMs);
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the live streams cannot be read now');
        await sleep(retryMs);
      }
    }
    this.#position = undefined;
    this.#running = false;
  }

  async #start(): Promise<boolean> {
    this.#position = await this.#options.latestSequence();
    for (const subscriber of this.#subscribers) subscriber.start();
    return true;
  }

  async #publishAfter(sequence: number): Promise<boolean> {
    const entries = await this.#options.readAfter(sequence, pageSize);
    for (const entry of entries) for (const subscriber of this.#subscribers) subscriber.offer(entry);
    this.#position = entries.at(-1)?.sequence ?? sequence;
    return entries.length < pageSize;
  }
}
