import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployCalmly, startDeploy, startUndeploy, untilAtTheGate, untilSomeAreUp, untilStep } from './drive.ts';
import {
  expectEachMadeOnce,
  expectExactly,
  expectNoneMadeTwice,
  expectNothing,
  expectWholeStory,
} from './expectations.ts';
import { createFleet, linkOf } from './fleet.ts';
import { holdDeletion, letGo, openGate } from './obstacles.ts';
import { type Stage, startStage } from './stage.ts';
import { callWitness } from './witness.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});

afterAll(() => stage.stop());

function onlyWorker() {
  const [worker] = stage.slipway.workers;
  if (worker === undefined) throw new Error('the stage has no worker');
  return worker;
}

test('a worker killed in mid-apply goes on at the frontier when it is back', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await untilSomeAreUp(slipway, deploy, fleet);
  await onlyWorker().kill();
  await onlyWorker().start();
  await untilAtTheGate(slipway, deploy, fleet);
  await onlyWorker().kill();
  await openGate(slipway.cluster, fleet);
  await onlyWorker().start();
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'succeeded', error: null });
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

test('a worker killed while it undoes a first deploy leaves nothing behind', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const held = linkOf(fleet, 6);
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await untilAtTheGate(slipway, deploy, fleet);
  await holdDeletion(slipway.cluster, held);
  await slipway.api.post(`/v1/operations/${deploy.operation.id}/cancel`);
  await untilStep(slipway, deploy.operation, { reference: held, states: ['deleting'] });
  await onlyWorker().kill();
  await letGo(slipway.cluster, held);
  await onlyWorker().start();
  expect(await slipway.api.end(deploy.operation)).toMatchObject({
    state: 'cancelled',
    error: { code: 'cancelled' },
    result: {},
  });
  await expectNothing(slipway, deploy, fleet);
  expectNoneMadeTwice(witness);
  await expectWholeStory(slipway, deploy);
});

test('a worker killed in mid-rollback brings back the revision before, object by object', async () => {
  const { slipway } = stage;
  const before = createFleet();
  await deployCalmly(slipway, before);
  const witness = await callWitness(slipway.cluster, before);
  const after = createFleet({
    name: before.name,
    version: '2',
    additions: ['added-1', 'added-2', 'added-3'],
    stuck: true,
  });
  const held = { ...linkOf(before, 1), name: 'added-2' };
  const deploy = await startDeploy(slipway, after);
  await untilStep(slipway, deploy.operation, { reference: linkOf(after, 30), states: ['ready'] });
  await untilStep(slipway, deploy.operation, { reference: held, states: ['ready'] });
  await holdDeletion(slipway.cluster, held);
  await slipway.api.post(`/v1/operations/${deploy.operation.id}/cancel`);
  await untilStep(slipway, deploy.operation, { reference: held, states: ['deleting'] });
  await onlyWorker().kill();
  await letGo(slipway.cluster, held);
  await onlyWorker().start();
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'cancelled', result: {} });
  await expectExactly(slipway, deploy, before);
  expectNoneMadeTwice(witness);
  await expectWholeStory(slipway, deploy);
});

test('a worker killed in mid-undeploy finishes it when it is back', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await deployCalmly(slipway, fleet);
  const held = linkOf(fleet, 6);
  await holdDeletion(slipway.cluster, held);
  const undeploy = await startUndeploy(slipway, deploy);
  await untilStep(slipway, undeploy.operation, { reference: linkOf(fleet, 20), states: ['gone'] });
  await onlyWorker().kill();
  await onlyWorker().start();
  await untilStep(slipway, undeploy.operation, { reference: held, states: ['deleting'] });
  await onlyWorker().kill();
  await letGo(slipway.cluster, held);
  await onlyWorker().start();
  expect(await slipway.api.end(undeploy.operation)).toMatchObject({
    state: 'succeeded',
    result: { orphans: [], kept: [] },
  });
  await expectNothing(slipway, undeploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, undeploy);
});
