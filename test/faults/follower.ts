import { setTimeout as sleep } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { onTestFinished } from 'vitest';
import { type ProgressEntry, progressEntrySchema } from '../../domain/operation.ts';
import type { ApiClient } from '../installation/api-client.ts';

/** Somebody who follows an operation live, and connects again behind the last entry seen when the API goes away. */
export type Follower = {
  /** All entries, when the operation has ended. */
  readonly entries: Promise<readonly ProgressEntry[]>;
};

const retryMs = 100;

/** Follows until the operation or the test has ended. */
export function followOperation(api: ApiClient, operationId: string): Follower {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  return { entries: readToEnd(api, { operationId, signal: leaving.signal }) };
}

type Following = { readonly operationId: string; readonly signal: AbortSignal };

async function readToEnd(api: ApiClient, following: Following): Promise<readonly ProgressEntry[]> {
  const entries: ProgressEntry[] = [];
  while (!following.signal.aborted) {
    const ended = await readConnection(api, following, entries).catch(() => false);
    if (ended) break;
    await sleep(retryMs);
  }
  return entries;
}

/** Appends what one connection brings; true when the stream ended because the operation has. */
async function readConnection(
  api: ApiClient,
  { operationId, signal }: Following,
  entries: ProgressEntry[],
): Promise<boolean> {
  const last = entries.at(-1)?.sequence;
  const response = await fetch(`${api.address}/v1/operations/${operationId}/stream`, {
    signal,
    headers: {
      authorization: `Bearer ${api.token}`,
      ...(last === undefined ? {} : { 'last-event-id': String(last) }),
    },
  });
  if (!response.ok || response.body === null) return false;
  let ended = false;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === 'end') ended = true;
      else entries.push(progressEntrySchema.parse(JSON.parse(data)));
    },
  });
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) parser.feed(chunk);
  return ended;
}
