import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { SlipwayError } from '../domain/errors.ts';
import type { Client, Query } from './client.ts';

/** The server pings every 15 s: three missed ones mean that the connection is dead. */
const silenceMs = 45_000;
const firstRetryMs = 500;
const longestRetryMs = 5000;
/** A server that stays away for longer than this is given up. */
const patienceMs = 10 * 60_000;

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
  let lastId: string | undefined;
  let lostMs: number | undefined;
  let attempt = 0;
  while (!options.signal.aborted) {
    try {
      for await (const message of readConnection(client, options, lastId)) {
        if (lostMs !== undefined) options.onConnection?.(true);
        lostMs = undefined;
        attempt = 0;
        if (message.event === 'end') return;
        lastId = message.id ?? lastId;
        if (message.event !== 'open') yield message;
      }
    } catch (error) {
      if (options.signal.aborted) return;
      if (!isConnectionLoss(error)) throw error;
      if (lostMs !== undefined && Date.now() - lostMs > patienceMs) throw error;
    }
    if (lostMs === undefined) options.onConnection?.(false);
    lostMs ??= Date.now();
    await pause(attempt, options.signal);
    attempt += 1;
  }
}

/** One connection: an `open` message once it stands, then what the server sends. */
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
    yield { id: undefined, event: 'open', data: '' };
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

async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** attempt);
  await sleep(delayMs, undefined, { signal }).catch(() => undefined);
}
