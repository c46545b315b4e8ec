import { expect, test } from 'vitest';
import { designLimits } from '../../domain/design/limits.ts';
import { createTestApi, designSource, json, problemOf, serveTestApi, token, yaml } from './api-fixture.ts';

const mebibyte = 1024 * 1024;

test('50 MB of design are refused before they are read whole, with a length and without one', async () => {
  const { url } = await serveTestApi();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' };
  const chunk = new Uint8Array(mebibyte).fill(0x61);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      if (sent > 50) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const inPieces = fetch(`${url}/v1/designs`, { method: 'POST', headers, body: endless, duplex: 'half' });
  expect(await problemOf(await inPieces)).toMatchObject({ status: 413, code: 'tooLarge' });
  expect(sent).toBeLessThan(50);

  const { request } = await createTestApi();
  const whole = await request(
    '/v1/designs',
    yaml('POST', 'a'.repeat(50 * mebibyte), { 'content-length': `${50 * mebibyte}` }),
  );
  expect(await problemOf(whole)).toMatchObject({ status: 413, code: 'tooLarge' });
});

test('a design may have as many bytes as its reader takes, and not one more', async () => {
  const { request } = await createTestApi();
  const design = designSource('shop', 'settings');
  const padded = `#${'a'.repeat(designLimits.sourceBytes - design.length - 2)}\n${design}`;
  expect((await request('/v1/designs/validate', yaml('POST', padded))).status).toBe(200);
  expect(await problemOf(await request('/v1/designs/validate', yaml('POST', `${padded}\n`)))).toMatchObject({
    status: 413,
    detail: 'the body has more than 16 MiB',
  });
});

test('what is no design may have 1 MiB', async () => {
  const { request } = await createTestApi();
  const body = { name: 'a', kubeconfig: 'x'.repeat(mebibyte) };
  expect(await problemOf(await request('/v1/connections', json('POST', body)))).toMatchObject({ status: 413 });
});

test('more requests than a burst are refused with the time to wait, and pass again later', async () => {
  const { request } = await createTestApi({ config: { requestsPerSecond: 5 } });
  const answers = await Promise.all(Array.from({ length: 30 }, () => request('/v1/designs')));
  const refused = answers.filter((answer) => answer.status === 429);
  expect(refused.length).toBeGreaterThan(15);
  expect(refused[0]?.headers.get('retry-after')).toBe('1');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await request('/v1/designs')).status).toBe(200);
});

test('strangers who guess tokens do not use up the requests of the one who has it', async () => {
  const { app, request } = await createTestApi({ config: { requestsPerSecond: 5 } });
  for (let guess = 0; guess < 30; guess += 1) {
    await app.request('/v1/designs', { headers: { authorization: `Bearer guess-${guess}` } });
  }
  expect((await request('/v1/designs')).status).toBe(200);
});

test.each([
  ['localhost:4780', 200],
  ['127.0.0.1', 200],
  ['[::1]:4780', 200],
  ['slipway.internal', 200],
  ['evil.example', 403],
  ['127.0.0.1.evil.example:4780', 403],
])('on loopback the host %s gets %i', async (host, status) => {
  const { request } = await createTestApi({ config: { allowedHosts: ['slipway.internal'] } });
  expect((await request('/v1/designs', { headers: { host } })).status).toBe(status);
});

test('an API that others may reach takes any host name', async () => {
  const { request } = await createTestApi({ config: { host: '0.0.0.0' } });
  expect((await request('/v1/designs', { headers: { host: 'slipway.example' } })).status).toBe(200);
});

test('answers cannot be framed, sniffed, kept or read from other origins', async () => {
  const { request } = await createTestApi();
  const { headers } = await request('/v1/designs', { headers: { origin: 'https://evil.example' } });
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
});
