import { readFile } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../domain/operation.ts';
import { waitFor } from '../installation/api-client.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { configMap, manifests, namespace, uniqueName, unschedulable } from './manifests.ts';
import { readStream } from './read-stream.ts';

let slipway: Installation;
let road: Road;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  slipway = await startInstallation({ temporal, cluster: inject('cluster') });
  const text = await readFile(inject('cluster').kubeconfig, 'utf8');
  const server = new URL(slipway.cluster.server);
  road = await openRoad(Number(server.port));
  const kubeconfig = text.replaceAll(slipway.cluster.server, `https://127.0.0.1:${road.port}`);
  await slipway.api.post('/v1/connections', { name: 'far', kubeconfig });
});

afterAll(async () => {
  await road.close();
  await slipway.stop();
});

type Road = {
  readonly port: number;
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A way to the cluster that can be closed, as a network does: what goes over it breaks, and nobody listens at its end. */
async function openRoad(target: number): Promise<Road> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const listen = (port: number): Promise<void> => new Promise((done) => server.listen(port, '127.0.0.1', done));
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    open: () => listen(port),
    close: async () => {
      if (!server.listening) return;
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function startDeploy(name: string, source: string): Promise<Operation> {
  await slipway.api.putDesign(name, source);
  return slipway.api.start('/v1/deployments', { design: name, connection: 'far', options: {} });
}

async function undeploy({ deploymentId }: Operation): Promise<void> {
  const operation = await slipway.api.start(`/v1/deployments/${deploymentId}/undeploy`, { options: {} });
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded' });
}

async function untilHeldUp({ id }: Operation): Promise<Operation> {
  return waitFor(
    () => slipway.api.operation(id),
    ({ trouble }) => trouble !== null,
  );
}

/** What its live stream tells of the cluster, and of its states. */
async function storyOf({ id }: Operation): Promise<readonly string[]> {
  const entries = await readStream(slipway.api, id);
  return entries.flatMap(({ change }) => {
    if (change.type === 'operation') return [change.state];
    return change.type === 'trouble' ? [change.message === null ? 'answers' : 'no answer'] : [];
  });
}

const eventsSchema = z.object({ items: z.array(z.object({ severity: z.string(), description: z.string() })) });

test('a deploy to a cluster that does not answer says so, and goes on when it answers', async () => {
  const name = uniqueName('far');
  await road.close();
  const operation = await startDeploy(name, manifests(namespace(name), configMap(name, 'one')));
  const held = await untilHeldUp(operation);
  const message = expect.stringMatching(/^no answer from https:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*; trying again$/u);
  expect(held).toMatchObject({ state: 'running', progress: { phase: 'validate' }, trouble: { message } });
  const events = await waitFor(
    async () => eventsSchema.parse(await slipway.api.get(`/v1/events?operation=${operation.id}`)).items,
    (items) => items.length > 0,
  );
  expect(events).toMatchObject([{ severity: 'warning', description: expect.stringContaining('no answer from') }]);
  await road.open();
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded', trouble: null });
  expect(await storyOf(operation)).toEqual(['running', 'no answer', 'answers', 'succeeded']);
  await undeploy(operation);
});

test('a deploy that waits for a cluster that does not answer is cancelled at once, and undoes nothing', async () => {
  const name = uniqueName('far');
  await road.close();
  const operation = await startDeploy(name, manifests(namespace(name), configMap(name, 'one')));
  await untilHeldUp(operation);
  await slipway.api.post(`/v1/operations/${operation.id}/cancel`);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'cancelled', trouble: null });
  await road.open();
  expect(await storyOf(operation)).toEqual(['running', 'no answer', 'cancelled']);
});

test('a deploy that loses its cluster while objects become ready says so, and when it is back', async () => {
  const name = uniqueName('far');
  const operation = await startDeploy(name, manifests(namespace(name), unschedulable(name, 'web')));
  await slipway.api.steps(operation.id, (steps) => steps.some(({ state }) => state === 'applied'));
  await road.close();
  const held = await untilHeldUp(operation);
  expect(held).toMatchObject({ state: 'running', progress: { phase: 'apply' } });
  await road.open();
  await waitFor(
    () => slipway.api.operation(operation.id),
    ({ trouble }) => trouble === null,
  );
  await slipway.api.post(`/v1/operations/${operation.id}/cancel`);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'cancelled' });
  expect(await storyOf(operation)).toEqual(['running', 'no answer', 'answers', 'compensating', 'cancelled']);
});
