import { expect, test } from 'vitest';
import { isJsonObject, objectAt, valueAt } from '../../domain/json.ts';
import { createTestApi } from './api-fixture.ts';

test('the OpenAPI document holds every route of the API, and every reference in it leads somewhere', async () => {
  const { app, request } = await createTestApi();
  const document: unknown = await (await request('/openapi.json')).json();
  expect(document).toMatchObject({ openapi: '3.1.0', security: [{ bearer: [] }] });
  const described = new Set(
    Object.entries(objectAt(document, 'paths')).flatMap(([path, methods]) =>
      Object.keys(isJsonObject(methods) ? methods : {}).map((method) => `${method.toUpperCase()} ${path}`),
    ),
  );
  const served = app.routes
    .filter(({ path }) => path.startsWith('/v1/'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  expect([...new Set(served)].filter((route) => !described.has(route))).toEqual([]);
  const references = [...JSON.stringify(document).matchAll(/"#\/([^"]+)"/g)].map(([, path]) => path?.split('/') ?? []);
  expect(references.length).toBeGreaterThan(50);
  expect(references.filter((path) => valueAt(document, ...path) === undefined)).toEqual([]);
});

test('operations of the document have names of their own, a problem answer, and keys on every POST', async () => {
  const { request } = await createTestApi();
  const document: unknown = await (await request('/openapi.json')).json();
  const names: unknown[] = [];
  for (const [path, methods] of Object.entries(objectAt(document, 'paths'))) {
    for (const [method, operation] of Object.entries(isJsonObject(methods) ? methods : {})) {
      names.push(valueAt(operation, 'operationId'));
      expect([path, valueAt(operation, 'responses', 'default')]).toEqual([path, expect.anything()]);
      const hasKey = JSON.stringify(valueAt(operation, 'parameters') ?? []).includes('Idempotency-Key');
      expect([path, method, hasKey]).toEqual([path, method, method === 'post']);
    }
  }
  expect(names).not.toContain(undefined);
  expect(new Set(names).size).toBe(names.length);
});

test('the docs page loads only files of this server, and all of them are there', async () => {
  const { app } = await createTestApi();
  const response = await app.request('/docs');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const page = await response.text();
  expect(page).not.toMatch(/<script>|<style|style=|onload=/);
  const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    expect(file).toMatch(/^\/docs\//);
    expect([file, (await app.request(file)).status]).toEqual([file, 200]);
  }
});

test('metrics tell durations by route, operations by state and clients of streams', async () => {
  const { request } = await createTestApi();
  await request('/v1/designs/some-name');
  const text = await (await request('/metrics')).text();
  expect(text).toContain(
    'slipway_http_request_duration_seconds_count{method="GET",route="/v1/designs/:design",status="404"} 1',
  );
  expect(text).toContain('slipway_operations{state="running"} 0');
  expect(text).not.toContain('some-name');
});

test('readiness tells which part does not answer', async () => {
  const { request } = await createTestApi();
  const ready = { status: 'ready', parts: { database: 'up', temporal: 'up' } };
  await expect.poll(async () => (await request('/readyz')).json(), { timeout: 60_000 }).toEqual(ready);
  const without = await createTestApi({ temporalAddress: '127.0.0.1:1' });
  const response = await without.request('/readyz');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'notReady', parts: { database: 'up', temporal: 'down' } });
});
