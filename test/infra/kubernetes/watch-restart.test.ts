import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ClusterClient, createClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { type DevelopmentCluster, startDevelopmentCluster } from '../../../infra/runtime/development-cluster.ts';
import { provision } from '../../../infra/runtime/provision.ts';
import { openStateDirectory } from '../../../infra/runtime/state-directory.ts';

const quiet = { onProgress: () => undefined, environment: process.env };
const type = { apiVersion: 'v1', kind: 'ConfigMap' };
const selection = { namespace: 'default', labelSelector: 'set=restart' };

async function startCluster(): Promise<DevelopmentCluster> {
  const home = mkdtempSync(join(tmpdir(), 'slipway-restart-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const state = await openStateDirectory(home);
  const programs = { controlPlane: await provision('slipway-cluster', quiet), kwok: await provision('kwok', quiet) };
  const cluster = await startDevelopmentCluster({ state, programs, onUnexpectedExit: () => undefined });
  onTestFinished(cluster.stop);
  return cluster;
}

function connect({ kubeconfig, context }: DevelopmentCluster): ClusterClient {
  const client = createClusterClient({ kubeconfig: readFileSync(kubeconfig, 'utf8'), context, trusted: true });
  onTestFinished(client.close);
  return client;
}

async function applyConfigMap(client: ClusterClient, name: string, value: string): Promise<void> {
  const metadata = { name, namespace: 'default', labels: { set: 'restart' } };
  await client.apply({ ...type, metadata, data: { value } }, { fieldManager: 'slipway' });
}

/** What a watcher believes to exist. */
type View = {
  readonly values: Map<string, unknown>;
  readonly interruptions: () => number;
  readonly done: Promise<void>;
};

function follow(client: ClusterClient, signal: AbortSignal): View {
  const values = new Map<string, unknown>();
  let interruptions = 0;
  const done = client.watch(type, { ...selection, signal }, (event) => {
    if (event.type === 'interrupted') interruptions += 1;
    if (event.type === 'deleted') values.delete(event.object.metadata.name);
    if (event.type === 'added' || event.type === 'modified')
      values.set(event.object.metadata.name, event.object['data']);
  });
  return { values, interruptions: () => interruptions, done };
}

test('a watch outlives a killed API server and misses nothing, and writes sent meanwhile land', async () => {
  const cluster = await startCluster();
  const apiServer = cluster.components['kube-apiserver'];
  const watcher = connect(cluster);
  const writer = connect(cluster);
  const controller = new AbortController();
  const view = follow(watcher, controller.signal);
  for (const name of ['kept', 'changed', 'gone']) await applyConfigMap(writer, name, 'before');
  await expect.poll(() => view.values.size).toBe(3);

  await apiServer.kill();
  const writes = [applyConfigMap(writer, 'changed', 'after'), applyConfigMap(writer, 'new', 'after')];
  await expect.poll(view.interruptions, { timeout: 10_000 }).toBeGreaterThan(0);
  await apiServer.start();
  await Promise.all(writes);
  await writer.delete({ ...type, namespace: 'default', name: 'gone' });

  const expected = { kept: { value: 'before' }, changed: { value: 'after' }, new: { value: 'after' } };
  await expect.poll(() => Object.fromEntries(view.values), { timeout: 30_000 }).toEqual(expected);
  controller.abort();
  await view.done;
});

test('a watch tells what happened while it could not reach the API server', async () => {
  const cluster = await startCluster();
  const client = connect(cluster);
  for (const name of ['kept', 'gone']) await applyConfigMap(client, name, 'before');
  const { resourceVersion } = await client.list(type, selection);
  await client.delete({ ...type, namespace: 'default', name: 'gone' });
  await applyConfigMap(client, 'kept', 'after');
  await cluster.components['kube-apiserver'].kill();
  await cluster.components['kube-apiserver'].start();

  const controller = new AbortController();
  const told: string[] = [];
  await client.watch(type, { ...selection, resourceVersion, signal: controller.signal }, (event) => {
    if ('object' in event) told.push(`${event.type} ${event.object.metadata.name}`);
    if (told.some((line) => line.endsWith('kept'))) controller.abort();
  });
  expect(told.at(-1)).toMatch(/(added|modified) kept/);
});
