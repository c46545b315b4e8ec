import type { LambdaEvent } from 'hono/aws-lambda';
import { join } from 'node:path';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { handler } from '../../api/lambda.ts';
import { designSource, temporaryFolder, token } from './api-fixture.ts';

afterEach(() => vi.unstubAllEnvs());

function gatewayEvent(
  method: string,
  path: string,
  {
    body,
    query = '',
    headers = {},
  }: {
    body?: string;
    query?: string;
    headers?: Record<string, string>;
  } = {},
): LambdaEvent {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: { host: 'abc.execute-api.eu-west-1.amazonaws.com', authorization: `Bearer ${token}`, ...headers },
    body: body ?? null,
    isBase64Encoded: false,
    requestContext: {
      accountId: '1',
      apiId: 'abc',
      authentication: null,
      authorizer: {},
      domainName: 'abc.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'abc',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'id',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:00:00:00 +0000',
      timeEpoch: 0,
    },
  };
}

test('the API answers as a function behind API Gateway v2', async () => {
  vi.stubEnv('SLIPWAY_MASTER_KEY', Buffer.alloc(32, 7).toString('base64'));
  vi.stubEnv('SLIPWAY_LOG_LEVEL', 'silent');
  vi.stubEnv('DATABASE_URL', `file:${join(await temporaryFolder(), 'slipway.db')}`);
  vi.stubEnv('TEMPORAL_ADDRESS', inject('temporal').address);

  await expect(handler(gatewayEvent('GET', '/healthz'))).rejects.toThrow('SLIPWAY_TOKEN');
  vi.stubEnv('SLIPWAY_TOKEN', token);
  const created = await handler(
    gatewayEvent('POST', '/v1/designs', {
      body: designSource('shop', 'settings'),
      headers: { 'content-type': 'application/yaml' },
    }),
  );
  expect(created).toMatchObject({ statusCode: 201, headers: { etag: '"1"' } });
  const list = await handler(gatewayEvent('GET', '/v1/designs', { query: 'limit=1' }));
  expect(list).toMatchObject({ statusCode: 200, body: expect.stringContaining('"name":"shop"') });
  const stranger = await handler(gatewayEvent('GET', '/v1/designs', { headers: { authorization: '' } }));
  expect(stranger).toMatchObject({
    statusCode: 401,
    body: expect.stringContaining('urn:slipway:problem:unauthenticated'),
  });
  expect(await handler(gatewayEvent('GET', '/readyz'))).toMatchObject({ statusCode: 200 });
});
