import { defines, isCustomResourceDefinition } from '../../../domain/custom-resource-definition.ts';
import {
  describeObject,
  type KubernetesObject,
  objectKey,
  type ObjectReference,
  referenceOf,
} from '../../../domain/kubernetes-object.ts';
import type { OperationStep, RemovalPolicy } from '../../../domain/operation.ts';
import type { NeededState, PlanGraph } from '../../../domain/plan-graph.ts';
import { isNamespace, propagationOf } from '../../../domain/removal-decision.ts';
import { isApiError, isNotFound } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { AwaitedRemovals } from './awaited-removals.ts';
import { type ClusterRun, openClusterRun } from './cluster-run.ts';
import type { Journal } from './journal.ts';
import { isGuarded, objectionTo } from './removal-guards.ts';
import { restoreOriginal } from './restore-original.ts';
import type { StuckChoices } from './stuck-choices.ts';

export type RemoveRunOptions = {
  readonly client: ClusterClient;
  readonly deploymentId: string;
  readonly graph: PlanGraph;
  readonly steps: readonly OperationStep[];
  /** For adopted objects: as they were before the deployment, by key. */
  readonly originals: ReadonlyMap<string, KubernetesObject>;
  /** UIDs by key, as the inventory knows them. */
  readonly uids: ReadonlyMap<string, string>;
  readonly journal: Journal;
  /** What people choose for objects that stay. */
  readonly choices: StuckChoices;
  readonly policy: RemovalPolicy;
  readonly signal: AbortSignal;
};

/** Removes the objects of a plan in its order, each gone before what it needed follows. */
export async function runRemove(options: RemoveRunOptions): Promise<void> {
  await new RemoveRun(options).run();
}

class RemoveRun {
  readonly #options: RemoveRunOptions;
  readonly #run: ClusterRun;
  readonly #awaited: AwaitedRemovals;
  /** Objects that stay by somebody's choice: what holds them stays with them. */
  readonly #left: ObjectReference[];

  constructor(options: RemoveRunOptions) {
    const { client, journal, choices, policy, steps } = options;
    this.#options = options;
    this.#left = steps.filter(({ state }) => state === 'left').map(({ reference }) => reference);
    this.#run = openClusterRun({
      ...options,
      reachedBefore,
      begin: (key) => this.#remove(key),
      tick: () => this.#awaited.tick(),
      onDeleted: (object) => this.#awaited.deleted(objectKey(referenceOf(object)), object.metadata.uid),
    });
    const { graph } = this.#run;
    this.#awaited = new AwaitedRemovals({
      client,
      journal,
      choices,
      timeoutSeconds: policy.timeoutSeconds,
      signal: graph.requestSignal,
      onGone: (key) => this.#gone(key),
      onLeft: (key, message) => this.#leave(key, message),
      onFailed: (key, error) => graph.fail(key, error),
      onAbort: (error) => graph.abort(error),
    });
  }

  get #signal(): AbortSignal {
    return this.#run.graph.requestSignal;
  }

  run(): Promise<void> {
    return this.#run.run();
  }

  async #remove(key: string): Promise<void> {
    const step = this.#options.journal.step(key);
    if (step === undefined) throw new Error(`there is no step for ${key}`);
    const uid = this.#options.uids.get(key);
    const { reference } = step;
    if (uid !== undefined && step.action === 'delete' && !isGuarded(reference)) await this.#delete(key, reference, uid);
    else await this.#removeLive(key, reference, step.action);
  }

  /** Where the object itself has to be looked at before it goes. */
  async #removeLive(key: string, reference: ObjectReference, action: OperationStep['action']): Promise<void> {
    const live = await this.#options.client.find(reference, { signal: this.#signal });
    if (live === undefined || this.#isAnother(key, live)) this.#gone(key);
    else if (action === 'restore') await this.#restore(key, live);
    else await this.#deleteLive(key, live);
  }

  #isAnother(key: string, live: KubernetesObject): boolean {
    const uid = this.#options.uids.get(key);
    return uid !== undefined && uid !== live.metadata.uid;
  }

  async #restore(key: string, live: KubernetesObject): Promise<void> {
    const original = this.#options.originals.get(key);
    if (original !== undefined) await restoreOriginal(this.#options.client, { original, live }, this.#signal);
    this.#keep(key, 'given back as it was before the deployment');
  }

  async #deleteLive(key: string, live: KubernetesObject): Promise<void> {
    const inside = this.#left.find((reference) => holds(live, reference));
    if (inside !== undefined) {
      this.#leave(key, `left, as ${describeObject(inside)} was left in it`);
      return;
    }
    const { client, deploymentId, policy } = this.#options;
    // Asked when what belongs to the deployment itself is gone.
    const objection = await objectionTo(
      { client, deploymentId, object: live, signal: this.#signal },
      { ...policy, isGoing: () => false },
    );
    if (objection === undefined) await this.#delete(key, referenceOf(live), live.metadata.uid);
    else this.#keep(key, objection);
  }

  async #delete(key: string, reference: ObjectReference, uid: string | undefined): Promise<void> {
    const pending = await this.#send(reference, uid);
    if (pending === undefined) {
      this.#gone(key);
      return;
    }
    this.#awaited.add(key, pending);
    await this.#run.live.follow(reference);
    await this.#awaited.check(key);
  }

  /** Deletes it, and gives it back where its finalizers or pods take time. One with another UID is not ours. */
  async #send(reference: ObjectReference, uid: string | undefined): Promise<KubernetesObject | undefined> {
    const signal = this.#signal;
    try {
      const { pending } = await this.#options.client.delete(reference, {
        propagation: propagationOf(reference),
        uid,
        signal,
      });
      return pending;
    } catch (error) {
      if (isNotFound(error) || isAnotherObject(error)) return undefined;
      throw error;
    }
  }

  #gone(key: string): void {
    this.#options.journal.record(key, { state: 'gone', message: null, fix: null });
    this.#run.graph.reached(key, 'gone');
  }

  #keep(key: string, message: string): void {
    this.#options.journal.record(key, { state: 'kept', message, fix: null });
    this.#run.graph.reached(key, 'gone');
  }

  #leave(key: string, message: string): void {
    const step = this.#options.journal.step(key);
    if (step !== undefined) this.#left.push(step.reference);
    this.#options.journal.record(key, { state: 'left', message, fix: null });
    this.#run.graph.reached(key, 'gone');
  }
}

/** Whether an object would go with this namespace or definition. */
function holds(container: KubernetesObject, reference: ObjectReference): boolean {
  if (isNamespace(referenceOf(container))) return reference.namespace === container.metadata.name;
  return isCustomResourceDefinition(referenceOf(container)) && defines(container, reference);
}

/** The UID precondition did not hold. */
function isAnotherObject(error: unknown): boolean {
  return isApiError(error) && error.status === 409 && /uid|UID/.test(error.message);
}

function reachedBefore({ state }: OperationStep): NeededState | undefined {
  return state === 'gone' || state === 'kept' || state === 'left' ? 'gone' : undefined;
}
