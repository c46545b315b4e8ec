import { objectKey, type ObjectReference } from '../../domain/kubernetes-object.ts';
import type { Operation, OperationStep, StepState } from '../../domain/operation.ts';
import type { Installation } from '../installation/installation.ts';
import { type Fleet, linkOf } from './fleet.ts';
import { type Follower, followOperation } from './follower.ts';
import { openGate } from './obstacles.ts';

/** An operation under way, and somebody who follows it from its beginning. */
export type Voyage = { readonly operation: Operation; readonly follower: Follower };

type Options = Readonly<Record<string, unknown>>;

export async function startDeploy(slipway: Installation, fleet: Fleet, options: Options = {}): Promise<Voyage> {
  await slipway.api.putDesign(fleet.name, fleet.source);
  return follow(slipway, await slipway.api.start('/v1/deployments', deployBody(slipway, fleet, options)));
}

export function deployBody(slipway: Installation, fleet: Fleet, options: Options = {}): object {
  return { design: fleet.name, connection: slipway.connection, options };
}

export async function startUndeploy(slipway: Installation, { operation }: Voyage): Promise<Voyage> {
  return follow(slipway, await slipway.api.start(`/v1/deployments/${operation.deploymentId}/undeploy`));
}

export function follow({ api }: Installation, operation: Operation): Voyage {
  return { operation, follower: followOperation(api, operation.id) };
}

/** Deploys without any trouble. */
export async function deployCalmly(slipway: Installation, fleet: Fleet): Promise<Voyage> {
  await openGate(slipway.cluster, fleet);
  const voyage = await startDeploy(slipway, fleet);
  await slipway.api.end(voyage.operation);
  return voyage;
}

/** Waits until a part of the chain is up and most of the fleet is not. */
export async function untilSomeAreUp(slipway: Installation, { operation }: Voyage, fleet: Fleet): Promise<void> {
  await untilStep(slipway, operation, { reference: linkOf(fleet, 2), states: ['ready'] });
}

/** Waits until the first half of the fleet is up and the rest waits for the gate. */
export async function untilAtTheGate(slipway: Installation, { operation }: Voyage, { gate }: Fleet): Promise<void> {
  await untilStep(slipway, operation, { reference: gate, states: ['applied'] });
}

type StepQuestion = { readonly reference: ObjectReference; readonly states: readonly StepState[] };

/** Waits until an object has one of the states, in any phase. */
export async function untilStep({ api }: Installation, { id }: Operation, question: StepQuestion): Promise<void> {
  await api.steps(id, (steps) => steps.some((step) => answers(step, question)));
}

function answers({ key, state }: OperationStep, { reference, states }: StepQuestion): boolean {
  return key === objectKey(reference) && states.includes(state);
}
