import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newRepository, serveRepository } from '../infra/model-source/git/git-server.ts';
import { startWebServer } from '../infra/model-source/web-server.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  const environment = { SLIPWAY_ALLOWED_SOURCES: '127.0.0.1' };
  slipway = await startInstallation({ temporal, cluster: inject('cluster'), environment });
});

afterAll(() => slipway.stop());

const credential = { username: 'ann', password: 'very-secret' };
const authorization = `Basic ${btoa('ann:very-secret')}`;

/** Registers a source and tries it; gives the operation and the connection afterwards. */
async function tried(source: object) {
  const name = uniqueName('source');
  await slipway.api.post('/v1/connections', { name, ...source });
  const operation = await slipway.api.end(await slipway.api.start(`/v1/connections/${name}/test`));
  return { operation, connection: await slipway.api.get(`/v1/connections/${name}`) };
}

test('a Git repository, a chart repository and a registry that let Slipway in are connected', async () => {
  const repository = await newRepository();
  await repository.commit({ 'model.json': '{}' });
  const git = await serveRepository(repository, { authorization });
  const helm = await startWebServer((_request, response) => void response.end('apiVersion: v1\nentries: {}\n'));
  const { guarded } = inject('registry');
  const sources = [
    { kind: 'git', url: `${git.url}/models.git`, credential },
    { kind: 'helm', url: helm.url },
    { kind: 'oci', url: guarded.address, credential: { username: guarded.username, password: guarded.password } },
  ];
  for (const source of sources) {
    const { operation, connection } = await tried(source);
    expect(operation).toMatchObject({ kind: 'connectionTest', state: 'succeeded', error: null });
    expect(connection).toMatchObject({ status: 'connected', version: null, message: null });
  }
});

test('a source that refuses the credential is disconnected, one that is not there not found; both say why', async () => {
  const refusing = await startWebServer((_request, response) => void response.writeHead(401).end());
  const refused = await tried({ kind: 'helm', url: refusing.url, credential });
  expect(refused.operation).toMatchObject({ state: 'failed', error: { fix: expect.stringContaining('credentials') } });
  const message = expect.stringContaining('answered 401');
  expect(refused.connection).toMatchObject({ status: 'disconnected', version: null, message });
  const missing = await tried({ kind: 'oci', url: '127.0.0.1:9' });
  expect(missing.operation).toMatchObject({ state: 'failed' });
  expect(missing.connection).toMatchObject({ status: 'not found', message: expect.stringContaining('127.0.0.1:9') });
  expect(JSON.stringify([refused, missing])).not.toContain('very-secret');
});

test('a cluster is still asked for its version', async () => {
  const operation = await slipway.api.end(await slipway.api.start('/v1/connections/cluster/test'));
  expect(operation).toMatchObject({ state: 'succeeded', result: { version: expect.stringMatching(/^v1\./) } });
});
