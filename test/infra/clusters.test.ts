import { readFile } from 'node:fs/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createClusters } from '../../infra/clusters.ts';
import { createConnection, replaceCredential } from '../../infra/database/connections.ts';
import type { Database } from '../../infra/database/database.ts';
import { flattenKubeconfig } from '../../infra/kubernetes/kubeconfig.ts';
import { testDatabase } from './database/database-fixture.ts';

async function openClusters(database: Database) {
  const clusters = createClusters(database);
  onTestFinished(() => clusters.close());
  return clusters;
}

test('a replaced credential is used from the next opening on, and who works with the one before goes on', async () => {
  const { text, server } = flattenKubeconfig(await readFile(inject('cluster').kubeconfig, 'utf8'), { trusted: true });
  const database = await testDatabase();
  const refused = text.replace(/"user":\{.*?\}/, '"user":{"token":"nobody"}');
  const { id } = await createConnection(database, { name: 'prod', server, credential: text });
  const clusters = await openClusters(database);
  const before = await clusters.open(id);
  expect(await clusters.open(id)).toBe(before);
  await before.version();

  await replaceCredential(database, { id, credential: refused });
  const between = await clusters.open(id);
  await expect(between.list({ apiVersion: 'v1', kind: 'Namespace' })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
  expect((await before.list({ apiVersion: 'v1', kind: 'Namespace' })).objects.length).toBeGreaterThan(0);

  await replaceCredential(database, { id, credential: text });
  const after = await clusters.open(id);
  expect((await after.list({ apiVersion: 'v1', kind: 'Namespace' })).objects.length).toBeGreaterThan(0);
});

test('a connection that is no cluster is not opened as one', async () => {
  const database = await testDatabase();
  const git = { name: 'models', kind: 'git', server: 'https://git.example.com/a', credential: '{}' } as const;
  const { id } = await createConnection(database, git);
  const clusters = await openClusters(database);
  await expect(clusters.open(id)).rejects.toMatchObject({ code: 'invalid', details: { kind: 'git' } });
});
