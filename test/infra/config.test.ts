import { expect, test } from 'vitest';
import { SlipwayError } from '../../domain/errors.ts';
import { isLoopback, loadConfig } from '../../infra/config.ts';

test('an empty environment gives a server on loopback with everything under one folder', () => {
  const config = loadConfig({ SLIPWAY_HOME: '/srv/slipway' });
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 4780,
    database: { url: 'file:/srv/slipway/data/slipway.db' },
    temporal: { address: '127.0.0.1:7233', namespace: 'default', tls: undefined },
    tokenFile: '/srv/slipway/token',
    masterKeyFile: '/srv/slipway/master.key',
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test('empty variables count as absent', () => {
  expect(loadConfig({ SLIPWAY_HOME: '/a', SLIPWAY_PORT: '', TEMPORAL_ADDRESS: '' }).port).toBe(4780);
});

test('every problem is told at once, by variable and without its value', () => {
  const environment = {
    SLIPWAY_PORT: '99999',
    DATABASE_URL: 'mysql://x',
    SLIPWAY_LOG_LEVEL: 'loud',
    SLIPWAY_TOKEN: 'secret',
  };
  const error = catchError(() => loadConfig(environment));
  expect(error).toMatchObject({ code: 'invalid' });
  expect(error.findings.map(({ path }) => path).toSorted()).toEqual(Object.keys(environment).toSorted());
  expect(JSON.stringify(error.findings)).not.toMatch(/secret|mysql|loud/);
});

test('a client certificate without its key is a problem', () => {
  const error = catchError(() => loadConfig({ TEMPORAL_TLS_CLIENT_CERT_PATH: '/a.pem' }));
  expect(error.findings).toMatchObject([{ path: 'TEMPORAL_TLS_CLIENT_KEY_PATH' }]);
});

test('TLS to Temporal is on when it is asked for, and with any of its files or an API key unless it is turned off', () => {
  expect(loadConfig({ TEMPORAL_TLS: 'true' }).temporal.tls).toEqual({});
  expect(loadConfig({ TEMPORAL_API_KEY: 'key' }).temporal.tls).toEqual({});
  expect(loadConfig({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' }).temporal.tls).toBeUndefined();
  expect(loadConfig({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/ca' }).temporal.tls).toMatchObject({
    serverCaCertPath: '/ca',
  });
  expect(loadConfig({ TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_NAME: 'a' }).temporal.tls).toBeUndefined();
});

test('allowed sources are hosts, hosts with a port, addresses and ranges', () => {
  const entries = ['charts.corp', 'localhost:5000', '127.0.0.1', '[::1]:8080', '::1', '10.0.0.0/8', 'fd00::/8'];
  expect(loadConfig({ SLIPWAY_ALLOWED_SOURCES: ` ${entries.join(' , ')},` }).allowedSources).toEqual(entries);
  expect(loadConfig({}).allowedSources).toEqual([]);
});

test.each([
  'https://charts.corp',
  'charts.corp/path',
  '10.0.0.0/33',
  '10.0.0.0/',
  'host:0',
  'host:99999',
  'a b',
  'u@host',
])('the allowed source "%s" is a problem of the configuration', (entry) => {
  const error = catchError(() => loadConfig({ SLIPWAY_ALLOWED_SOURCES: `ok,${entry}` }));
  expect(error.findings).toMatchObject([{ path: 'SLIPWAY_ALLOWED_SOURCES' }]);
});

test('only this machine reaches loopback', () => {
  expect(['127.0.0.1', '127.0.0.2', 'localhost', '::1', '0.0.0.0', '::', '10.0.0.1'].map(isLoopback)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});

function catchError(work: () => unknown) {
  try {
    work();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
