import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Operation } from '../../domain/operation.ts';
import { componentsOf, reportsOf, startGeneration, versionsOf } from '../e2e/generation-helpers.ts';
import { uniqueName } from '../e2e/manifests.ts';
import { startWebServer } from '../infra/model-source/web-server.ts';
import { waitFor } from '../installation/api-client.ts';
import { type Stage, startStage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ environment: { SLIPWAY_ALLOWED_SOURCES: '127.0.0.1' } });
});

afterAll(() => stage.stop());

function onlyWorker() {
  const [worker] = stage.slipway.workers;
  if (worker === undefined) throw new Error('the stage has no worker');
  return worker;
}

/** Definitions of so many kinds, as one file: enough that storing them takes a while. */
const kindCounts = [400, 20, 150, 1, 60, 250] as const;

function definitions(index: number): string {
  const group = `cargo-${index}.example.com`;
  const count = kindCounts[index] ?? 1;
  return Array.from({ length: count }, (_, number) => definition(group, `Crate${index}x${number}`)).join('---\n');
}

function definition(group: string, kind: string): string {
  const plural = `${kind.toLowerCase()}s`;
  const fields = Array.from({ length: 30 }, (_, field) => `field${field}: { type: string, description: "of ${kind}" }`);
  return `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.${group} }
spec:
  group: ${group}
  scope: Namespaced
  names: { kind: ${kind}, plural: ${plural} }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { ${fields.join(', ')} } } } } }
`;
}

/** Serves the sources; `hold` keeps the answers back until they are let go. */
async function serveCargo({ hold = false }: { readonly hold?: boolean } = {}) {
  const gate = Promise.withResolvers<void>();
  if (!hold) gate.resolve();
  const server = await startWebServer(async (request, response) => {
    await gate.promise;
    response.end(definitions(Number(/\d+/.exec(request.url ?? '')?.[0])));
  });
  return { ...server, letGo: () => gate.resolve() };
}

type Batch = { readonly operation: Operation; readonly names: readonly string[] };

async function startBatch(address: string): Promise<Batch> {
  const names = kindCounts.map((_, index) => uniqueName(`cargo-${index}`));
  const sources = names.map((name, index) => ({
    kind: 'url',
    url: `${address}/cargo-${index}.yaml`,
    model: { name, version: 'v1.0.0' },
  }));
  return { names, operation: await startGeneration(stage.slipway, sources) };
}

/** Everything is in the registry once and as a whole, it is said so once, and nothing is left of the tries before. */
async function expectWholeCargo({ operation, names }: Batch): Promise<void> {
  const { slipway } = stage;
  const ended = await slipway.api.end(operation);
  expect(ended).toMatchObject({ state: 'succeeded', error: null, result: { stored: names.length, failed: 0 } });
  const reports = await reportsOf(slipway, operation);
  expect(reports.map(({ models }) => models.map(({ name, change }) => `${name} ${change}`))).toEqual(
    names.map((name) => [`${name} added`]),
  );
  for (const [index, name] of names.entries()) {
    expect((await versionsOf(slipway, name)).map(({ revision }) => revision)).toEqual([1]);
    expect((await componentsOf(slipway, name)).length).toBe(kindCounts[index]);
  }
  expect(await countStaged()).toBe(0);
  const events = z.object({ items: z.array(z.unknown()) });
  expect(events.parse(await slipway.api.get(`/v1/events?operation=${operation.id}`)).items).toHaveLength(1);
}

async function countStaged(): Promise<number> {
  const client = createClient({ url: `file:${join(stage.slipway.home, 'data', 'slipway.db')}` });
  try {
    const { rows } = await client.execute("select count(*) as staged from models where state = 'staged'");
    return z.object({ staged: z.number() }).parse(rows[0]).staged;
  } finally {
    client.close();
  }
}

async function killAndStart(): Promise<void> {
  await onlyWorker().kill();
  await onlyWorker().start();
}

test('nobody kills it', async () => {
  await expectWholeCargo(await startBatch((await serveCargo()).url));
});

test('a worker killed while it fetches reads the sources again', async () => {
  const cargo = await serveCargo({ hold: true });
  const batch = await startBatch(cargo.url);
  await waitFor(
    async () => cargo.requests.length,
    (count) => count >= 4,
  );
  await onlyWorker().kill();
  cargo.letGo();
  await onlyWorker().start();
  await expectWholeCargo(batch);
});

test('a worker killed while it stores begins that source anew', async () => {
  const batch = await startBatch((await serveCargo()).url);
  await waitFor(countStaged, (count) => count > 0);
  await killAndStart();
  await expectWholeCargo(batch);
});

test('a worker killed when a part of the batch is done leaves that part alone', async () => {
  const batch = await startBatch((await serveCargo()).url);
  await stage.slipway.api.steps(batch.operation.id, (steps) => steps.some(({ state }) => state === 'ready'));
  await killAndStart();
  await expectWholeCargo(batch);
});

test.each([100, 400, 900, 1_600])('a worker killed after %i ms loses and doubles nothing', async (delayMs) => {
  const batch = await startBatch((await serveCargo()).url);
  await sleep(delayMs);
  await killAndStart();
  await expectWholeCargo(batch);
});

test('a worker that is killed again and again leaves no folder of a source behind', async () => {
  const cargo = await serveCargo({ hold: true });
  const batch = await startBatch(cargo.url);
  for (const seen of [1, 5]) {
    await waitFor(
      async () => cargo.requests.length,
      (count) => count >= seen,
    );
    await killAndStart();
  }
  cargo.letGo();
  await expectWholeCargo(batch);
  await killAndStart();
  const left = await waitFor(
    () => readdir(join(stage.slipway.home, 'scratch')).catch(() => []),
    (names) => names.length === 0,
  );
  expect(left).toEqual([]);
});

test('a source that is away is tried again and again, and it is said how often', async () => {
  const source = { kind: 'url', url: 'http://127.0.0.1:9/nothing.yaml' };
  const operation = await stage.slipway.api.end(await startGeneration(stage.slipway, [source]));
  expect(operation).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
  expect(operation.error?.message).toMatch(/\(tried \d+ times\)$/);
});
