import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import type { WatchOptions } from '../../../infra/kubernetes/watch.ts';
import type { WatchEvent } from '../../../infra/kubernetes/watch-tracker.ts';
import { configMaps, type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from './fake-api-server.ts';

type Version = string;

function configMap(name: string, resourceVersion: Version, uid = `uid-${name}`): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop', uid, resourceVersion } };
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

type Stream = (response: ServerResponse, from: string | null) => void;

/** A server whose lists and watch streams come from the two scripts, the last entry for ever. */
async function scripted(lists: readonly object[][], streams: readonly Stream[]): Promise<FakeApiServer> {
  const counts = { list: 0, watch: 0 };
  return await startFakeApiServer(({ url }, response) => {
    if (url.searchParams.get('watch') === null) {
      const items = lists[Math.min(counts.list, lists.length - 1)] ?? [];
      counts.list += 1;
      return sendJson(response, 200, { metadata: { resourceVersion: `${counts.list}00` }, items });
    }
    const stream = streams[Math.min(counts.watch, streams.length - 1)];
    counts.watch += 1;
    stream?.(response, url.searchParams.get('resourceVersion'));
  });
}

const stayOpen: Stream = (response) => response.write('');
const send =
  (...lines: readonly string[]): Stream =>
  (response) => {
    response.write(lines.join(''));
  };

const end =
  (...lines: readonly string[]): Stream =>
  (response) => {
    response.end(lines.join(''));
  };
const refuse =
  (code: number, reason: string): Stream =>
  (response) =>
    sendStatus(response, code, { reason, message: reason });
const future: Stream = (response) =>
  sendJson(response, 504, {
    kind: 'Status',
    code: 504,
    reason: 'Timeout',
    message: 'Too large resource version',
    details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] },
  });
const notServed: Stream = (response) => {
  response.writeHead(404);
  response.end('404 page not found');
};

function describeEvent(event: WatchEvent): string {
  if ('object' in event) return `${event.type} ${event.object.metadata.name}`;
  return 'resourceVersion' in event ? `${event.type} ${event.resourceVersion}` : `${event.type} ${event.error.code}`;
}

type Watched = { readonly events: WatchEvent[]; readonly told: () => readonly string[]; readonly done: Promise<void> };

function watch(server: FakeApiServer, options: Partial<WatchOptions> = {}): Watched {
  const client = createClusterClient({ kubeconfig: server.kubeconfig() });
  const controller = new AbortController();
  const events: WatchEvent[] = [];
  const done = client.watch(configMaps, { signal: controller.signal, ...options }, (event) => {
    events.push(event);
  });
  done.catch(() => undefined);
  onTestFinished(async () => {
    controller.abort();
    await done.catch(() => undefined);
    await client.close();
  });
  return { events, told: () => events.map(describeEvent), done };
}

function watchesOf(server: FakeApiServer): readonly (string | null)[] {
  return server.requests
    .filter(({ url }) => url.searchParams.has('watch'))
    .map(({ url }) => url.searchParams.get('resourceVersion'));
}

const patience = { timeout: 10_000 };

test('the list is told first, then what changes after it', async () => {
  const stream = send(
    line('ADDED', configMap('b', '101')),
    line('MODIFIED', configMap('a', '102')),
    line('DELETED', configMap('b', '103')),
  );
  const watched = watch(await scripted([[configMap('a', '1')]], [stream]));
  await expect.poll(watched.told, patience).toEqual(['added a', 'synced 100', 'added b', 'modified a', 'deleted b']);
});

test('lines cut inside characters and objects arrive whole', async () => {
  const text = Buffer.from(line('ADDED', { ...configMap('b', '101'), data: { text: 'grün ✓ 𝄞' } }));
  const stream: Stream = (response) => {
    const bytes = [...text];
    const next = (): void => {
      const some = bytes.splice(0, 7);
      if (some.length === 0) return;
      response.write(Buffer.from(some), next);
    };
    next();
  };
  const watched = watch(await scripted([[]], [stream]));
  await expect.poll(watched.told, patience).toContain('added b');
  expect(watched.events.at(-1)).toMatchObject({ object: { data: { text: 'grün ✓ 𝄞' } } });
});

test('a stream that breaks in the middle of a line goes on from the last whole event', async () => {
  const half = line('ADDED', configMap('c', '102')).slice(0, 40);
  const broken: Stream = (response) => {
    response.write(line('ADDED', configMap('b', '101')) + half, () => setTimeout(() => response.destroy(), 20));
  };
  const server = await scripted([[]], [broken, send(line('ADDED', configMap('c', '102')))]);
  const watched = watch(server);
  await expect.poll(watched.told, patience).toEqual(['synced 100', 'added b', 'interrupted unavailable', 'added c']);
  expect(watchesOf(server)).toEqual(['100', '101']);
});

test('a line that is not JSON opens the stream anew', async () => {
  const server = await scripted([[]], [send('{"type": oops}\n'), send(line('ADDED', configMap('b', '101')))]);
  const watched = watch(server);
  await expect.poll(watched.told, patience).toEqual(['synced 100', 'interrupted unavailable', 'added b']);
});

test('a bookmark moves the position on', async () => {
  const bookmarked = end(line('BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '150' } }));
  const server = await scripted([[]], [bookmarked, stayOpen]);
  const watched = watch(server);
  await expect.poll(() => watchesOf(server), patience).toEqual(['100', '150']);
  expect(watched.told()).toEqual(['synced 100', 'bookmark 150']);
});

test('an expired position lists again and tells what happened meanwhile, deletes and replacements too', async () => {
  const before = [
    configMap('kept', '1'),
    configMap('changed', '2'),
    configMap('gone', '3'),
    configMap('replaced', '4'),
  ];
  const after = [
    configMap('kept', '1'),
    configMap('changed', '150'),
    configMap('replaced', '151', 'uid-new'),
    configMap('new', '152'),
  ];
  const expired = end(
    line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' }),
  );
  const server = await scripted([before, after], [expired, stayOpen]);
  const watched = watch(server);
  await expect
    .poll(() => watched.told().slice(5), patience)
    .toEqual(['modified changed', 'deleted replaced', 'added replaced', 'added new', 'deleted gone', 'synced 200']);
  expect(watched.events.find((event) => describeEvent(event) === 'deleted gone')).toEqual({
    type: 'deleted',
    object: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'gone', namespace: 'shop', uid: 'uid-gone', resourceVersion: '3' },
    },
  });
});

test('a server whose every position is expired is not asked without a pause', async () => {
  const server = await scripted(
    [[]],
    [end(line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'no' }))],
  );
  const watched = watch(server);
  await expect.poll(watched.told, patience).toContain('interrupted failed');
  expect(watched.told().slice(0, 3)).toEqual(['synced 100', 'synced 200', 'interrupted failed']);
});

test('a 410 instead of a stream lists again as well', async () => {
  const server = await scripted(
    [[], [configMap('b', '150')]],
    [(response) => sendStatus(response, 410, { reason: 'Expired', message: 'too old' }), stayOpen],
  );
  const watched = watch(server, { resourceVersion: '7' });
  await expect.poll(() => watchesOf(server), patience).toEqual(['7', '100']);
  expect(watched.told()).toEqual(['synced 100']);
});

test('an error in the stream other than 410 goes on from the same position', async () => {
  const error = end(
    line('ADDED', configMap('b', '101')),
    line('ERROR', { kind: 'Status', code: 500, message: 'etcd event received with PrevKv=nil' }),
  );
  const server = await scripted([[]], [error, stayOpen]);
  watch(server);
  await expect.poll(() => watchesOf(server), patience).toEqual(['100', '101']);
});

test('a silent stream is opened anew', async () => {
  const server = await scripted([[]], [stayOpen]);
  const watched = watch(server, { stallMs: 600 });
  await expect.poll(() => watchesOf(server).length, patience).toBeGreaterThan(2);
  expect(watched.told()).toContain('interrupted unavailable');
});

test('a position from the future is waited for, then given up for a new list', async () => {
  const server = await scripted([[]], [future, future, future, future, future, future, stayOpen]);
  watch(server, { resourceVersion: '999' });
  await expect
    .poll(() => watchesOf(server), { timeout: 20_000 })
    .toEqual([...Array.from({ length: 6 }, () => '999'), '100']);
});

test('errors of the server are outlasted', async () => {
  const server = await scripted(
    [[]],
    [refuse(503, 'ServiceUnavailable'), refuse(429, 'TooManyRequests'), send(line('ADDED', configMap('b', '101')))],
  );
  const watched = watch(server);
  await expect
    .poll(watched.told, patience)
    .toEqual(['synced 100', 'interrupted unavailable', 'interrupted rateLimited', 'added b']);
});

test('a watch that is refused at first ends at once, with the reason', async () => {
  const server = await startFakeApiServer((_request, response) =>
    sendStatus(response, 403, { reason: 'Forbidden', message: 'configmaps is forbidden' }),
  );
  await expect(watch(server).done).rejects.toMatchObject({ code: 'forbidden', message: 'configmaps is forbidden' });
});

test('a resource that is no longer served ends the watch', async () => {
  await expect(watch(await scripted([[]], [notServed])).done).rejects.toMatchObject({ code: 'notFound' });
});

test('what the handler throws ends the watch, even if it looks like a failure of the server', async () => {
  const server = await scripted([[configMap('a', '1')]], [stayOpen]);
  const client = createClusterClient({ kubeconfig: server.kubeconfig() });
  onTestFinished(client.close);
  const elsewhere = await client.get({ ...configMaps, name: 'x' }, { retryForMs: 0 }).catch((error: unknown) => error);
  const watching = client.watch(configMaps, { signal: new AbortController().signal }, () => {
    throw elsewhere;
  });
  await expect(watching).rejects.toBe(elsewhere);
});

test('a slow handler gets one event after another', async () => {
  const server = await scripted([[configMap('a', '1'), configMap('b', '2')]], [stayOpen]);
  const client = createClusterClient({ kubeconfig: server.kubeconfig() });
  onTestFinished(client.close);
  const controller = new AbortController();
  let running = 0;
  let most = 0;
  await client.watch(configMaps, { signal: controller.signal }, async (event) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    if (event.type === 'synced') controller.abort();
  });
  expect(most).toBe(1);
});

test('a fired signal ends the watch quietly, and its socket', async () => {
  const server = await scripted([[]], [stayOpen]);
  const client = createClusterClient({ kubeconfig: server.kubeconfig() });
  onTestFinished(client.close);
  const controller = new AbortController();
  const watching = client.watch(configMaps, { signal: controller.signal }, (event) => {
    if (event.type === 'synced') setTimeout(() => controller.abort(), 50);
  });
  await expect(watching).resolves.toBeUndefined();
});

test('a list of several pages is told page by page as one', async () => {
  const server = await startFakeApiServer(({ url }, response) => {
    if (url.searchParams.has('watch')) return void response.write('');
    const isFirst = url.searchParams.get('continue') === null;
    const metadata = { resourceVersion: '100', ...(isFirst ? { continue: 'token+/=' } : {}) };
    sendJson(response, 200, { metadata, items: [configMap(isFirst ? 'a' : 'b', '1')] });
  });
  const watched = watch(server);
  await expect.poll(watched.told, patience).toEqual(['added a', 'added b', 'synced 100']);
  expect(server.requests[1]?.url.searchParams.get('continue')).toBe('token+/=');
});

test('metadata-only objects carry their own kind', async () => {
  const partial = { ...configMap('b', '101'), apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' };
  const watched = watch(await scripted([[]], [send(line('ADDED', partial))]), { metadataOnly: true });
  await expect.poll(() => watched.events.length, patience).toBe(2);
  expect(watched.events[1]).toMatchObject({ object: { apiVersion: 'v1', kind: 'ConfigMap' } });
});
