import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../domain/errors.ts';
import { createAddressGuard } from '../../../infra/model-source/address-guard.ts';

const strict = createAddressGuard({ allowed: [] });

describe('refused, whatever the spelling', () => {
  test.each([
    'http://127.0.0.1/',
    'http://127.8.9.10:8080/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://１２７.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::1]/',
    'http://[2002:7f00:1::]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://0.0.0.0/',
    'http://0/',
    'http://[::]/',
    'http://224.0.0.1/',
    'http://[ff02::1]/',
    'http://255.255.255.255/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
  ])('%s', (url) => {
    expect(() => strict.checkUrl(url)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  test.each([
    'file:///etc/passwd',
    'ftp://example.com/a',
    'gopher://example.com/',
    'data:text/plain,a',
    'ssh://git@a/b',
  ])('the scheme of %s', (url) => {
    expect(() => strict.checkUrl(url)).toThrow(expect.objectContaining({ code: 'forbidden' }));
  });

  test.each(['', 'charts', 'http://', 'http:///', 'http://[fe80::1%25eth0]/', 'http://a b/'])(
    '"%s" is no URL',
    (url) => {
      expect(() => strict.checkUrl(url)).toThrow(expect.objectContaining({ code: 'invalid' }));
    },
  );
});

test.each([
  'https://example.com/a?b=c',
  'http://8.8.8.8/',
  'http://172.32.0.1/',
  'http://[2606:4700::1]/',
  'http://[64:ff9b::808:808]/',
])('%s may be used', (url) => {
  expect(strict.checkUrl(url).href).toBe(url);
});

test('another scheme is accepted where it is asked for, and its host is checked in the same way', () => {
  expect(() => strict.checkUrl('ssh://git@0x7f.1/a.git', ['ssh:'])).toThrow(SlipwayError);
  expect(() => strict.checkUrl('ssh://git@[::ffff:10.0.0.1]/a.git', ['ssh:'])).toThrow(SlipwayError);
  expect(strict.checkUrl('ssh://git@example.com/a.git', ['ssh:']).protocol).toBe('ssh:');
});

describe('the configuration allows', () => {
  const guard = createAddressGuard({
    allowed: ['127.0.0.1:5000', '10.1.0.0/16', '[::1]:8080', 'fd00::/8', 'Charts.Corp', 'git.corp:2222'],
    addressesOf: async () => [{ address: '192.168.0.7', family: 4 }],
  });

  test.each([
    ['http://127.0.0.1:5000/', true],
    ['http://127.0.0.1:5001/', false],
    ['http://[::ffff:127.0.0.1]:5000/', true],
    ['http://10.1.2.3/', true],
    ['http://10.2.2.3/', false],
    ['http://[::1]:8080/', true],
    ['http://[::1]/', false],
    ['http://[fd12::1]/', true],
  ])('%s: %s', (url, allowed) => {
    if (allowed) expect(guard.checkUrl(url)).toBeInstanceOf(URL);
    else expect(() => guard.checkUrl(url)).toThrow(SlipwayError);
  });

  test.each([
    ['charts.corp', 80, true],
    ['charts.corp.', 443, true],
    ['git.corp', 2222, true],
    ['git.corp', 22, false],
    ['other.corp', 80, false],
  ])('the host %s on port %s: %s', async (host, port, allowed) => {
    const resolved = guard.resolve({ host, port });
    if (allowed) await expect(resolved).resolves.toEqual([{ address: '192.168.0.7', family: 4 }]);
    else await expect(resolved).rejects.toMatchObject({ code: 'forbidden' });
  });
});

test('the error names the address, the host and what to add where', async () => {
  const guard = createAddressGuard({
    allowed: [],
    addressesOf: async () => [{ address: '169.254.169.254', family: 4 }],
  });
  const error: unknown = await guard.resolve({ host: 'meta.example', port: 80 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('169.254.169.254 of meta.example'),
    fix: expect.stringMatching(/"meta\.example:80".*SLIPWAY_ALLOWED_SOURCES/),
  });
});

test('one refused address of several is enough to refuse the host', async () => {
  const addresses = [
    { address: '93.184.216.34', family: 4 },
    { address: '::ffff:10.0.0.1', family: 6 },
  ];
  const guard = createAddressGuard({ allowed: [], addressesOf: async () => addresses });
  await expect(guard.resolve({ host: 'mixed.example', port: 443 })).rejects.toMatchObject({ code: 'forbidden' });
});

test('an address in an odd spelling is refused as a host too', async () => {
  await expect(strict.resolve({ host: '0x7f.1', port: 22 })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(strict.resolve({ host: '[::1]', port: 22 })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(strict.resolve({ host: 'localhost', port: 22 })).rejects.toMatchObject({ code: 'forbidden' });
});

test('a host without addresses is not found', async () => {
  const guard = createAddressGuard({ allowed: [], addressesOf: async () => [] });
  await expect(guard.resolve({ host: 'gone.example', port: 443 })).rejects.toMatchObject({ code: 'notFound' });
});
