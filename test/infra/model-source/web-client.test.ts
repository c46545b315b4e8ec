import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAddressGuard } from '../../../infra/model-source/address-guard.ts';
import { createWebClient, type WebClient, type WebClientOptions } from '../../../infra/model-source/web-client.ts';
import { testScratch } from './scratch-folder.ts';
import { startTlsServer, startWebServer, tlsCertificate } from './web-server.ts';

function webClient(options: Partial<WebClientOptions> = {}): WebClient {
  const web = createWebClient({ guard: createAddressGuard({ allowed: ['127.0.0.1', '127.0.0.2'] }), ...options });
  onTestFinished(() => web.close());
  return web;
}

async function download(url: string, options: Partial<Parameters<WebClient['download']>[1]> = {}) {
  const into = await testScratch();
  const web = webClient({ retryForMs: 2_000, idleMs: 500 });
  const result = await web
    .download(url, { into, maximumBytes: 1_000_000, ...options })
    .catch((error: unknown) => error);
  return { result, left: await readdir(into.folder) };
}

/** Answers in turn; the last one for ever. */
function inTurn(...answers: readonly RequestListener[]): RequestListener {
  let asked = 0;
  return (request, response) => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    answer?.(request, response);
  };
}

const ok: RequestListener = (_request, response) => response.end('ok');
const status =
  (code: number, headers = {}): RequestListener =>
  (_request, response) =>
    response.writeHead(code, headers).end('no');

const half: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-length': '10' });
  response.write('12345', () => response.destroy());
};

const to = (location: string, code = 302): RequestListener => status(code, { location });

async function* oneTwo() {
  yield Buffer.from('one');
  yield Buffer.from('two');
}

describe('a download', () => {
  test('is kept in a file, with its digest and what the server says of it', async () => {
    const body = 'apiVersion: v1\n'.repeat(1_000);
    const server = await startWebServer((_request, response) =>
      response
        .writeHead(200, {
          etag: '"a1"',
          'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT',
          'content-type': 'Text/YAML; charset=utf-8',
        })
        .end(body),
    );
    const into = await testScratch();
    const result = await webClient().download(`${server.url}/index.yaml`, { into, maximumBytes: 100_000 });
    expect(result).toEqual({
      changed: true,
      file: expect.stringContaining(into.folder),
      bytes: body.length,
      digest: createHash('sha256').update(body).digest('hex'),
      etag: '"a1"',
      lastModified: 'Mon, 01 Jan 2024 00:00:00 GMT',
      url: `${server.url}/index.yaml`,
      mediaType: 'text/yaml',
    });
    if (result.changed) expect(await readFile(result.file, 'utf8')).toBe(body);
  });

  test('that has not changed costs one request and no body', async () => {
    const server = await startWebServer((request, response) => {
      if (request.headers['if-none-match'] === '"a1"') response.writeHead(304).end();
      else response.end('new');
    });
    expect(await download(server.url, { previous: { etag: '"a1"' } })).toEqual({
      result: { changed: false },
      left: [],
    });
    expect(server.requests).toHaveLength(1);
    expect((await download(server.url, { previous: { etag: '"a0"' } })).result).toMatchObject({ changed: true });
  });

  test('unchanged without having been asked for a change is an error', async () => {
    const server = await startWebServer(status(304));
    expect((await download(server.url)).result).toMatchObject({ code: 'failed', status: 304 });
  });

  test.each([
    ['by what the server says of it', { 'content-length': '5000000' }],
    ['by what comes', {}],
  ])('that is too large is refused %s, and nothing of it is left', async (_how, headers) => {
    const server = await startWebServer((_request, response) => {
      response.writeHead(200, headers);
      response.end(Buffer.alloc(5_000_000));
    });
    const { result, left } = await download(server.url);
    expect(result).toMatchObject({ code: 'tooLarge' });
    expect(left).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test('that is cut off half-way is fetched again, and only the whole one is left', async () => {
    const server = await startWebServer(inTurn(half, (_request, response) => response.end('1234567890')));
    const { result, left } = await download(server.url);
    expect(result).toMatchObject({ changed: true, bytes: 10 });
    expect(left).toHaveLength(1);
  });

  test('that is always cut off says so and leaves nothing', async () => {
    const server = await startWebServer((_request, response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' });
      response.write('12345', () => response.destroy());
    });
    const { result, left } = await download(server.url);
    expect(result).toMatchObject({ code: 'unavailable', message: expect.stringContaining('cut off') });
    expect(left).toEqual([]);
    expect(server.requests.length).toBeGreaterThan(1);
  });

  test.each([
    ['in the middle', '123', 'stopped sending'],
    ['before it begins', undefined, 'did not begin its answer'],
  ])('of a server that falls silent %s ends', async (_when, begun, said) => {
    const server = await startWebServer((_request, response) => {
      if (begun !== undefined) response.write(begun);
    });
    const into = await testScratch();
    const web = webClient({ idleMs: 100, retryForMs: 0 });
    await expect(web.download(server.url, { into, maximumBytes: 10 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(said),
    });
    expect(await readdir(into.folder)).toEqual([]);
  });

  test('that drips for ever ends', async () => {
    const server = await startWebServer((_request, response) => {
      const timer = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const web = webClient({ totalMs: 200 });
    await expect(web.download(server.url, { into: await testScratch(), maximumBytes: 1_000 })).rejects.toMatchObject({
      code: 'timedOut',
    });
  });

  test('is given up when it is cancelled, with the reason, and leaves nothing', async () => {
    const controller = new AbortController();
    const server = await startWebServer((_request, response) => {
      response.write('123');
      controller.abort(new Error('enough'));
    });
    const { result, left } = await download(server.url, { signal: controller.signal });
    expect(result).toMatchObject({ message: 'enough' });
    expect(left).toEqual([]);
  });
});

describe('a server that refuses', () => {
  test.each([
    [401, 'unauthenticated', /credentials/],
    [403, 'forbidden', /credentials/],
    [404, 'notFound', /address/],
    [410, 'notFound', /another/],
    [418, 'failed', /address/],
  ])('by %s is asked once, and the error says what to do', async (code, error, fix) => {
    const server = await startWebServer(status(code));
    expect((await download(`${server.url}/a?token=hidden&gid=7`)).result).toMatchObject({
      code: error,
      status: code,
      message: `${server.address} answered ${code} to GET ${server.url}/a?token=…&gid=7`,
      fix: expect.stringMatching(fix),
    });
    expect(server.requests).toHaveLength(1);
  });

  test.each([429, 500, 502, 503, 504])('by %s at first is asked again', async (code) => {
    const server = await startWebServer(inTurn(status(code), status(code), ok));
    expect((await download(server.url)).result).toMatchObject({ changed: true });
    expect(server.requests).toHaveLength(3);
  });

  test('always is given up after a few tries', async () => {
    const server = await startWebServer(status(503));
    expect((await download(server.url)).result).toMatchObject({ code: 'unavailable', status: 503 });
    expect(server.requests).toHaveLength(4);
  });

  test('for longer than there is time is not asked again, and the error says how long', async () => {
    const server = await startWebServer(status(429, { 'retry-after': '3600' }));
    expect((await download(server.url)).result).toMatchObject({ code: 'rateLimited', retryAfterSeconds: 3_600 });
    expect(server.requests).toHaveLength(1);
  });

  test('for a moment, by a date, is asked again', async () => {
    const server = await startWebServer(inTurn(status(503, { 'retry-after': new Date(0).toUTCString() }), ok));
    expect((await download(server.url)).result).toMatchObject({ changed: true });
  });

  test('is not asked again when the wait is cancelled', async () => {
    const controller = new AbortController();
    const server = await startWebServer((_request, response) => {
      response.writeHead(503, { 'retry-after': '1' }).end();
      setTimeout(() => controller.abort(new Error('enough')), 50);
    });
    expect((await download(server.url, { signal: controller.signal })).result).toMatchObject({ message: 'enough' });
    expect(server.requests).toHaveLength(1);
  });

  test('connections is unavailable', async () => {
    const web = webClient({ retryForMs: 0 });
    await expect(web.request('http://127.0.0.1:1/')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('nothing accepts connections'),
    });
  });
});

describe('redirects', () => {
  test('are followed, and the answer says where it came from', async () => {
    const server = await startWebServer((request, response) => {
      if (request.url === '/end') response.end('ok');
      else to('/end')(request, response);
    });
    expect((await download(server.url)).result).toMatchObject({ changed: true, url: `${server.url}/end` });
  });

  test('without end are given up', async () => {
    const server = await startWebServer(to('/again'));
    expect((await download(server.url)).result).toMatchObject({
      code: 'failed',
      message: expect.stringContaining('5 redirects'),
    });
    expect(server.requests).toHaveLength(6);
  });

  test.each(['http://169.254.169.254/', 'file:///etc/passwd', 'http://[::1]:1/', 'http://2130706433.:9/', 'ftp://a/'])(
    'to %s are refused',
    async (location) => {
      const server = await startWebServer(to(location));
      const into = await testScratch();
      const web = createWebClient({ guard: createAddressGuard({ allowed: [server.address] }) });
      onTestFinished(() => web.close());
      await expect(web.download(server.url, { into, maximumBytes: 10 })).rejects.toMatchObject({ code: 'forbidden' });
    },
  );

  test('to another origin take no credentials along, and do not get them back', async () => {
    const other = await startWebServer(
      (_request, response) => response.writeHead(302, { location: `${first.url}/end` }).end(),
      '127.0.0.2',
    );
    const first = await startWebServer((request, response) => {
      if (request.url === '/end') response.end('ok');
      else to(other.url, 307)(request, response);
    });
    const headers = { authorization: 'Bearer hidden', 'private-token': 'hidden', accept: 'application/json' };
    expect((await download(first.url, { headers })).result).toMatchObject({ changed: true });
    expect(first.requests[0]?.headers).toMatchObject(headers);
    for (const { headers: seen } of [other.requests[0], first.requests[1]].flatMap((request) => request ?? [])) {
      expect(seen).toMatchObject({ accept: 'application/json' });
      expect(JSON.stringify(seen)).not.toContain('hidden');
    }
  });

  test('within an origin keep the credentials', async () => {
    const server = await startWebServer((request, response) => {
      if (request.url === '/end') response.end('ok');
      else to('/end', 301)(request, response);
    });
    await download(server.url, { headers: { authorization: 'Bearer a' } });
    expect(server.requests[1]?.headers.authorization).toBe('Bearer a');
  });

  test('of what was sent repeat it only where the server asks for that', async () => {
    const server = await startWebServer((request, response) => {
      if (request.url === '/end') response.end(request.method);
      else to('/end', Number(request.url?.slice(1)))(request, response);
    });
    const web = webClient();
    const method = 'POST';
    const answers = [307, 308, 303].map(async (code) =>
      Buffer.from((await web.request(`${server.url}/${code}`, { method, body: 'a' })).body).toString(),
    );
    expect(await Promise.all(answers)).toEqual(['POST', 'POST', 'GET']);
    await expect(web.request(`${server.url}/302`, { method, body: 'a' })).rejects.toMatchObject({ code: 'failed' });
  });
});

describe('by HTTPS', () => {
  test('a server whose authority is not known is refused, with what to do', async () => {
    const server = await startTlsServer(ok);
    await expect(webClient().request(server.url)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/secure connection/),
      fix: expect.stringMatching(/caCertificate/),
    });
    expect(server.requests).toHaveLength(0);
  });

  test('one whose authority is given is trusted', async () => {
    const server = await startTlsServer(ok);
    expect((await webClient({ caCertificate: tlsCertificate }).request(server.url)).status).toBe(200);
    expect((await webClient().trusting(tlsCertificate).request(server.url)).status).toBe(200);
  });

  test('a redirect to HTTP is refused before anything is asked there', async () => {
    const plain = await startWebServer(ok);
    const server = await startTlsServer(to(plain.url));
    await expect(webClient({ caCertificate: tlsCertificate }).request(server.url)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/from https to http/),
    });
    expect(plain.requests).toHaveLength(0);
  });
});

describe('addresses are checked', () => {
  test('when the connection is made, not only before: a name that changes its address gets nowhere', async () => {
    const server = await startWebServer(ok);
    let asked = 0;
    const guard = createAddressGuard({
      allowed: [],
      addressesOf: async () => {
        asked += 1;
        return asked === 1 ? [{ address: '93.184.216.34', family: 4 }] : [{ address: '127.0.0.1', family: 4 }];
      },
    });
    const web = webClient({ guard });
    const port = Number(server.address.split(':')[1]);
    await expect(guard.resolve({ host: 'rebinding.example', port })).resolves.toHaveLength(1);
    await expect(web.request(`http://rebinding.example:${port}/`)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('127.0.0.1 of rebinding.example'),
    });
    expect(server.requests).toHaveLength(0);
  });

  test('a name that is allowed is connected to by the address that was checked', async () => {
    const server = await startWebServer(ok);
    const port = server.address.split(':')[1] ?? '';
    const guard = createAddressGuard({
      allowed: [`charts.example:${port}`],
      addressesOf: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const answer = await webClient({ guard }).request(`http://charts.example:${port}/`);
    expect(Buffer.from(answer.body).toString()).toBe('ok');
    expect(server.requests[0]?.headers.host).toBe(`charts.example:${port}`);
  });

  test('a user name or password in a URL is refused, and not shown', async () => {
    const error: unknown = await webClient()
      .request('http://me:hidden@127.0.0.1/')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid' });
    expect(String(error)).not.toMatch(/me:|hidden/);
  });
});

describe('a request', () => {
  test('gives status, headers and body, also of an error that is an answer', async () => {
    const server = await startWebServer(status(401, { 'WWW-Authenticate': 'Bearer realm="a"' }));
    const answer = await webClient().request(server.url, { accept: [401] });
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="a"' } });
    expect(Buffer.from(answer.body).toString()).toBe('no');
  });

  test('that is not accepted is an error', async () => {
    const server = await startWebServer(status(401));
    await expect(webClient().request(server.url)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('whose body is too large is an error', async () => {
    const server = await startWebServer((_request, response) => response.end(Buffer.alloc(100)));
    await expect(webClient().request(server.url, { maximumBytes: 99 })).rejects.toMatchObject({ code: 'tooLarge' });
  });

  test('sends a body again with each try', async () => {
    const bodies: string[] = [];
    const server = await startWebServer((request, response) => {
      request.setEncoding('utf8');
      const chunks: string[] = [];
      request.on('data', (chunk: string) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(chunks.join(''));
        response.writeHead(bodies.length === 1 ? 503 : 201).end();
      });
    });
    const answer = await webClient().request(server.url, {
      method: 'PUT',
      headers: { 'content-length': '6' },
      body: oneTwo,
    });
    expect(answer.status).toBe(201);
    expect(bodies).toEqual(['onetwo', 'onetwo']);
  });

  test('that must not be done twice is repeated only when it certainly did nothing', async () => {
    const broken = await startWebServer(status(502));
    await expect(webClient().request(broken.url, { method: 'POST' })).rejects.toMatchObject({ status: 502 });
    expect(broken.requests).toHaveLength(1);
    const busy = await startWebServer(inTurn(status(503), ok));
    expect((await webClient().request(busy.url, { method: 'POST' })).status).toBe(200);
  });
});
