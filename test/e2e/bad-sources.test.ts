import { createClient } from '@libsql/client';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import type { SourceReport } from '../../domain/registry/generation.ts';
import { tar } from '../infra/design-source/tar.ts';
import { zip } from '../infra/design-source/zip.ts';
import { newRepository, serveRepository } from '../infra/model-source/git/git-server.ts';
import { startWebServer } from '../infra/model-source/web-server.ts';
import { type ProblemError, waitFor } from '../installation/api-client.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { allModels, generate, startGeneration } from './generation-helpers.ts';
import { uniqueName } from './manifests.ts';

let slipway: Installation;
let temporal: { readonly address: string; readonly namespace: string };
let before: Readonly<Record<string, number>>;
let foldersBefore: readonly string[];

/** Never to be seen outside the vault. */
const secret = `bollard-${randomBytes(8).toString('hex')}`;

beforeAll(async () => {
  temporal = await createTemporalNamespace(inject('temporal').address);
  const environment = { SLIPWAY_ALLOWED_SOURCES: '127.0.0.1' };
  slipway = await startInstallation({ temporal, cluster: inject('cluster'), environment });
});

afterAll(() => slipway.stop());

beforeEach(async () => {
  before = await stored();
  foldersBefore = await slipwayFolders();
});

/** What a bad source must not add to. */
const tables = [
  'registrants',
  'definitions',
  'attachments',
  'attachment_chunks',
  'models',
  'model_members',
  'components',
  'relationships',
  'generated_models',
  'model_sources',
] as const;

async function stored(): Promise<Readonly<Record<string, number>>> {
  const counts = await Promise.all(tables.map(async (table) => [table, await rowsOf(table)] as const));
  return Object.fromEntries(counts);
}

async function rowsOf(table: string): Promise<number> {
  const client = createClient({ url: `file:${join(slipway.home, 'data', 'slipway.db')}` });
  try {
    return Number((await client.execute(`select count(*) from ${table}`)).rows[0]?.[0]);
  } finally {
    client.close();
  }
}

/** Folders of Slipway below the system's own for temporary files; tests make those of other names. */
async function slipwayFolders(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) =>
    /^slipway-(helm|chart|git|scratch|source|render|kustom)/.test(name),
  );
}

async function expectNothingLeft(): Promise<void> {
  expect(await stored()).toEqual(before);
  expect(await readdir(join(slipway.home, 'scratch')).catch(() => [])).toEqual([]);
  expect((await slipwayFolders()).filter((name) => !foldersBefore.includes(name))).toEqual([]);
}

/** What was wrong, as people read it: the error, and the findings where there are several. */
function told({ outcome, error, findings }: SourceReport): string {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const places = errors.map(({ code, file, line, path, message }) =>
    [code, file, line, path, message].filter((part) => part !== undefined).join(' '),
  );
  return [outcome, error?.code, error?.message, ...places].join('\n');
}

type Bad = { readonly what: string; readonly source: object; readonly says: RegExp; readonly code?: string };

/** All of them in one operation: each fails by its own reason, each says what to do, and nothing of any is left. */
async function expectRefused(bad: readonly Bad[]): Promise<void> {
  const { operation, reports } = await generate(
    slipway,
    bad.map(({ source }) => source),
  );
  expect(operation).toMatchObject({ state: 'failed', error: { fix: expect.any(String) } });
  const said = Object.fromEntries(reports.map((report, index) => [bad[index]?.what, told(report)]));
  expect(said).toEqual(Object.fromEntries(bad.map(({ what, says }) => [what, expect.stringMatching(says)])));
  const codes = reports.map(({ error }, index) => [bad[index]?.what, error?.code]);
  expect(codes).toEqual(bad.map(({ what, code = 'invalid' }) => [what, code]));
  expect(reports.filter(({ error }) => (error?.fix ?? '') === '')).toEqual([]);
  await expectNothingLeft();
}

async function upload(name: string, content: string | Buffer): Promise<object> {
  return { kind: 'upload', uploadId: await slipway.api.upload(name, new Uint8Array(Buffer.from(content))) };
}

type File = readonly [what: string, name: string, content: string | Buffer, says: RegExp];

async function expectFilesRefused(files: readonly File[]): Promise<void> {
  const bad: Bad[] = [];
  for (const [what, name, content, says] of files) bad.push({ what, source: await upload(name, content), says });
  await expectRefused(bad);
}

const widget = crd({ type: 'object', properties: { spec: { type: 'object' } } });

/** A definition of a kind that is right but for its schema or names. */
function crd(schema: object, names: object = {}, group = 'bad.example.com'): string {
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } };
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `widgets.${group}` },
    spec: { group, scope: 'Namespaced', names: { kind: 'Widget', plural: 'widgets', ...names }, versions: [version] },
  });
}

const spec = (schema: object): string => crd({ type: 'object', properties: { spec: schema } });

/** A definition in Meshery's format, of a kind whose spec has the schema. */
function component(schema: object): string {
  const definitions = { a: { $ref: '#/definitions/b' }, b: { $ref: '#/definitions/a' } };
  return JSON.stringify({
    schemaVersion: 'components.meshery.io/v1beta1',
    version: 'v1.0.0',
    displayName: 'Widget',
    model: { name: 'bad-model', version: 'v1.0.0', model: { version: 'v1.0.0' } },
    component: {
      kind: 'Widget',
      version: 'bad.example.com/v1',
      schema: JSON.stringify({ type: 'object', properties: { spec: schema }, definitions }),
    },
  });
}

const packed = (files: Readonly<Record<string, string | Buffer>>): Buffer =>
  gzipSync(tar(Object.entries(files).map(([path, content]) => ({ path, content }))));

const chart = (files: Readonly<Record<string, string>>): Buffer => {
  const all = {
    'Chart.yaml': 'apiVersion: v2\nname: bad-chart\nversion: 1.0.0\n',
    'crds/widgets.json': widget,
    ...files,
  };
  return packed(Object.fromEntries(Object.entries(all).map(([path, content]) => [`bad-chart/${path}`, content])));
};

const link = (type: 'SymbolicLink' | 'Link'): Buffer =>
  gzipSync(
    tar([
      { path: 'a.json', content: widget },
      { path: 'l.yaml', type, linkpath: '/etc/passwd' },
    ]),
  );

/** Each level stands for nine of the one below. */
const laughs = Array.from({ length: 12 }, (_, level) => {
  const below = level === 0 ? 'lol' : `*a${level - 1}`;
  return `a${level}: &a${level} [${Array.from({ length: 9 }, () => below).join(',')}]`;
}).join('\n');

describe('files that are sent', () => {
  test('archives that leave their folder, link, explode, hold too many files or end early', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => [`f${index}.yaml`, `a: ${index}`] as const);
    const bomb = tar(
      Array.from({ length: 8 }, (_, index) => ({ path: `${index}`, content: Buffer.alloc(15_000_000) })),
    );
    const passwd = Buffer.from('/etc/passwd');
    await expectFilesRefused([
      [
        'a path upwards',
        'a.tgz',
        packed({ 'a.json': widget, '../../etc/b.json': widget }),
        /"\.\.\/\.\.\/etc\/b.json", which leaves it/,
      ],
      ['an absolute path', 'a.tgz', packed({ '/etc/a.json': widget }), /"\/etc\/a.json", which leaves it/],
      [
        'a path upwards in a zip',
        'a.zip',
        zip([{ path: '..\\a.json', content: Buffer.from(widget) }]),
        /which leaves it/,
      ],
      ['a symbolic link', 'a.tgz', link('SymbolicLink'), /"l.yaml", which is a symbolic link/],
      ['a hard link', 'a.tgz', link('Link'), /"l.yaml", which is a hard link/],
      ['a link in a zip', 'a.zip', zip([{ path: 'l', content: passwd, mode: 0o120777 }]), /"l", which is a link/],
      ['a bomb', 'a.tgz', gzipSync(bomb), /unpacks to more than/],
      ['a bomb in an archive', 'a.tar', tar([{ path: 'in.tgz', content: gzipSync(bomb) }]), /unpacks to more than/],
      ['a packed bomb', 'a.yaml.gz', gzipSync(Buffer.alloc(100_000_000)), /unpacks to more than 16777216 bytes/],
      ['10,000 files', 'a.tgz', packed(Object.fromEntries(many)), /more than 5000 entries/],
      [
        'half a tar',
        'a.tgz',
        packed({ a: randomBytes(100_000) }).subarray(0, 50_000),
        /cannot be read: unexpected end of file/,
      ],
      [
        'half a zip',
        'a.zip',
        zip([{ path: 'a', content: randomBytes(9_000) }]).subarray(0, 4_000),
        /cannot be read: .*truncated/,
      ],
      [
        'a lie about the size',
        'a.zip',
        zip([{ path: 'a', content: Buffer.alloc(99_999), statedSize: 5 }]),
        /too many bytes/,
      ],
    ]);
  });

  test('texts that are broken, too deep, multiply or are no texts', async () => {
    await expectFilesRefused([
      ['broken YAML', 'a.yaml', `${widget}\n---\nkind: [\n`, /yaml.syntax a.yaml 4 /],
      ['a YAML bomb', 'a.yaml', laughs, /more than 2000000 values/],
      ['deep YAML', 'a.yaml', '['.repeat(20_000) + ']'.repeat(20_000), /more than 100 deep/],
      ['deep JSON', 'a.json', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, /more than 100 deep/],
      [
        'huge JSON',
        'a.tgz',
        packed({ 'a.json': Buffer.from(`"${randomBytes(8_500_000).toString('hex')}"`) }),
        /"a.json" has 17000002 bytes/,
      ],
      ['a NUL', 'a.yaml', 'kind: a\0b\n', /a.yaml:1: .*control character U\+0000/],
      ['no text', 'a.bin', randomBytes(1_000), /neither UTF-8 text nor an archive/],
      ['a key twice', 'a.yaml', 'kind: a\nkind: b\n', /a.yaml:2: .*"kind" stands twice/],
      ['a web page', 'a.tgz', '<!doctype html><html><body>Sign in</body></html>', /a.tgz: This is a web page/],
      ['a web page of a file', 'a.yaml', '\n<html lang="en">a: b: c</html>', /a.yaml: This is a web page/],
      ['nothing', 'a.tgz', gzipSync(tar([])), /holds nothing that a model/],
    ]);
  });

  test('definitions of kinds that no cluster would take', async () => {
    const good = Array.from({ length: 450 }, (_, index) => crd({ type: 'object' }, { kind: `Widget${index}` }));
    await expectFilesRefused([
      [
        'no type',
        'a.json',
        spec({ description: 'no type' }),
        /a.json, spec.versions\[0\].*properties.spec: A type is missing/,
      ],
      [
        'a pattern that is open',
        'a.json',
        spec({ type: 'string', pattern: '(' }),
        /properties.spec.pattern: .*a "\(" is not closed/,
      ],
      [
        'two unknown types in one',
        'a.json',
        spec({ type: 'object', properties: { a: { type: 'one' }, b: { type: 'two' } } }),
        /(the only entity|1 of \d entities) in a.json is wrong/,
      ],
      ['an unknown type', 'a.json', spec({ type: 'strnig' }), /"strnig" is no type of a schema/],
      ['a reference', 'a.json', spec({ type: 'object', $ref: '#/definitions/x' }), /"\$ref" is not accepted/],
      [
        'a kind that is a path',
        'a.json',
        crd({ type: 'object' }, { kind: '../../Wid get' }),
        /a.json: ..\/..\/Wid get@bad.example.com\/v1 is no kind/,
      ],
      [
        'a kind that steers terminals',
        'a.json',
        crd({ type: 'object' }, { kind: '\u001b[2JWidget' }),
        /a.json: \u{fffd}\[2JWidget@bad.example.com\/v1 is no kind/u,
      ],
      [
        'a group that is none',
        'a.json',
        crd({ type: 'object' }, {}, 'bad_group/..'),
        /Widget@bad_group\/..\/v1 is no kind/,
      ],
      [
        'a reference to nothing',
        'a.json',
        component({ $ref: '#/definitions/none' }),
        /properties.spec.\$ref .* leads to "#\/definitions\/none", which is not in it/,
      ],
      [
        'a reference to a machine',
        'a.json',
        component({ $ref: 'http://169.254.169.254/latest' }),
        /leads to "http:\/\/169.254.169.254\/latest", which is not in it/,
      ],
      [
        'references in a circle',
        'a.json',
        component({ $ref: '#/definitions/a' }),
        /properties.spec.\$ref .* leads back to itself/,
      ],
      [
        'a schema beyond all bounds',
        'a.json',
        component({ type: 'string', description: 'x'.repeat(5_500_000) }),
        /5500\d\d\d characters; at most 4194304/,
      ],
      [
        'the last of many',
        'a.yaml',
        [...good, spec({ type: 'strnig' })].join('\n---\n'),
        /a.yaml:901, .*"strnig" is no type/,
      ],
    ]);
  });

  test('tables with other columns, open quotes or no text', async () => {
    await expectFilesRefused([
      ['other columns', 'a.csv', 'foo,bar\n1,2\n', /a.csv: None of the first 3 rows names the columns/],
      [
        'an open quote',
        'a.csv',
        'registrant,model,component,version\nx,"y,z,1\n',
        /a.csv:2: A quote is opened here and not closed/,
      ],
      ['no text', 'a.csv', randomBytes(5_000), /a.csv: This is not a text/],
      [
        'a broken schema',
        'a.csv',
        'model,component,version,schema\nb,Widget,v1,"{b"\n',
        /a.csv:2, .*schema of Widget is not a JSON object/,
      ],
    ]);
  });

  test('charts that cannot be templated or read', async () => {
    const [name, templates] = ['bad-chart-1.0.0.tgz', 'templates/a.yaml'];
    const loop = '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}';
    const needs = 'dependencies: [{name: none, version: 1.0.0, repository: "http://169.254.169.254"}]';
    const head = 'apiVersion: v2\nname: bad-chart\nversion: 1.0.0\n';
    await expectFilesRefused([
      [
        'a failure',
        name,
        chart({ [templates]: 'a: 1\n{{ fail "no master" }}\n' }),
        /bad-chart\/templates\/a.yaml:2:\d+\): no master/,
      ],
      [
        'a broken template',
        name,
        chart({ [templates]: 'a: {{ if }}\n' }),
        /bad-chart\/templates\/a.yaml:1.*missing value for if/,
      ],
      [
        'a template that multiplies',
        name,
        chart({ [templates]: '{{ range until 20000 }}{{ repeat 20000 "lots of text " }}{{ end }}' }),
        /helm was stopped: it took more than (1024 MiB of memory|30 s)/,
      ],
      ['a template without end', name, chart({ [templates]: loop }), /error calling include/],
      [
        'a missing dependency',
        name,
        chart({ 'Chart.yaml': `${head}${needs}\n` }),
        /missing in charts\/ directory: none/,
      ],
      ['no name', name, chart({ 'Chart.yaml': 'version: 1\n' }), /bad-chart\/Chart.yaml, name: The field name/],
      ['broken values', name, chart({ 'values.yaml': 'a: [\n' }), /bad-chart\/values.yaml:2: /],
    ]);
  });
});

const leading = async (location: string) =>
  (await startWebServer((_request, response) => void response.writeHead(302, { location }).end())).url;
const chartIndex = (url: string): string =>
  `apiVersion: v1\nentries:\n  a:\n    - name: a\n      version: 1.0.0\n      apiVersion: v2\n      urls:\n        - ${url}\n`;

const repositoryWith = async (url: string) =>
  (await startWebServer((_request, response) => void response.end(chartIndex(url)))).url;

describe('addresses', () => {
  test.each([
    'http://127.0.0.2/a',
    'http://2130706434/a',
    'http://[::1]/a',
    'http://0.0.0.0/a',
    'http://10.0.0.1/a',
    'http://169.254.169.254/latest/meta-data',
    'http://[::ffff:169.254.169.254]/a',
    'http://[fd00:ec2::254]/a',
  ])('of machines that are nobody’s business are refused in every kind of source: %s', async (url) => {
    const { host } = new URL(url);
    const [says, code] = [/is refused: it is .*/, 'forbidden'] as const;
    await expectRefused([
      { what: 'url', source: { kind: 'url', url }, says, code },
      { what: 'helm', source: { kind: 'helm', repository: url, chart: 'a' }, says, code },
      { what: 'git', source: { kind: 'git', url: `${url}.git` }, says, code },
      { what: 'oci', source: { kind: 'oci', reference: `oci://${host}/a/b:1` }, says, code },
      { what: 'csv', source: { kind: 'csv', models: url }, says, code },
    ]);
  });

  test('that lead elsewhere are followed no further than allowed', async () => {
    const realm = 'Bearer realm="http://169.254.169.254/token",service="x"';
    const registry = await startWebServer(
      (_request, response) => void response.writeHead(401, { 'www-authenticate': realm }).end(),
    );
    const code = 'forbidden';
    await expectRefused([
      {
        what: 'metadata',
        source: { kind: 'url', url: await leading('http://169.254.169.254/a') },
        says: /169.254.169.254 is refused/,
        code,
      },
      {
        what: 'a file',
        source: { kind: 'url', url: await leading('file:///etc/passwd') },
        says: /not fetched by file: URLs/,
        code,
      },
      {
        what: 'itself',
        source: { kind: 'url', url: await leading('/') },
        says: /more than 5 redirects/,
        code: 'failed',
      },
      {
        what: 'a chart',
        source: { kind: 'helm', repository: await repositoryWith('http://169.254.169.254/a.tgz'), chart: 'a' },
        says: /169.254.169.254 is refused/,
        code,
      },
      {
        what: 'a chart file',
        source: { kind: 'helm', repository: await repositoryWith('file:///etc/passwd'), chart: 'a' },
        says: /file:/,
        code,
      },
      {
        what: 'tokens',
        source: { kind: 'oci', reference: `oci://${registry.address}/a/b:1` },
        says: /token server 169.254.169.254/,
        code: 'failed',
      },
      {
        what: 'a command',
        source: { kind: 'git', url: 'ext::sh -c "touch /tmp/slipway-owned"' },
        says: /ext: is no way/,
      },
      { what: 'a folder', source: { kind: 'git', url: 'file:///etc' }, says: /file: is no way/ },
      {
        what: 'an option',
        source: { kind: 'git', url: 'http://127.0.0.1:1/a.git', ref: '--upload-pack=touch' },
        says: /no name of a branch/,
      },
      {
        what: 'a path upwards',
        source: { kind: 'git', url: 'http://127.0.0.1:1/a.git', path: '../../etc' },
        says: /is no path in a repository/,
      },
    ]);
  });

  test.each([
    ['file:', { kind: 'url', url: 'file:///etc/passwd' }],
    ['a password in a URL', { kind: 'url', url: `https://me:${secret}@example.com/a.yaml` }],
    ['a password for Git', { kind: 'git', url: `https://me:${secret}@example.com/a.git` }],
    ['a token for Git', { kind: 'git', url: `https://${secret}@example.com/a.git` }],
    ['a password over SSH', { kind: 'git', url: `ssh://me:${secret}@example.com/a.git` }],
    ['a password for a registry', { kind: 'oci', reference: `oci://me:${secret}@example.com/a:1` }],
    ['a name with odd characters', { kind: 'url', url: 'http://127.0.0.1/a', model: { name: '../a\u0000b' } }],
  ])('with %s are refused with the request', async (_what, source) => {
    const error = await startGeneration(slipway, [source]).catch((reason: ProblemError) => reason);
    expect(error).toMatchObject({ status: 400, findings: [{ path: expect.stringMatching(/^body.sources\[0\]/) }] });
    expect(JSON.stringify(error)).not.toContain(secret);
    await expectNothingLeft();
  });
});

const served = async (answer: Parameters<typeof startWebServer>[0], path = '/a.yaml') =>
  `${(await startWebServer(answer)).url}${path}`;

describe('servers', () => {
  test('that refuse, lie, say too much or want a password', async () => {
    const guarded = inject('registry').guarded.address;
    const connection = uniqueName('wrong');
    const credential = { username: 'harbour', password: secret };
    await slipway.api.post('/v1/connections', { kind: 'oci', name: connection, url: guarded, credential });
    const closed = await serveRepository(await newRepository(), { authorization: 'Basic x' });
    const denied = await served(
      (_request, response) => void response.writeHead(403).end(secret),
      `/a.yaml?sig=${secret}`,
    );
    const large = await served((_request, response) => {
      response.writeHead(200, { 'content-length': '999999999' });
      response.write('a');
    });
    const bomb = await served(
      (_request, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(99_000_000))),
    );
    await expectRefused([
      {
        what: 'a closed page',
        source: { kind: 'url', url: denied },
        says: /answered 403 to GET .*sig=…/,
        code: 'forbidden',
      },
      {
        what: 'too much',
        source: { kind: 'url', url: large },
        says: /more than the 268435456 bytes/,
        code: 'tooLarge',
      },
      { what: 'a packed bomb', source: { kind: 'url', url: bomb }, says: /unpacks to more than/ },
      {
        what: 'a closed registry',
        source: { kind: 'oci', reference: `oci://${guarded}/a/b:1` },
        says: /asks who wants a\/b/,
        code: 'unauthenticated',
      },
      {
        what: 'a wrong password',
        source: { kind: 'oci', reference: `oci://${guarded}/a/b:1`, connection },
        says: /refuse/,
        code: 'unauthenticated',
      },
      {
        what: 'a closed repository',
        source: { kind: 'git', url: `${closed.url}/models.git` },
        says: /asks for a password/,
        code: 'unauthenticated',
      },
      {
        what: 'a repository of a gigabyte',
        source: { kind: 'git', url: await gigabyte() },
        says: /more than the 536870912 bytes/,
        code: 'tooLarge',
      },
    ]);
  });

  test.each([
    ['answers 429', 429],
    ['answers 500', 500],
    ['stops halfway', 200],
  ])('one that %s is asked again, and cancelling leaves nothing', async (_what, status) => {
    const server = await startWebServer((_request, response) => {
      response.writeHead(status, { 'content-length': '500' });
      response.write('apiVersion: v1\n', () => response.destroy());
    });
    const operation = await startGeneration(slipway, [{ kind: 'url', url: `${server.url}/a.yaml` }]);
    await waitFor(
      async () => server.requests.length,
      (count) => count > 1,
    );
    await slipway.api.post(`/v1/operations/${operation.id}/cancel`);
    expect(await slipway.api.end(operation)).toMatchObject({ state: 'cancelled' });
    await waitFor(
      () => readdir(join(slipway.home, 'scratch')),
      (names) => names.length === 0,
    );
    await expectNothingLeft();
  });
});

/** One blob of 16 MB under 64 names: little to fetch, and a gigabyte of files. */
async function gigabyte(): Promise<string> {
  const repository = await newRepository();
  await repository.commit({ 'a.yaml': Buffer.alloc(16_000_000, 'a: 1\n') });
  const blob = await repository.git('rev-parse', 'HEAD:a.yaml');
  const names = Array.from({ length: 64 }, (_, index) => ['--cacheinfo', `100644,${blob},f${index}.yaml`]);
  await repository.git('update-index', '--add', ...names.flat());
  await repository.git('commit', '-q', '-m', 'cargo');
  return `${(await serveRepository(repository)).url}/models.git`;
}

test('an upload that stops halfway leaves nothing', async () => {
  const uploads = [await rowsOf('uploads'), await rowsOf('upload_chunks')];
  const { address, token } = slipway.api;
  const headers = {
    authorization: `Bearer ${token}`,
    'content-length': '9000000',
    'content-type': 'application/octet-stream',
  };
  const sending = request(`${address}/v1/uploads?fileName=a.tgz`, { method: 'POST', headers });
  sending.on('error', () => {});
  sending.write(randomBytes(3_000_000));
  await waitFor(
    () => rowsOf('upload_chunks'),
    (count) => count > (uploads[1] ?? 0),
  );
  sending.destroy();
  await waitFor(
    () => rowsOf('upload_chunks'),
    (count) => count === uploads[1],
  );
  expect(await rowsOf('uploads')).toBe(uploads[0]);
});

test('no password and no part of a signed address is in an event, a log or a history', async () => {
  const logs = (await readdir(slipway.home)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(logs.map((name) => readFile(join(slipway.home, name), 'utf8')));
  const events = JSON.stringify(await slipway.api.get('/v1/events?limit=1000'));
  const connection = await Connection.connect({ address: temporal.address });
  onTestFinished(() => connection.close());
  const { workflow } = new Client({ connection, namespace: temporal.namespace });
  const histories: string[] = [];
  for await (const { workflowId } of workflow.list())
    histories.push(JSON.stringify(await workflow.getHandle(workflowId).fetchHistory()));
  expect(histories.length).toBeGreaterThan(0);
  expect(texts.join('\n')).toContain('"msg"');
  expect([...texts, events, ...histories].filter((text) => text.includes(secret))).toEqual([]);
  expect(slipway.exits).toEqual([]);
  const models = (await allModels(slipway)).filter(({ name }) => /bad|widget/i.test(name));
  expect(models).toEqual([]);
});
