import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { eventSchema } from '../../domain/event.ts';
import type { ObjectReference } from '../../domain/kubernetes-object.ts';
import type { Operation } from '../../domain/operation.ts';
import { waitFor } from '../installation/api-client.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { configMap, manifests, namespace, uniqueName } from './manifests.ts';

const finalizer = 'example.com/nobody-serves-it';

let slipway: Installation;

beforeAll(async () => {
  slipway = await startInstallation({ temporal: inject('temporal'), cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

type Held = { readonly operation: Operation; readonly name: string; readonly reference: ObjectReference };

/** An undeploy that waits for a ConfigMap whose finalizer nobody serves, and has said so. */
async function undeployHeld(timeoutSeconds = 600): Promise<Held> {
  const name = uniqueName('held');
  await slipway.api.putDesign(name, manifests(namespace(name), configMap(name, 'held'), configMap(name, 'free')));
  const target = { design: name, connection: slipway.connection };
  const deployed = await slipway.api.end(await slipway.api.start('/v1/deployments', target));
  expect(deployed.state).toBe('succeeded');
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'held' };
  await setFinalizers(reference, [finalizer, 'example.com/other']);
  const path = `/v1/deployments/${deployed.deploymentId}/undeploy`;
  const operation = await slipway.api.start(path, { options: { timeoutSeconds } });
  await slipway.api.steps(operation.id, (steps) =>
    steps.some(({ state, message }) => state === 'deleting' && message?.includes(finalizer) === true),
  );
  return { operation, name, reference };
}

async function setFinalizers(reference: ObjectReference, finalizers: readonly string[] | null): Promise<void> {
  const body = { metadata: { finalizers: finalizers === null ? null : [...finalizers] } };
  await slipway.cluster.patch(reference, { type: 'merge', body }, { fieldManager: 'nobody' });
}

function resolve({ id }: Operation, body: Readonly<Record<string, unknown>>): Promise<unknown> {
  return slipway.api.post(`/v1/operations/${id}/resolve`, body);
}

const namespaceNamed = (name: string): ObjectReference => ({ apiVersion: 'v1', kind: 'Namespace', name });

const eventsSchema = z.object({ items: z.array(eventSchema) });

async function diagnosisOf({ id }: Operation) {
  const read = async () => eventsSchema.parse(await slipway.api.get(`/v1/events?operation=${id}`)).items;
  const events = await waitFor(read, (items) => items.some(({ action }) => action === 'resolve'));
  return events.find(({ action }) => action === 'resolve');
}

test('an event tells what holds an object, and its action removes exactly the finalizers that it names', async () => {
  const { operation, name } = await undeployHeld();
  const event = await diagnosisOf(operation);
  expect(event).toMatchObject({ severity: 'warning', description: expect.stringContaining(`ConfigMap ${name}/held`) });
  const remove = event?.actions.find(({ body }) => body?.['choice'] === 'removeFinalizers');
  expect(remove?.body?.['finalizers']).toEqual([finalizer, 'example.com/other']);
  await slipway.api.post(remove?.href ?? '', remove?.body);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
  expect(await slipway.cluster.find(namespaceNamed(name))).toBeUndefined();
});

test('finalizers that no diagnosis named stay, whoever asks, and one that is not chosen does too', async () => {
  const { operation, name, reference } = await undeployHeld();
  await diagnosisOf(operation);
  const object = `ConfigMap ${name}/held`;
  const removeFinalizers = (finalizers: readonly string[]) =>
    resolve(operation, { object, choice: 'removeFinalizers', finalizers });
  await expect(removeFinalizers(['kubernetes.io/else'])).rejects.toMatchObject({ status: 422 });
  await removeFinalizers([finalizer]);
  await waitFor(
    () => slipway.cluster.get(reference),
    ({ metadata }) => metadata.finalizers?.includes(finalizer) === false,
  );
  expect((await slipway.cluster.get(reference)).metadata.finalizers).toEqual(['example.com/other']);
  await setFinalizers(reference, null);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded' });
});

test('a skipped object is left with its namespace, told as left, and cleaned up later when asked', async () => {
  const { operation, name, reference } = await undeployHeld();
  await resolve(operation, { object: `/ConfigMap/${name}/held`, choice: 'skip', reason: 'its controller comes later' });
  const ended = await slipway.api.end(operation);
  const left = [`ConfigMap ${name}/held`, `Namespace ${name}`];
  expect(ended.state).toBe('succeeded');
  expect(ended.result?.['orphans']).toEqual(expect.arrayContaining(left));
  const steps = await slipway.api.steps(operation.id);
  expect(steps.filter(({ state }) => state === 'left').map(({ key }) => key)).toEqual(
    expect.arrayContaining([`/ConfigMap/${name}/held`, `/Namespace//${name}`]),
  );
  expect(await slipway.cluster.find({ ...reference, name: 'free' })).toBeUndefined();

  await setFinalizers(reference, null);
  const path = `/v1/deployments/${operation.deploymentId}/orphan-check`;
  expect(await slipway.api.end(await slipway.api.start(path, { clean: true }))).toMatchObject({ state: 'succeeded' });
  expect(await slipway.cluster.find(namespaceNamed(name))).toBeUndefined();
});

test('an object that is waited for longer may go after the time that was given first', async () => {
  const timeoutSeconds = 14;
  const { operation, name, reference } = await undeployHeld(timeoutSeconds);
  await resolve(operation, { object: `ConfigMap ${name}/held`, choice: 'wait', seconds: 600 });
  await sleep(timeoutSeconds * 1_000);
  expect((await slipway.api.operation(operation.id)).state).toBe('running');
  await setFinalizers(reference, null);
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
});

test('a choice that is made while no worker runs is followed when one is back', async () => {
  const { operation, name } = await undeployHeld();
  await diagnosisOf(operation);
  const [worker] = slipway.workers;
  await worker?.kill();
  await resolve(operation, { object: `ConfigMap ${name}/held`, choice: 'removeFinalizers' });
  await worker?.start();
  expect(await slipway.api.end(operation)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
});

test('a choice for what is not waited for is refused, and without a choice the time ends as it was given', async () => {
  const { operation, name, reference } = await undeployHeld(8);
  await expect(resolve(operation, { object: `ConfigMap ${name}/free`, choice: 'skip' })).rejects.toMatchObject({
    status: 409,
  });
  await expect(resolve(operation, { object: `ConfigMap ${name}/held`, choice: 'burn' })).rejects.toMatchObject({
    status: 400,
  });
  const ended = await slipway.api.end(operation);
  expect(ended).toMatchObject({ state: 'failed', error: { message: expect.stringContaining(finalizer) } });
  await expect(resolve(operation, { object: `ConfigMap ${name}/held`, choice: 'skip' })).rejects.toMatchObject({
    status: 409,
  });
  await setFinalizers(reference, null);
  const path = `/v1/deployments/${operation.deploymentId}/undeploy`;
  expect(await slipway.api.end(await slipway.api.start(path))).toMatchObject({ state: 'succeeded' });
});
