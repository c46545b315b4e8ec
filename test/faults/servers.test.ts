import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { operationSchema } from '../../domain/operation.ts';
import { waitFor } from '../installation/api-client.ts';
import { deployBody, follow, startDeploy, untilAtTheGate, untilSomeAreUp } from './drive.ts';
import { expectEachMadeOnce, expectExactly, expectOutageTold, expectWholeStory } from './expectations.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { freeze, openGate, restartControllers, thaw } from './obstacles.ts';
import { type Stage, startStage } from './stage.ts';
import { callWitness } from './witness.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

test('a Temporal server killed in mid-deploy, its database kept, delays the deploy and no more', async () => {
  const { slipway, temporal } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await untilSomeAreUp(slipway, deploy, fleet);
  await temporal.process.kill();
  await openGate(slipway.cluster, fleet);
  await temporal.process.start();
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'succeeded', error: null });
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

/** The outage that the cluster's users are promised to survive; nothing is waited for by it. */
const outageMs = 20_000;

test('an API killed right after it accepted a deploy has promised it, and who followed misses nothing', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await slipway.apiProcess.kill();
  await slipway.apiProcess.start();
  await untilAtTheGate(slipway, deploy, fleet);
  await slipway.apiProcess.kill();
  await openGate(slipway.cluster, fleet);
  await slipway.apiProcess.start();
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'succeeded', error: null });
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

test('a request repeated under its key, because the API was killed before it answered, starts one operation', async () => {
  const { slipway, temporal } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  await openGate(slipway.cluster, fleet);
  await slipway.api.putDesign(fleet.name, fleet.source);
  const key = randomUUID();
  freeze(temporal.process);
  const unanswered = postDeploy(fleet, key).catch(() => 'no answer');
  await waitFor(
    () => operationsOf(fleet),
    (operations) => operations.length > 0,
  );
  await slipway.apiProcess.kill();
  expect(await unanswered).toBe('no answer');
  thaw(temporal.process);
  await slipway.apiProcess.start();
  const answers = [await postDeploy(fleet, key), await postDeploy(fleet, key)];
  const [operation, again] = answers.map((answer) => operationSchema.parse(answer));
  if (operation === undefined) throw new Error('there is no answer');
  expect(again?.id).toBe(operation.id);
  expect((await operationsOf(fleet)).map(({ id }) => id)).toEqual([operation.id]);
  const deploy = follow(slipway, operation);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded', error: null });
  expect((await operationsOf(fleet)).map(({ id }) => id)).toEqual([operation.id]);
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

const operationPage = z.object({ items: z.array(operationSchema) });
const deploymentPage = z.object({ items: z.array(z.object({ id: z.string() })) });

/** One request, as it is: without patience for a server that is away. */
async function postDeploy(fleet: Fleet, key: string): Promise<unknown> {
  const { slipway } = stage;
  const response = await fetch(`${slipway.api.address}/v1/deployments`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${slipway.api.token}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(deployBody(slipway, fleet)),
  });
  return response.json();
}

async function operationsOf({ name }: Fleet) {
  const { api } = stage.slipway;
  const { items } = deploymentPage.parse(await api.get(`/v1/deployments?design=${name}`));
  const pages = await Promise.all(items.map(({ id }) => api.get(`/v1/deployments/${id}/operations`)));
  return pages.flatMap((page) => operationPage.parse(page).items);
}

test('a kube-apiserver that is gone for 20 s in mid-deploy fails no object', async () => {
  const { slipway, cluster } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await untilSomeAreUp(slipway, deploy, fleet);
  await cluster.components['kube-apiserver'].kill();
  await sleep(outageMs);
  await cluster.components['kube-apiserver'].start();
  await restartControllers(cluster);
  await untilAtTheGate(slipway, deploy, fleet);
  await openGate(slipway.cluster, fleet);
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'succeeded', error: null });
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
  await expectOutageTold(deploy);
});
