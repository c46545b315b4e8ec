import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAddressGuard } from '../../../../infra/model-source/address-guard.ts';
import { type ChartQuery, downloadChart, findChart } from '../../../../infra/model-source/helm/repository.ts';
import { createWebClient, type WebClient } from '../../../../infra/model-source/web-client.ts';
import { testScratch } from '../scratch-folder.ts';
import { startWebServer } from '../web-server.ts';

const robotShop = join(
  import.meta.dirname,
  '../../../fixtures/designs/meshery-extensions__meshery-mcp-server/github/samples/robot-shop-1.1.0.tgz',
);

function webClient(): WebClient {
  const web = createWebClient({ guard: createAddressGuard({ allowed: ['127.0.0.0/8'] }), retryForMs: 0 });
  onTestFinished(() => web.close());
  return web;
}

type Version = { readonly version: string; readonly urls?: readonly string[]; readonly digest?: string };

/** An index as "helm repo index" writes it. */
function index(charts: Readonly<Record<string, readonly Version[]>>): string {
  const entry = (name: string, { version, urls = [`${name}-${version}.tgz`], digest }: Version) =>
    [
      '  - annotations:',
      '      category: Infrastructure',
      '    apiVersion: v2',
      '    dependencies:',
      '    - name: common',
      '      version: 9.9.9',
      '    description: |-',
      '      entries:',
      '      version: 8.8.8',
      `    digest: ${digest ?? ''}`,
      `    name: ${name}`,
      '    urls:',
      ...urls.map((url) => `    - ${url}`),
      `    version: ${version}`,
    ].join('\n');
  const lists = Object.entries(charts).map(([name, versions]) =>
    [`  ${name}:`, ...versions.map((version) => entry(name, version))].join('\n'),
  );
  return `apiVersion: v1\nentries:\n${lists.join('\n')}\ngenerated: "2024-01-01T00:00:00Z"\n`;
}

async function find(text: string | Buffer, query: Partial<ChartQuery> = {}) {
  const server = await startWebServer((_request, response) => response.end(text));
  const base = { repository: `${server.url}/charts`, chart: 'web', into: await testScratch() };
  return { server, found: await findChart(webClient(), { ...base, ...query }).catch((error: unknown) => error) };
}

const versions = ['1.0.0', '2.0.0-rc.1', '1.10.0', 'v1.2.0', '1.9.9'].map((version) => ({ version }));

describe('the version of a chart', () => {
  test.each([
    [undefined, '1.10.0'],
    ['1.0.0', '1.0.0'],
    ['1.2.0', 'v1.2.0'],
    ['v1.10.0', '1.10.0'],
    ['^1', '1.10.0'],
    ['~1.2', 'v1.2.0'],
    ['>=1.0.0, <1.10', '1.9.9'],
    ['>=2.0.0-0', '2.0.0-rc.1'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
  ])('for %s is %s', async (version, expected) => {
    const { found } = await find(index({ a: [{ version: '7.0.0' }], web: versions, z: [{ version: '8.0.0' }] }), {
      version,
    });
    expect(found).toMatchObject({ changed: true, version: expected });
  });

  test('is as it is written, also where YAML would read a number', async () => {
    const { found } = await find(index({ web: [{ version: '1.9' }, { version: '1.10' }] }));
    expect(found).toMatchObject({ version: '1.10' });
  });

  test('is the newest of all where none is stable', async () => {
    const { found } = await find(index({ web: [{ version: '0.1.0-alpha.2' }, { version: '0.1.0-alpha.10' }] }));
    expect(found).toMatchObject({ version: '0.1.0-alpha.10' });
  });

  test('that is not there is not found, and the error names those that are', async () => {
    const { found } = await find(index({ web: versions }), { version: '^3' });
    expect(found).toMatchObject({ code: 'notFound', message: /"\^3"/, fix: /1\.10\.0/ });
  });

  test('of a chart that is not there is not found, with a guess', async () => {
    expect((await find(index({ web: versions }), { chart: 'wbe' })).found).toMatchObject({
      code: 'notFound',
      fix: /"web"/,
    });
    expect((await find(index({ web: versions }), { chart: 'generated' })).found).toMatchObject({ code: 'notFound' });
  });
});

/** An index with a chart as others are written, and one in another way. */
const inFlowStyle = (chart: string): string =>
  `entries:\n  other:\n  - name: other\n    version: 7.0.0\n    urls: [a.tgz]\n${chart}\n`;

const list = '  web:\n  - name: web\n    version: 1.10.0\n    urls: [web-1.10.0.tgz]';

describe('an index', () => {
  const text = index({ web: versions });

  test.each([
    ['packed', gzipSync(text)],
    ['with Windows line ends', text.replaceAll('\n', '\r\n')],
    ['with lists as deep as their keys indented more', text.replaceAll(/^ {2}(?= |-)/gm, '      ')],
    ['with quoted keys', text.replace('entries:', '"entries":').replace('  web:', "  'web':")],
    ['as JSON', JSON.stringify({ entries: { web: [{ name: 'web', version: '1.10.0', urls: ['web-1.10.0.tgz'] }] } })],
    ['with versions in flow style', inFlowStyle('  web:\n  - {name: web, version: 1.10.0, urls: [web-1.10.0.tgz]}')],
    ['with charts in flow style', inFlowStyle('  web: [{name: web, version: 1.10.0, urls: [web-1.10.0.tgz]}]')],
    [
      'with lists on lines of their own',
      inFlowStyle('  web:\n    [{name: web, version: 1.10.0, urls: [web-1.10.0.tgz]}]'),
    ],
    ['with another chart in flow style', `${inFlowStyle(list)}  z: [{name: z, version: 9.0.0, urls: [z.tgz]}]\n`],
    ['in flow style', '{entries: {web: [{name: web, version: 1.10.0, urls: [web-1.10.0.tgz]}]}}'],
  ])('%s is read', async (_how, content) => {
    const { server, found } = await find(content);
    expect(found).toMatchObject({ version: '1.10.0', url: `${server.url}/charts/web-1.10.0.tgz` });
  });

  test.each([
    ['is a page', '<!DOCTYPE html><html><body>Hello</body></html>', 'invalid'],
    ['is empty', '', 'invalid'],
    ['has no charts', 'entries: {}', 'notFound'],
    ['has an entry without URLs', 'entries:\n  web:\n  - name: web\n    version: 1.0.0\n', 'invalid'],
    ['has a broken entry', 'entries:\n  web:\n  - version: 1.0.0\n    name: "we\n', 'invalid'],
    ['is JSON that is cut off', '{"entries": {"web": [', 'invalid'],
    ['is packed and cut off', gzipSync(index({ a: versions, web: versions })).subarray(0, 60), 'invalid'],
  ])('that %s is refused', async (_how, content, code) => {
    expect((await find(content)).found).toMatchObject({ code, fix: /./ });
  });

  test('that is a web page is called one', async () => {
    const page = '<!doctype html>\n<html>\n<p>Log in: here</p>\n</html>\n';
    expect((await find(page)).found).toMatchObject({ message: expect.stringMatching(/it is a web page$/) });
  });

  test('that has not changed costs one request', async () => {
    const server = await startWebServer((request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"a"' ? 304 : 200, { etag: '"a"' }).end(text),
    );
    const query = { repository: server.url, chart: 'web', into: await testScratch() };
    const first = await findChart(webClient(), query);
    expect(first).toMatchObject({ changed: true, etag: '"a"' });
    expect(await findChart(webClient(), { ...query, previous: { etag: '"a"' } })).toEqual({ changed: false });
    expect(server.requests).toHaveLength(2);
  });

  test('of 20 MB is read without parsing the other charts', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 650 }, (_chart, at) => [
        `chart-${at}`,
        Array.from({ length: 120 }, (_version, minor) => ({ version: `1.${minor}.0` })),
      ]),
    );
    const large = index({ ...many, web: versions });
    expect(large.length).toBeGreaterThan(20_000_000);
    expect((await find(gzipSync(large, { level: 1 }))).found).toMatchObject({ version: '1.10.0' });
  });
});

const at = async (url: string) => find(index({ web: [{ version: '1.0.0', urls: [url] }] }));

describe('the address of a chart', () => {
  test('is relative to the repository', async () => {
    const { server, found } = await at('../other/web-1.0.0.tgz');
    expect(found).toMatchObject({ url: `${server.url}/other/web-1.0.0.tgz` });
  });

  test.each(['https://example.com/web-1.0.0.tgz', 'oci://example.com/charts/web:1.0.0'])(
    'may be elsewhere: %s',
    async (url) => {
      expect((await at(url)).found).toMatchObject({ url });
    },
  );
});

async function repository(digest: string, chartServer?: string) {
  const chart = await readFile(robotShop);
  const server = await startWebServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) response.end(chart);
    else response.end(index({ web: [{ version: '1.0.0', digest, urls: [`${chartServer ?? '.'}/web.tgz`] }] }));
  });
  const credential = { username: 'me', password: 'hidden' };
  const query = { repository: server.url, chart: 'web', into: await testScratch(), credential };
  const found = await findChart(webClient(), query);
  if (!found.changed) throw new Error('unchanged');
  const downloaded = await downloadChart(webClient(), found, query).catch((error: unknown) => error);
  return { server, downloaded };
}

describe('a chart is downloaded', () => {
  test('with the digest that the index states, and with the credential', async () => {
    const digest = createHash('sha256')
      .update(await readFile(robotShop))
      .digest('hex');
    const { server, downloaded } = await repository(digest);
    expect(downloaded).toMatchObject({ changed: true, digest, bytes: 5_958 });
    const authorization = `Basic ${Buffer.from('me:hidden').toString('base64')}`;
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([authorization, authorization]);
  });

  test('from elsewhere without the credential', async () => {
    const other = await startWebServer((_request, response) => response.end('chart'), '127.0.0.2');
    const { downloaded } = await repository('', other.url);
    expect(downloaded).toMatchObject({ changed: true });
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('and refused where it has another digest', async () => {
    expect((await repository('f'.repeat(64))).downloaded).toMatchObject({ code: 'failed', message: /not the one/ });
  });
});
