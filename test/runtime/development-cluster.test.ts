import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:https';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { startDevelopmentCluster, type DevelopmentCluster } from '../../infra/runtime/development-cluster.ts';
import { provision } from '../../infra/runtime/provision.ts';
import { openStateDirectory, type StateDirectory } from '../../infra/runtime/state-directory.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { isAlive, until } from './process-probe.ts';

const kubeconfig = z.object({
  clusters: z.tuple([
    z.object({ cluster: z.object({ server: z.string(), 'certificate-authority-data': z.string() }) }),
  ]),
  users: z.tuple([z.object({ user: z.object({ token: z.string() }) })]),
});

const folder = await makeTemporaryFolder();
let state: StateDirectory;
let cluster: DevelopmentCluster;

async function start(): Promise<DevelopmentCluster> {
  const options = { environment: process.env, onProgress: () => {} };
  return startDevelopmentCluster({
    state,
    programs: { controlPlane: await provision('slipway-cluster', options), kwok: await provision('kwok', options) },
    onUnexpectedExit: (exit) => {
      throw new Error(`${exit.name} ${exit.how}`);
    },
  });
}

beforeAll(async () => {
  state = await openStateDirectory(folder.path);
  cluster = await start();
});

afterAll(async () => {
  await cluster.stop();
  await folder.remove();
});

/** Sends one request with the rights of the kubeconfig and gives the answer's status and body. */
async function call(method: 'GET' | 'POST', path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const config = kubeconfig.parse(JSON.parse(await readFile(cluster.kubeconfig, 'utf8')));
  const { server, 'certificate-authority-data': authority } = config.clusters[0].cluster;
  const dispatcher = new Agent({ connect: { ca: Buffer.from(authority, 'base64') } });
  const response = await request(`${server}${path}`, {
    dispatcher,
    method,
    headers: { authorization: `Bearer ${config.users[0].user.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.body.text();
  const answer = { status: response.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text };
  await dispatcher.close();
  return answer;
}

async function create(path: string, body: object): Promise<void> {
  expect(await call('POST', path, body)).toMatchObject({ status: 201 });
}

const leaseList = z.object({ items: z.array(z.object({ spec: z.object({ holderIdentity: z.string() }) })) });

/** Who simulates the nodes. */
async function leaseHolders(): Promise<readonly string[]> {
  const { body } = await call('GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases');
  return leaseList.parse(body).items.map(({ spec }) => spec.holderIdentity);
}

/** Waits until the object at `path` looks like `shape`. */
async function becomes(path: string, shape: z.ZodType): Promise<void> {
  await until(async () => shape.safeParse((await call('GET', path)).body).success);
}

const podTemplate = (app: string): object => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image: 'registry.example/main:1' }] },
});

test('the kubeconfig is for its user only and names a loopback address', async () => {
  expect((await stat(cluster.kubeconfig)).mode & 0o777).toBe(0o600);
  expect(cluster.kubeconfig.startsWith(folder.path)).toBe(true);
  expect(cluster.server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/u);
});

test('a StatefulSet with volumes becomes ready: claims are bound and pods run', async () => {
  await create('/apis/apps/v1/namespaces/default/statefulsets', {
    metadata: { name: 'store' },
    spec: {
      serviceName: 'store',
      replicas: 2,
      selector: { matchLabels: { app: 'store' } },
      template: podTemplate('store'),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  });
  await becomes(
    '/apis/apps/v1/namespaces/default/statefulsets/store',
    z.object({ status: z.object({ readyReplicas: z.literal(2) }) }),
  );
  await becomes(
    '/api/v1/namespaces/default/persistentvolumeclaims/data-store-1',
    z.object({ status: z.object({ phase: z.literal('Bound') }) }),
  );
});

test('a Job completes, a load balancer and an Ingress get an address', async () => {
  await create('/apis/batch/v1/namespaces/default/jobs', {
    metadata: { name: 'once' },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'main' }] } } },
  });
  await create('/api/v1/namespaces/default/services', {
    metadata: { name: 'front' },
    spec: { type: 'LoadBalancer', selector: { app: 'store' }, ports: [{ port: 80 }] },
  });
  await create('/apis/networking.k8s.io/v1/namespaces/default/ingresses', {
    metadata: { name: 'front' },
    spec: { defaultBackend: { service: { name: 'front', port: { number: 80 } } } },
  });
  const hasAddress = z.object({
    status: z.object({ loadBalancer: z.object({ ingress: z.array(z.unknown()).min(1) }) }),
  });
  await becomes(
    '/apis/batch/v1/namespaces/default/jobs/once',
    z.object({ status: z.object({ succeeded: z.literal(1), completionTime: z.string() }) }),
  );
  await becomes('/api/v1/namespaces/default/services/front', hasAddress);
  await becomes('/apis/networking.k8s.io/v1/namespaces/default/ingresses/front', hasAddress);
});

test('an aggregated API on this machine is proxied, with the front proxy named to it', async () => {
  const seen: unknown[] = [];
  const certificates = join(folder.path, 'data', 'cluster', 'certificates');
  const server = createServer(
    {
      key: await readFile(join(certificates, 'apiserver.key')),
      cert: await readFile(join(certificates, 'apiserver.crt')),
    },
    (incoming, response) => {
      seen.push(incoming.headers['x-remote-user'] ?? 'nobody');
      response
        .setHeader('content-type', 'application/json')
        .end('{"kind":"APIResourceList","groupVersion":"ships.example/v1","resources":[]}');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await create('/api/v1/namespaces/default/services', {
    metadata: { name: 'ships' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
  });
  await create('/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: 'v1.ships.example' },
    spec: {
      group: 'ships.example',
      version: 'v1',
      groupPriorityMinimum: 100,
      versionPriority: 10,
      insecureSkipTLSVerify: true,
      service: { name: 'ships', namespace: 'default', port },
    },
  });
  await until(async () => (await call('GET', '/apis/ships.example/v1')).status === 200);
  expect(seen).toContain('slipway-admin');
  server.closeAllConnections();
  server.close();
});

test('an API server that is killed comes back at the same address with everything that was stored', async () => {
  const apiserver = cluster.components['kube-apiserver'];
  const first = apiserver.pid();
  await create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'kept' } });
  await apiserver.kill();
  await expect(call('GET', '/readyz')).rejects.toThrow();
  await apiserver.start();
  expect(apiserver.pid()).not.toBe(first);
  expect((await call('GET', '/api/v1/namespaces/default/configmaps/kept')).status).toBe(200);
});

test('a cluster that was stopped leaves no process and finds its data, address and credentials again', async () => {
  const before = { server: cluster.server, kubeconfig: await readFile(cluster.kubeconfig, 'utf8') };
  const pids = Object.values(cluster.components).map((component) => component.pid() ?? 0);
  await create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'for-later' } });
  await cluster.stop();
  expect(pids.filter(isAlive)).toEqual([]);
  cluster = await start();
  expect({ server: cluster.server, kubeconfig: await readFile(cluster.kubeconfig, 'utf8') }).toEqual(before);
  expect((await call('GET', '/api/v1/namespaces/default/configmaps/for-later')).status).toBe(200);
});

test('a cluster that starts again does not wait out the leases that the simulator before held on its nodes', async () => {
  await until(async () => (await leaseHolders()).length > 0);
  const before = await leaseHolders();
  await cluster.stop();
  cluster = await start();
  expect((await leaseHolders()).filter((holder) => before.includes(holder))).toEqual([]);
});
