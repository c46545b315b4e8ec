import { streamSSE, type SSEMessage, type SSEStreamingApi } from 'hono/streaming';
import type { ApiContext } from '../context.ts';
import type { Entry, Subscriber } from './subscriber.ts';

export type Follow<E extends Entry> = {
  readonly subscriber: Subscriber<E>;
  /** The sequence that the client has seen. */
  readonly after: number;
  /** The client's entries in the table, oldest first. */
  readonly readAfter: (sequence: number, limit: number) => Promise<readonly E[]>;
  /** The message of an entry, or undefined for one that this client does not want. */
  readonly toMessage: (entry: E) => SSEMessage | undefined;
  /** What the stream ends with after this entry, where nothing comes after it. */
  readonly endAfter: (entry: E) => SSEMessage | undefined;
  /** What the stream ends with where nothing more will be written; asked before the table is read. */
  readonly findEnd: () => Promise<SSEMessage | undefined>;
  /** How long the stream may last, in milliseconds; without it, as long as the client stays. */
  readonly streamMs: number | undefined;
  readonly onClose: () => void;
  readonly onError: (error: unknown) => void;
};

/** How long a client has to wait before it connects again, in milliseconds. */
const retryMs = 3_000;
const pingMs = 15_000;
const pageSize = 500;

/** Answers with server-sent events: first what the table holds after the client's position, then what comes. */
export function followEntries<E extends Entry>(c: ApiContext, follow: Follow<E>): Response {
  c.header('X-Accel-Buffering', 'no');
  return streamSSE(c, async (stream) => {
    const leave = () => follow.subscriber.close();
    const abort = () => stream.abort();
    const timer = follow.streamMs === undefined ? undefined : setTimeout(leave, follow.streamMs);
    stream.onAbort(leave);
    c.req.raw.signal.addEventListener('abort', abort, { once: true });
    try {
      if (c.req.raw.signal.aborted) return;
      await stream.write(`retry: ${retryMs}\n\n`);
      await sendEntries(stream, follow);
    } catch (error) {
      follow.onError(error);
    } finally {
      clearTimeout(timer);
      c.req.raw.signal.removeEventListener('abort', abort);
      leave();
      follow.onClose();
    }
  });
}

async function sendEntries<E extends Entry>(stream: SSEStreamingApi, follow: Follow<E>): Promise<void> {
  await follow.subscriber.ready;
  let position = follow.after;
  let behind = true;
  while (!stream.aborted) {
    if (behind) {
      const end = await follow.findEnd();
      position = await sendFromTable(stream, follow, position);
      if (end !== undefined) return stream.writeSSE(end);
      behind = false;
    }
    const next = await follow.subscriber.next(pingMs);
    if (next.type === 'closed') return;
    if (next.type === 'entry' && next.entry.sequence > position) {
      await send(stream, follow.toMessage(next.entry));
      position = next.entry.sequence;
      const end = follow.endAfter(next.entry);
      if (end !== undefined) return stream.writeSSE(end);
    }
    if (next.type === 'idle') await stream.write(': ping\n\n');
    behind = next.type !== 'entry';
  }
}

/** Sends all there is after `position`, at the pace of the client, and gives the new position. */
async function sendFromTable<E extends Entry>(
  stream: SSEStreamingApi,
  follow: Follow<E>,
  position: number,
): Promise<number> {
  let last = position;
  while (!stream.aborted) {
    const entries = await follow.readAfter(last, pageSize);
    for (const entry of entries) {
      if (stream.aborted) return last;
      await send(stream, follow.toMessage(entry));
      last = entry.sequence;
    }
    if (entries.length < pageSize) return last;
  }
  return last;
}

async function send(stream: SSEStreamingApi, message: SSEMessage | undefined): Promise<void> {
  if (message !== undefined) await stream.writeSSE(message);
}
