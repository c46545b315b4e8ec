import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { newRepository, serveRepository } from '../infra/model-source/git/git-server.ts';
import { startWebServer } from '../infra/model-source/web-server.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { brokerCrd, componentsOf, fixture, generate, meshSyncCrd, uploaded, versionsOf } from './generation-helpers.ts';
import { uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  const environment = { SLIPWAY_ALLOWED_SOURCES: '127.0.0.1' };
  slipway = await startInstallation({ temporal, cluster: inject('cluster'), environment });
});

afterAll(() => slipway.stop());

const dapr = 'registry/meshery__meshkit/samples/valid-helm.tgz';

/** A chart repository with one published chart, whose index says whether it has changed. */
async function serveChart(chart: Buffer) {
  const digest = createHash('sha256').update(chart).digest('hex');
  const index = `apiVersion: v1
entries:
  dapr:
    - apiVersion: v1
      appVersion: 1.14.0
      digest: ${digest}
      name: dapr
      urls:
        - charts/dapr-1.14.0.tgz
      version: 1.14.0
`;
  return startWebServer((request, response) => {
    if (request.url?.endsWith('.tgz') === true) response.end(chart);
    else if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else response.writeHead(200, { etag: '"1"' }).end(index);
  });
}

test('a chart of a repository: its kinds, and one request when it has not changed', async () => {
  const server = await serveChart(await fixture(dapr));
  const source = { kind: 'helm', repository: server.url, chart: 'dapr' };
  const { operation, reports } = await generate(slipway, [source]);
  expect(operation.error).toBeNull();
  expect(reports).toMatchObject([{ outcome: 'stored', models: [{ name: 'dapr', change: 'added' }] }]);
  expect(await componentsOf(slipway, 'dapr')).toEqual(
    expect.arrayContaining(['Component@dapr.io/v1alpha1', 'Subscription@dapr.io/v2alpha1']),
  );
  const asked = server.requests.length;
  expect((await generate(slipway, [source])).reports).toMatchObject([{ outcome: 'unchanged' }]);
  expect(server.requests.length - asked).toBe(1);
});

test('a chart as a file gives the same model as the chart of the repository', async () => {
  const { reports } = await generate(slipway, [await uploaded(slipway, dapr)]);
  expect(reports).toMatchObject([{ models: [{ name: 'dapr', change: 'unchanged' }] }]);
  expect(await versionsOf(slipway, 'dapr')).toHaveLength(1);
});

test('a Git repository: a tag, a path, and one request when the ref points where it did', async () => {
  const repository = await newRepository();
  await repository.commit({ 'config/crd/brokers.yaml': await fixture(brokerCrd), 'README.md': '# Operator' });
  await repository.git('tag', 'v0.1.0');
  const server = await serveRepository(repository);
  const name = uniqueName('operator');
  const source = { kind: 'git', url: `${server.url}/models.git`, path: 'config/crd', model: { name } };
  expect((await generate(slipway, [{ ...source, ref: 'v0.1.0' }])).reports).toMatchObject([
    { outcome: 'stored', models: [{ name, version: 'v0.1.0', change: 'added' }] },
  ]);
  const again = server.requests.length;
  expect((await generate(slipway, [{ ...source, ref: 'v0.1.0' }])).reports).toMatchObject([{ outcome: 'unchanged' }]);
  expect(server.requests.length - again).toBeLessThanOrEqual(2);
  await repository.commit({ 'config/crd/meshsyncs.yaml': await fixture(meshSyncCrd) });
  await repository.git('tag', 'v0.2.0');
  expect((await generate(slipway, [{ ...source, ref: 'v0.2.0' }])).reports).toMatchObject([
    { outcome: 'stored', models: [{ version: 'v0.2.0', change: 'added' }] },
  ]);
  expect(await componentsOf(slipway, `${name}@v0.2.0`)).toContain('MeshSync@meshery.io/v1alpha1');
});

test('a model pushed to a registry is the same when it comes back, and a second push sends nothing', async () => {
  const { address, guarded } = inject('registry');
  const name = uniqueName('pushed');
  await generate(slipway, [await uploaded(slipway, brokerCrd, { name, version: 'v1.0.0' })]);
  const reference = `oci://${address}/models/${name}`;
  const push = async (body: object) =>
    slipway.api.end(await slipway.api.start(`/v1/models/${encodeURIComponent(`${name}@v1.0.0`)}/push`, body));
  const first = await push({ reference });
  expect(first).toMatchObject({
    state: 'succeeded',
    error: null,
    result: { changed: true, reference: `${reference}:v1.0.0` },
  });
  expect(await push({ reference })).toMatchObject({ result: { ...first.result, changed: false } });
  const { reports } = await generate(slipway, [{ kind: 'oci', reference: `${reference}:v1.0.0` }]);
  expect(reports).toMatchObject([{ models: [{ name, version: 'v1.0.0', change: 'unchanged' }] }]);
  expect((await generate(slipway, [{ kind: 'oci', reference: `${reference}:v1.0.0` }])).reports).toMatchObject([
    { outcome: 'unchanged', modelCount: 0 },
  ]);

  const closed = `oci://${guarded.address}/models/${name}`;
  expect(await push({ reference: closed })).toMatchObject({ state: 'failed', error: { code: 'unauthenticated' } });
  const connection = uniqueName('guarded');
  const credential = { username: guarded.username, password: guarded.password };
  await slipway.api.post('/v1/connections', { kind: 'oci', name: connection, url: guarded.address, credential });
  expect(await push({ reference: closed, connection })).toMatchObject({ state: 'succeeded', error: null });
  const elsewhere = await push({ reference: `oci://${address}/models/${name}`, connection });
  expect(elsewhere).toMatchObject({ state: 'failed', error: { code: 'forbidden' } });
});

test('published sheets: models with their components, and one request a sheet when none has changed', async () => {
  const name = uniqueName('sheet');
  const contents: Readonly<Record<string, string>> = {
    '/models.csv': `registrant,modelDisplayName,model,category,subCategory,description,version
Github,Harbour,${name},Provisioning,Boats,All about boats,v1.2.0
`,
    '/components.csv': `registrant,model,component,category,description,version,schema
Github,${name},Boat,Provisioning,A boat,example.org/v1,"{""type"":""object"",""properties"":{""spec"":{""type"":""object""}}}"
`,
  };
  const server = await startWebServer(({ url = '', headers }, response) => {
    if (headers['if-none-match'] === `"${url}"`) response.writeHead(304).end();
    else response.writeHead(200, { etag: `"${url}"`, 'content-type': 'text/csv' }).end(contents[url]);
  });
  const source = { kind: 'csv', models: `${server.url}/models.csv`, components: `${server.url}/components.csv` };
  const { operation, reports } = await generate(slipway, [source]);
  expect(operation.error).toBeNull();
  expect(reports).toMatchObject([{ outcome: 'stored', models: [{ name, version: 'v1.2.0', change: 'added' }] }]);
  expect(await componentsOf(slipway, name)).toEqual(['Boat@example.org/v1']);
  expect((await generate(slipway, [source])).reports).toMatchObject([{ outcome: 'unchanged' }]);
  expect(server.requests).toHaveLength(4);
});

test('an exported package imports into an empty Slipway', async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  const other = await startInstallation({ temporal, cluster: inject('cluster') });
  try {
    const name = uniqueName('moved');
    await generate(slipway, [await uploaded(slipway, meshSyncCrd, { name, version: 'v1.0.0' })]);
    const exported = await download(slipway, `/v1/models/${name}/export?format=package`);
    const uploadId = await other.api.upload(`${name}.tar.gz`, exported);
    const { reports } = await generate(other, [{ kind: 'upload', uploadId }]);
    expect(reports).toMatchObject([{ outcome: 'stored', models: [{ name, version: 'v1.0.0', change: 'added' }] }]);
    const again = await download(other, `/v1/models/${name}/export?format=package`);
    expect(Buffer.compare(again, exported)).toBe(0);
  } finally {
    await other.stop();
  }
});

async function download({ api }: Installation, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(`${api.address}${path}`, { headers: { authorization: `Bearer ${api.token}` } });
  if (!answer.ok) throw new Error(z.string().parse(await answer.text()));
  return new Uint8Array(await answer.arrayBuffer());
}
