import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Operation, operationSchema } from '../../domain/operation.ts';
import type { SupervisedProcess } from '../../infra/runtime/process.ts';
import { ProblemError, waitFor } from '../installation/api-client.ts';
import { deployBody, follow, startDeploy, untilAtTheGate, untilSomeAreUp } from './drive.ts';
import { expectEachMadeOnce, expectExactly, expectWholeStory } from './expectations.ts';
import { createFleet } from './fleet.ts';
import { openGate, terminate } from './obstacles.ts';
import { type Stage, startStage } from './stage.ts';
import { callWitness } from './witness.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ workerCount: 2 });
});

afterAll(() => stage.stop());

test('of two workers one is killed, and the other goes on with its work', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await untilSomeAreUp(slipway, deploy, fleet);
  const victim = await workerOn(deploy.operation);
  await victim.kill();
  await openGate(slipway.cluster, fleet);
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'succeeded', error: null });
  expect(victim.pid()).toBeUndefined();
  await victim.start();
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

test('a worker told to end by SIGTERM hands its work over and exits with 0', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  const deploy = await startDeploy(slipway, fleet);
  await untilAtTheGate(slipway, deploy, fleet);
  const leaving = await workerOn(deploy.operation);
  terminate(leaving);
  const exits = await waitFor(
    async () => slipway.exits,
    ({ length }) => length > 0,
  );
  expect(exits).toEqual([expect.objectContaining({ name: leaving.name, how: 'ended with code 0' })]);
  expect(await slipway.api.operation(deploy.operation.id)).toMatchObject({ state: 'running' });
  await openGate(slipway.cluster, fleet);
  expect(await slipway.api.end(deploy.operation)).toMatchObject({ state: 'succeeded', error: null });
  await leaving.start();
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

test('of twenty deploys of one deployment at once one is accepted, and the others name it', async () => {
  const { slipway } = stage;
  const fleet = createFleet();
  const witness = await callWitness(slipway.cluster, fleet);
  await slipway.api.putDesign(fleet.name, fleet.source);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      slipway.api.post('/v1/deployments', deployBody(slipway, fleet)).catch((error: unknown) => error),
    ),
  );
  const refusals = answers.filter((answer) => answer instanceof ProblemError);
  const accepted = answers
    .filter((answer) => !(answer instanceof ProblemError))
    .map((answer) => operationSchema.parse(answer));
  expect([accepted.length, refusals.length]).toEqual([1, 19]);
  const [operation] = accepted;
  if (operation === undefined) throw new Error('none was accepted');
  expect(refusals.filter(({ status, message }) => status !== 409 || !message.includes(operation.id))).toEqual([]);
  const deploy = follow(slipway, operation);
  await openGate(slipway.cluster, fleet);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded', error: null });
  await expectExactly(slipway, deploy, fleet);
  expectEachMadeOnce(witness, fleet);
  await expectWholeStory(slipway, deploy);
});

/** The worker that does the operation's work now, as Temporal knows it. */
async function workerOn({ deploymentId }: Operation): Promise<SupervisedProcess> {
  const { address, namespace } = stage.temporal;
  const connection = await Connection.connect({ address });
  try {
    const execution = { workflowId: `deployment/${deploymentId}` };
    const { pendingActivities } = await connection.workflowService.describeWorkflowExecution({ namespace, execution });
    const identities = pendingActivities.map(({ lastWorkerIdentity }) => lastWorkerIdentity);
    const worker = stage.slipway.workers.find(({ pid }) => identities.includes(`${pid()}@${hostname()}`));
    if (worker === undefined) throw new Error(`no worker of the stage is among ${identities.join(', ')}`);
    return worker;
  } finally {
    await connection.close();
  }
}
