import { connect } from 'node:net';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { expect, onTestFinished, test } from 'vitest';
import type { ProgressChange } from '../../domain/operation.ts';
import { appendEvents } from '../../infra/database/events.ts';
import { finishOperation, transitionOperation } from '../../infra/database/operations.ts';
import { appendProgress } from '../../infra/database/progress.ts';
import { createTestApi, deploy, serveTestApi, storeTarget, type TestApi, token } from './api-fixture.ts';
import { newEvent } from './new-event.ts';

type Follower = {
  readonly messages: readonly EventSourceMessage[];
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  readonly leave: () => void;
};

/** Follows a live stream over a real connection. */
async function follow(address: string, headers: Record<string, string> = {}): Promise<Follower> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const init = { headers: { authorization: `Bearer ${token}`, ...headers }, signal: leaving.signal };
  const response = await fetch(address, init);
  if (!response.ok || response.body === null) throw new Error(`no stream: ${response.status}`);
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => messages.push(message) });
  const text = response.body.pipeThrough(new TextDecoderStream());
  const read = async () => {
    for await (const chunk of text) parser.feed(chunk);
  };
  return { messages, ended: read().catch(() => undefined), leave: () => leaving.abort() };
}

function phase(message: string): ProgressChange {
  return { type: 'phase', phase: 'apply', message };
}

function append({ database }: Pick<TestApi, 'database'>, operationId: string, ...messages: string[]): Promise<void> {
  return appendProgress(
    database,
    messages.map((message) => ({ operationId, change: phase(message) })),
  );
}

function phasesOf({ messages }: Follower): string[] {
  return messages.filter(({ event }) => event === 'phase').map(({ data }) => JSON.parse(data).change.message);
}

function idsOf({ messages }: Follower): string[] {
  return messages.map(({ data }) => JSON.parse(data).id);
}

async function runningOperation(api: TestApi) {
  const { id } = await deploy(api, await storeTarget(api));
  await transitionOperation(api.database, { id, from: ['queued'], to: 'running' });
  return id;
}

test('two API processes serve one stream: what happened, what happens, and the end', async () => {
  const first = await serveTestApi();
  const second = await serveTestApi({ databaseUrl: first.databaseUrl });
  const id = await runningOperation(first);
  await append(first, id, 'a');
  const followers = await Promise.all([first, second].map(({ url }) => follow(`${url}/v1/operations/${id}/stream`)));
  await expect.poll(() => followers.map(phasesOf)).toEqual([['a'], ['a']]);
  await append(second, id, 'b');
  await append(first, id, 'c');
  await finishOperation(second.database, { id, state: 'succeeded' });
  await Promise.all(followers.map(({ ended }) => ended));
  for (const follower of followers) {
    expect(phasesOf(follower)).toEqual(['a', 'b', 'c']);
    expect(follower.messages.map(({ event }) => event)).toEqual([
      'operation',
      'phase',
      'phase',
      'phase',
      'operation',
      'end',
    ]);
    expect(JSON.parse(follower.messages.at(-1)?.data ?? '')).toEqual({ operationId: id, state: 'succeeded' });
  }
});

test('a client that comes back gets what it missed, and nothing twice', async () => {
  const api = await serveTestApi();
  const id = await runningOperation(api);
  await append(api, id, 'a', 'b', 'c');
  const stream = `${api.url}/v1/operations/${id}/stream`;
  const before = await follow(stream);
  await expect.poll(() => phasesOf(before)).toEqual(['a', 'b', 'c']);
  const seen = before.messages.find(({ data }) => data.includes('"a"'))?.id ?? '';
  before.leave();
  await append(api, id, 'd');
  const byHeader = await follow(stream, { 'last-event-id': seen });
  const byQuery = await follow(`${stream}?after=${seen}`);
  await expect
    .poll(() => [phasesOf(byHeader), phasesOf(byQuery)])
    .toEqual([
      ['b', 'c', 'd'],
      ['b', 'c', 'd'],
    ]);
});

test('the stream of an operation that has ended replays it and ends', async () => {
  const api = await serveTestApi();
  const id = await runningOperation(api);
  await append(api, id, 'a');
  await finishOperation(api.database, { id, state: 'failed' });
  const follower = await follow(`${api.url}/v1/operations/${id}/stream`);
  await follower.ended;
  expect(follower.messages.at(-1)).toMatchObject({ event: 'end' });
  const last = follower.messages.findLast((message) => message.id !== undefined)?.id ?? '';
  const again = await follow(`${api.url}/v1/operations/${id}/stream`, { 'last-event-id': last });
  await again.ended;
  expect(again.messages.map(({ event }) => event)).toEqual(['end']);
});

test('entries of other operations stay out of a stream', async () => {
  const api = await serveTestApi();
  const [id, other] = [await runningOperation(api), await runningOperation(api)];
  const follower = await follow(`${api.url}/v1/operations/${id}/stream`);
  await append(api, other, 'not mine');
  await append(api, id, 'mine');
  await expect.poll(() => phasesOf(follower)).toEqual(['mine']);
});

test('no entry is lost or repeated for followers that join while many are written', async () => {
  const api = await serveTestApi();
  const id = await runningOperation(api);
  const expected = Array.from({ length: 3_000 }, (_, index) => String(index));
  const writing = (async () => {
    for (let start = 0; start < expected.length; start += 100)
      await append(api, id, ...expected.slice(start, start + 100));
    await finishOperation(api.database, { id, state: 'succeeded' });
  })();
  const followers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 10));
      return follow(`${api.url}/v1/operations/${id}/stream`);
    }),
  );
  await writing;
  await Promise.all(followers.map(({ ended }) => ended));
  for (const follower of followers) expect(phasesOf(follower)).toEqual(expected);
});

test('a client that does not read holds nothing up, and gets everything when it reads again', async () => {
  const api = await serveTestApi();
  const id = await runningOperation(api);
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(api.url).port) });
  onTestFinished(() => void socket.destroy());
  socket.write(`GET /v1/operations/${id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`);
  await new Promise((resolve) => socket.once('readable', resolve));
  const quick = await follow(`${api.url}/v1/operations/${id}/stream`);
  const text = 'x'.repeat(2_000);
  const count = 6_000;
  for (let start = 0; start < count; start += 500) {
    await append(api, id, ...Array.from({ length: 500 }, (_, index) => `${start + index} ${text}`));
  }
  await finishOperation(api.database, { id, state: 'succeeded' });
  await quick.ended;
  expect(phasesOf(quick)).toHaveLength(count);

  let received = '';
  for await (const chunk of socket) {
    received += String(chunk);
    if (received.includes('event: end')) break;
  }
  const sequences = [...received.matchAll(/"message":"(\d+) x/g)].map(([, index]) => Number(index));
  expect(sequences).toEqual(Array.from({ length: count }, (_, index) => index));
});

test('a client that goes away is forgotten', async () => {
  const api = await serveTestApi();
  const id = await runningOperation(api);
  const clients = async () =>
    /slipway_stream_clients\{stream="operation"\} (\d+)/.exec(await (await api.request('/metrics')).text())?.[1];
  const followers = await Promise.all([1, 2, 3].map(() => follow(`${api.url}/v1/operations/${id}/stream`)));
  await expect.poll(clients).toBe('3');
  for (const { leave } of followers) leave();
  await expect.poll(clients).toBe('0');
});

test('events are followed from now on, or from a position, and filtered', async () => {
  const api = await serveTestApi();
  await appendEvents(api.database, [newEvent('evt_1'), newEvent('evt_2', { severity: 'error' })]);
  const live = await follow(`${api.url}/v1/events/stream`);
  const replayed = await follow(`${api.url}/v1/events/stream?after=0`);
  const errors = await follow(`${api.url}/v1/events/stream?severity=error`, { 'last-event-id': '1' });
  await expect.poll(() => replayed.messages.length).toBe(2);
  await appendEvents(api.database, [newEvent('evt_3'), newEvent('evt_4', { severity: 'error' })]);
  await expect
    .poll(() => [live, replayed, errors].map(idsOf))
    .toEqual([
      ['evt_3', 'evt_4'],
      ['evt_1', 'evt_2', 'evt_3', 'evt_4'],
      ['evt_2', 'evt_4'],
    ]);
});

test('a server that stops ends its streams without the end of the operation, so that clients go on elsewhere', async () => {
  const api = await serveTestApi();
  const id = await runningOperation(api);
  await append(api, id, 'a');
  const follower = await follow(`${api.url}/v1/operations/${id}/stream`);
  await expect.poll(() => phasesOf(follower)).toEqual(['a']);
  await api.stop();
  await follower.ended;
  expect(follower.messages.some(({ event }) => event === 'end')).toBe(false);
});

test('a stream may be given a time, after which the client goes on with the next', async () => {
  const api = await createTestApi({ config: { streamMs: 300 } });
  const id = await runningOperation(api);
  await append(api, id, 'a');
  const text = await (await api.request(`/v1/operations/${id}/stream`)).text();
  expect(text).toContain('retry: 3000');
  expect(text).toContain('event: phase');
  expect(text).not.toContain('event: end');
});

test.each(['x', '-1', '1e400'])('the position %s is refused', async (position) => {
  const api = await createTestApi();
  const id = await runningOperation(api);
  expect((await api.request(`/v1/operations/${id}/stream?after=${position}`)).status).toBe(400);
});
