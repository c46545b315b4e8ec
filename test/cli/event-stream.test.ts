import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Client } from '../../cli/client.ts';
import { readStream } from '../../cli/event-stream.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, attempt: number) => void;

/** An HTTP server whose answers the test writes connection by connection. */
async function serve(handler: Handler): Promise<string> {
  let attempt = 0;
  const server = createServer((request, response) => {
    attempt += 1;
    handler(request, response, attempt);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return `http://127.0.0.1:${address.port}`;
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
}

async function collect(server: string, signal = new AbortController().signal) {
  const connections: boolean[] = [];
  const data: string[] = [];
  const client = new Client({ server, token: 't' }, signal);
  const onConnection = (connected: boolean): void => void connections.push(connected);
  for await (const message of readStream(client, { path: '/stream', signal, onConnection })) data.push(message.data);
  return { data, connections };
}

describe('a live stream', () => {
  test('goes on behind the last message when the server cuts it, and ends at its end', async () => {
    const seen: (string | undefined)[] = [];
    const server = await serve((request, response, attempt) => {
      seen.push(request.headers['last-event-id']?.toString());
      startStream(response);
      if (attempt === 1) {
        response.write('id: 1\nevent: step\ndata: one\n\nid: 2\nevent: step\ndata: two\n\n', () => response.destroy());
      } else {
        response.end('id: 3\nevent: step\ndata: three\n\nevent: end\ndata: {}\n\n');
      }
    });
    const { data, connections } = await collect(server);
    expect(data).toEqual(['one', 'two', 'three']);
    expect(seen).toEqual([undefined, '2']);
    expect(connections).toEqual([false, true]);
  });

  test('waits while the server is not ready', async () => {
    const server = await serve((_request, response, attempt) => {
      if (attempt === 1) {
        response.writeHead(503, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify({ title: 'not yet', code: 'unavailable' }));
      } else {
        startStream(response);
        response.end(': ping\n\nid: 1\ndata: one\n\nevent: end\ndata: {}\n\n');
      }
    });
    expect((await collect(server)).data).toEqual(['one']);
  });

  test('gives up at once when the server refuses it', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(404, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'none', detail: 'there is no operation x', code: 'notFound' }));
    });
    await expect(collect(server)).rejects.toMatchObject({ code: 'notFound', message: 'there is no operation x' });
  });

  test('ends when its reader is interrupted', async () => {
    const interrupt = new AbortController();
    const server = await serve((_request, response) => {
      startStream(response);
      response.write('id: 1\ndata: one\n\n');
      setImmediate(() => interrupt.abort());
    });
    await expect(collect(server, interrupt.signal)).resolves.toBeDefined();
  });
});

describe('a call', () => {
  test('is sent again under the same idempotency key when its answer is lost', async () => {
    const keys: (string | undefined)[] = [];
    const server = await serve((request, response, attempt) => {
      keys.push(request.headers['idempotency-key']?.toString());
      if (attempt === 1) response.destroy();
      else response.end('{"id":"op_1"}');
    });
    const client = new Client({ server, token: undefined }, new AbortController().signal);
    const { z } = await import('zod');
    const answer = await client.post({ schema: z.object({ id: z.string() }), path: '/v1/things', json: {} });
    expect(answer).toEqual({ id: 'op_1' });
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
  });

  test('whose answer has another shape says that versions may differ', async () => {
    const server = await serve((_request, response) => response.end('{"identifier":1}'));
    const client = new Client({ server, token: undefined }, new AbortController().signal);
    const { z } = await import('zod');
    await expect(client.get({ schema: z.object({ id: z.string() }), path: '/x' })).rejects.toMatchObject({
      code: 'unsupported',
      fix: expect.stringContaining('slipway version'),
    });
  });
});
