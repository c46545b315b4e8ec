import { expect } from 'vitest';
import { z } from 'zod';
import { inventoryItemSchema } from '../../domain/deployment.ts';
import { eventSchema } from '../../domain/event.ts';
import { type KubernetesObject, objectKey, referenceOf } from '../../domain/kubernetes-object.ts';
import {
  isFinal,
  type Operation,
  type OperationStep,
  type ProgressEntry,
  type StepState,
} from '../../domain/operation.ts';
import { deploymentLabel, fieldManager } from '../../domain/ownership.ts';
import { isApiError } from '../../infra/kubernetes/api-error.ts';
import type { ListOptions } from '../../infra/kubernetes/list.ts';
import type { ServedResource } from '../../infra/kubernetes/resource.ts';
import type { Installation } from '../installation/installation.ts';
import type { Voyage } from './drive.ts';
import { type Fleet, keysOf } from './fleet.ts';
import { followOperation } from './follower.ts';
import type { Witness } from './witness.ts';

/** The cluster holds the fleet as the design says, the inventory knows each object, and nothing else has its mark. */
export async function expectExactly(slipway: Installation, { operation }: Voyage, fleet: Fleet): Promise<void> {
  const marked = await findMarked(slipway, operation);
  expect(marked.map(keyOf).toSorted()).toEqual(keysOf(fleet));
  const live = await Promise.all(fleet.objects.map((object) => slipway.cluster.get(referenceOf(object))));
  for (const [index, object] of live.entries()) {
    expect(object).toMatchObject(fleet.objects[index] ?? {});
    expect(applicationsOf(object), keyOf(object)).toHaveLength(1);
  }
  const inventory = await readInventory(slipway, operation);
  const uids = Object.fromEntries(live.map((object) => [keyOf(object), object.metadata.uid]));
  expect(Object.fromEntries(inventory.map(({ key, uid }) => [key, uid]))).toEqual(uids);
  expect(inventory.filter(({ state }) => state !== 'ready')).toEqual([]);
}

/** Nothing in the cluster has the deployment's mark, the inventory is empty, and its namespace is gone. */
export async function expectNothing(slipway: Installation, { operation }: Voyage, fleet: Fleet): Promise<void> {
  expect((await findMarked(slipway, operation)).map(keyOf)).toEqual([]);
  expect(await readInventory(slipway, operation)).toEqual([]);
  expect(await slipway.cluster.find({ apiVersion: 'v1', kind: 'Namespace', name: fleet.name })).toBeUndefined();
}

/** Each object was made once and has had one content. */
export function expectEachMadeOnce(witness: Witness, fleet: Fleet): void {
  const testimony = witness.testimony();
  expect([...testimony.keys()].toSorted()).toEqual(keysOf(fleet));
  expectNoneMadeTwice(witness);
  expect([...testimony].filter(([, { contents }]) => contents.size !== 1)).toEqual([]);
}

/** As far as the fleet came, no object was made a second time. */
export function expectNoneMadeTwice(witness: Witness): void {
  expect([...witness.testimony()].filter(([, { uids }]) => uids.size !== 1)).toEqual([]);
}

/**
 * Who followed the operation live has seen all of it, in order and nothing twice, up to the state that each step has; one
 * event tells how it ended, one each failure, and one each trouble that was told.
 */
export async function expectWholeStory(slipway: Installation, { operation, follower }: Voyage): Promise<void> {
  const entries = await follower.entries;
  expect(entries).toEqual(await followOperation(slipway.api, operation.id).entries);
  const sequences = entries.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...new Set(sequences)].toSorted((one, other) => one - other));
  expectStepsTold(await slipway.api.steps(operation.id), entries);
  await expectOneOutcome(slipway, await slipway.api.operation(operation.id), entries);
}

/** States that no step leaves again. */
const lastStates: readonly StepState[] = ['ready', 'unchanged', 'gone', 'kept'];

/** States that a step has from the beginning, so that nothing need be told of it. */
const untoldStates: readonly StepState[] = ['waiting', 'unchanged'];

function expectStepsTold(steps: readonly OperationStep[], entries: readonly ProgressEntry[]): void {
  const told = Map.groupBy(
    entries.flatMap(({ change }) => (change.type === 'step' ? [change.step] : [])),
    nameOf,
  );
  for (const step of steps) {
    const story = told.get(nameOf(step)) ?? [];
    const states = story.map(({ state }) => state);
    if (story.length > 0) expect(states.at(-1), nameOf(step)).toBe(step.state);
    else expect(untoldStates, nameOf(step)).toContain(step.state);
    expect(
      states.slice(0, -1).filter((state) => lastStates.includes(state)),
      nameOf(step),
    ).toEqual([]);
    expect(
      story.filter((entry, index) => isRepetition(entry, story[index - 1])),
      nameOf(step),
    ).toEqual([]);
  }
}

function nameOf({ phase, key }: OperationStep): string {
  return `${phase} ${key}`;
}

function isRepetition(step: OperationStep, before: OperationStep | undefined): boolean {
  return before !== undefined && visiblePart(step) === visiblePart(before);
}

function visiblePart({ state, action, message, fix }: OperationStep): string {
  return JSON.stringify([state, action, message, fix]);
}

async function expectOneOutcome(
  slipway: Installation,
  operation: Operation,
  entries: readonly ProgressEntry[],
): Promise<void> {
  const ends = entries.flatMap(({ change }) =>
    change.type === 'operation' && isFinal(change.state) ? [change.state] : [],
  );
  expect(ends).toEqual([operation.state]);
  const page = z.object({ items: z.array(eventSchema) });
  const { items } = page.parse(await slipway.api.get(`/v1/events?operation=${operation.id}`));
  const outcomes = items.filter(({ details }) => details !== null && 'findingCount' in details);
  expect(outcomes.map(({ severity }) => severity)).toEqual([severityOf(operation)]);
  const failures = (await slipway.api.steps(operation.id)).filter(({ state }) => state === 'failed');
  const troubles = new Set(troublesIn(entries).filter((message) => message !== null));
  expect(items).toHaveLength(outcomes.length + failures.length + troubles.size);
}

/** The people who followed were told that the cluster did not answer, and that it did again. */
export async function expectOutageTold({ follower }: Voyage): Promise<void> {
  const troubles = troublesIn(await follower.entries);
  expect(troubles[0]).toMatch(/^no answer from .*; trying again$/);
  expect(troubles.at(-1)).toBeNull();
}

/** What kept the operation from going on, each followed by null when it did again. */
function troublesIn(entries: readonly ProgressEntry[]): readonly (string | null)[] {
  return entries.flatMap(({ change }) => (change.type === 'trouble' ? [change.message] : []));
}

function severityOf({ state }: Operation): string {
  return state === 'succeeded' ? 'success' : state === 'cancelled' ? 'warning' : 'error';
}

/** Controllers give these the labels of the Service that they belong to. */
const derivedKinds = ['Endpoints', 'EndpointSlice'];

async function findMarked(
  { cluster }: Installation,
  { deploymentId }: Operation,
): Promise<readonly KubernetesObject[]> {
  cluster.discovery.invalidate();
  const { resources } = await cluster.discovery.all();
  const listable = resources.filter(
    ({ verbs, preferred, kind }) => preferred && verbs.includes('list') && !derivedKinds.includes(kind),
  );
  const options = { labelSelector: `${deploymentLabel}=${deploymentId}`, metadataOnly: true };
  return (await Promise.all(listable.map((resource) => listServed(cluster, resource, options)))).flat();
}

/** A definition may go between the two questions. */
async function listServed(
  ...[cluster, resource, options]: [Installation['cluster'], ServedResource, ListOptions]
): Promise<readonly KubernetesObject[]> {
  try {
    return (await cluster.list(resource, options)).objects;
  } catch (error) {
    if (isApiError(error) && error.status === 404) return [];
    throw error;
  }
}

const keyOf = (object: KubernetesObject): string => objectKey(referenceOf(object));

async function readInventory({ api }: Installation, { deploymentId }: Operation) {
  const page = z.object({ items: z.array(inventoryItemSchema) });
  return page.parse(await api.get(`/v1/deployments/${deploymentId}/inventory?limit=1000`)).items;
}

const managedFieldsSchema = z.array(
  z.object({ manager: z.string(), operation: z.string(), subresource: z.string().optional() }),
);

/** The entries of Slipway's own applies among the managed fields. */
function applicationsOf({ metadata }: KubernetesObject) {
  return managedFieldsSchema
    .parse(metadata['managedFields'])
    .filter(({ manager, operation }) => manager === fieldManager && operation === 'Apply');
}
