import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { SlipwayError } from '../domain/errors.ts';
import type { Client, Query } from './client.ts';

/** The server pings every 15 s: three missed ones mean that the connection is dead. */
const silenceMs = 45_000;
/** Says that a connection stands; no event of the server has this name. */
const openEvent = 'slipway:open';
const firstRetryMs = 500;
const longestRetryMs = 5000;
/** A server that stays away for longer than this is given up. */
const patienceMs = 2 * 60_000;

export type StreamMessage = { readonly id: string | undefined; readonly event: string; readonly data: string };

export type StreamOptions = {
  readonly path: string;
  readonly query?: Query;
  readonly signal: AbortSignal;
  /** Called when the connection is lost (false) and when it is back (true). */
  readonly onConnection?: (connected: boolean) => void;
};

/**
 * The messages of a server-sent event stream, over as many connections as it takes: after a loss it goes on behind the
 * last message seen. Ends at the event `end`; throws `unavailable` when the server stays away.
 */
export async function* readStream(client: Client, options: StreamOptions): AsyncGenerator<StreamMessage> {
  const patience = new Patience(options);
  let lastId: string | undefined;
  while (!options.signal.aborted) {
    for await (const message of untilLost(readConnection(client, options, lastId), patience)) {
      if (message.event === 'end') return;
      lastId = message.id ?? lastId;
      if (message.event !== openEvent) yield message;
    }
    await patience.wait();
  }
}

/** The messages of one connection; its loss is an end, not an error. */
async function* untilLost(messages: AsyncIterable<StreamMessage>, patience: Patience): AsyncGenerator<StreamMessage> {
  try {
    for await (const message of messages) {
      patience.connected();
      yield message;
    }
  } catch (error) {
    patience.check(error);
  }
}

/** Knows for how long the connection has been lost, and when to give up. */
class Patience {
  readonly #options: StreamOptions;
  #lostMs: number | undefined;
  #attempt = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  connected(): void {
    if (this.#lostMs !== undefined) this.#options.onConnection?.(true);
    this.#lostMs = undefined;
    this.#attempt = 0;
  }

  /** Throws what is no loss of the connection, and a loss that has lasted too long. */
  check(error: unknown): void {
    if (this.#options.signal.aborted) return;
    if (!isConnectionLoss(error)) throw error;
    if (this.#lostMs !== undefined && Date.now() - this.#lostMs > patienceMs) throw error;
  }

  /** Waits before the next connection, longer each time. */
  async wait(): Promise<void> {
    const { signal, onConnection } = this.#options;
    if (signal.aborted) return;
    if (this.#lostMs === undefined) onConnection?.(false);
    this.#lostMs ??= Date.now();
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#attempt);
    this.#attempt += 1;
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** One connection: an open message once it stands, then what the server sends. */
async function* readConnection(
  client: Client,
  { path, query, signal }: StreamOptions,
  lastId: string | undefined,
): AsyncGenerator<StreamMessage> {
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(), silenceMs);
  try {
    const response = await client.open(path, {
      ...(query === undefined ? {} : { query }),
      headers: { accept: 'text/event-stream', ...(lastId === undefined ? {} : { 'last-event-id': lastId }) },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    yield { id: undefined, event: openEvent, data: '' };
    if (response.body === null) return;
    const bytes = response.body.pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform(chunk, controller) {
          watch.refresh();
          controller.enqueue(chunk);
        },
      }),
    );
    const messages = bytes.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    for await (const { id, event, data } of messages) yield { id, event: event ?? 'message', data };
  } finally {
    clearTimeout(watch);
  }
}

/** Broken sockets are plain errors of fetch; what the server refuses on purpose is not worth a second try. */
function isConnectionLoss(error: unknown): boolean {
  return !(error instanceof SlipwayError) || error.code === 'unavailable' || error.code === 'rateLimited';
}
