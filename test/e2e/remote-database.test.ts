import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { remoteKinds } from '../infra/database/remote-servers.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { configMap, deployment, manifests, namespace, uniqueName } from './manifests.ts';

async function homeOfAnother(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-other-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

async function undeploy({ api }: Installation, deploymentId: string | null | undefined) {
  return api.end(await api.start(`/v1/deployments/${deploymentId}/undeploy`, { options: {} }));
}

describe.each(await remoteKinds())('$name', ({ start }) => {
  test('an API and a worker that share only the database server deploy a design and take it out again', async () => {
    const server = await start();
    const workerHome = await homeOfAnother();
    const slipway = await startInstallation({
      temporal: inject('temporal'),
      cluster: inject('cluster'),
      environment: { DATABASE_URL: server.url, DATABASE_AUTH_TOKEN: server.authToken },
      workerEnvironment: { SLIPWAY_HOME: workerHome, HOME: workerHome },
    });
    onTestFinished(() => slipway.stop());

    const name = uniqueName('remote');
    await slipway.api.putDesign(name, manifests(namespace(name), configMap(name, 'a'), deployment(name, 'web')));
    const deployed = await slipway.api.end(
      await slipway.api.start('/v1/deployments', { design: name, connection: slipway.connection, options: {} }),
    );
    expect(deployed).toMatchObject({ state: 'succeeded' });
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'a' };
    expect(await slipway.cluster.find(reference)).toBeDefined();

    expect(await undeploy(slipway, deployed.deploymentId)).toMatchObject({ state: 'succeeded' });
    expect(await slipway.cluster.find({ apiVersion: 'v1', kind: 'Namespace', name })).toBeUndefined();
    for (const home of [slipway.home, workerHome]) expect(await readdir(home)).not.toContain('data');
    expect(slipway.exits).toEqual([]);
  });
});
