import { SlipwayError } from '../../../domain/errors.ts';
import {
  type KubernetesObject,
  objectKey,
  type ObjectReference,
  referenceOf,
} from '../../../domain/kubernetes-object.ts';
import type { OperationStep, UndeployOptions } from '../../../domain/operation.ts';
import type { NeededState, PlanGraph } from '../../../domain/plan-graph.ts';
import { isCustomResourceDefinition, isNamespace, propagationOf } from '../../../domain/removal-decision.ts';
import { isApiError, isNotFound } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { explainStuck, type StuckExplanation } from './explain-stuck.ts';
import { GraphRun } from './graph-run.ts';
import type { Journal } from './journal.ts';
import { LiveObjects } from './live-objects.ts';
import { foreignCustomResources, foreignObjectsIn, someOf } from './removal-guards.ts';
import { restoreOriginal } from './restore-original.ts';

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
  readonly policy: UndeployOptions;
  readonly signal: AbortSignal;
};

type Awaited = {
  readonly object: KubernetesObject;
  readonly since: number;
  readonly checkedAt: number;
  readonly stuck: StuckExplanation | undefined;
};

/** An object that stays longer after it was deleted is asked for, and why it stays. */
const checkAfterMs = 5_000;

/** Removes the objects of a plan in its order, each gone before what it needed follows. */
export async function runRemove(options: RemoveRunOptions): Promise<void> {
  await new RemoveRun(options).run();
}

class RemoveRun {
  readonly #options: RemoveRunOptions;
  readonly #graph: GraphRun;
  readonly #live: LiveObjects;
  readonly #awaited = new Map<string, Awaited>();

  constructor(options: RemoveRunOptions) {
    this.#options = options;
    this.#graph = new GraphRun({
      ...options,
      reachedBefore,
      begin: (key) => this.#remove(key),
      tick: () => this.#checkAwaited(),
    });
    this.#live = new LiveObjects({
      client: options.client,
      deploymentId: options.deploymentId,
      signal: this.#graph.requestSignal,
      onDeleted: (object) => this.#deleted(object),
      onFailure: (error) => this.#graph.abort(error),
    });
  }

  async run(): Promise<void> {
    try {
      await this.#graph.run();
    } finally {
      await this.#live.close();
    }
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
    const live = await this.#options.client.find(reference, { signal: this.#graph.requestSignal });
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
    if (original !== undefined)
      await restoreOriginal(this.#options.client, { original, live }, this.#graph.requestSignal);
    this.#keep(key, 'given back as it was before the deployment');
  }

  async #deleteLive(key: string, live: KubernetesObject): Promise<void> {
    const objection = await this.#objectionTo(live);
    if (objection === undefined) await this.#delete(key, referenceOf(live), live.metadata.uid);
    else this.#keep(key, objection);
  }

  async #delete(key: string, reference: ObjectReference, uid: string | undefined): Promise<void> {
    const pending = await this.#send(reference, uid);
    if (pending === undefined) {
      this.#gone(key);
      return;
    }
    this.#awaited.set(key, { object: pending, since: Date.now(), checkedAt: Date.now(), stuck: undefined });
    this.#options.journal.record(key, { state: 'deleting' });
    await this.#live.follow(reference);
    const awaited = this.#awaited.get(key);
    if (awaited !== undefined) await this.#check(key, awaited);
  }

  /** Deletes it, and gives it back where its finalizers or pods take time. One with another UID is not ours. */
  async #send(reference: ObjectReference, uid: string | undefined): Promise<KubernetesObject | undefined> {
    const signal = this.#graph.requestSignal;
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

  /** Asked just before the deletion, when what belongs to the deployment itself is gone. */
  async #objectionTo(object: KubernetesObject): Promise<string | undefined> {
    const { client, deploymentId, policy } = this.#options;
    const request = { client, deploymentId, object, signal: this.#graph.requestSignal };
    if (isCustomResourceDefinition(referenceOf(object))) {
      const foreign = await foreignCustomResources(request);
      // With `always` the plan has seen to it that the loss was confirmed.
      const isConfirmed = policy.removeCrds === 'always';
      if (foreign.length > 0 && !isConfirmed)
        return `kept, as custom resources of others would go with it: ${someOf(foreign)}`;
    }
    if (isNamespace(referenceOf(object))) {
      const foreign = await foreignObjectsIn(request);
      if (foreign.length > 0) return `kept, as it holds objects that are not this deployment's: ${someOf(foreign)}`;
    }
    return undefined;
  }

  #deleted(object: KubernetesObject): void {
    const key = objectKey(referenceOf(object));
    const awaited = this.#awaited.get(key);
    if (awaited !== undefined && awaited.object.metadata.uid === object.metadata.uid) this.#gone(key);
  }

  #gone(key: string): void {
    this.#awaited.delete(key);
    this.#options.journal.record(key, { state: 'gone', message: null, fix: null });
    this.#graph.reached(key, 'gone');
  }

  #keep(key: string, message: string): void {
    this.#options.journal.record(key, { state: 'kept', message, fix: null });
    this.#graph.reached(key, 'gone');
  }

  #checkAwaited(): void {
    const now = Date.now();
    for (const [key, awaited] of this.#awaited) {
      if (now - awaited.since > this.#options.policy.timeoutSeconds * 1000) this.#giveUp(key, awaited);
      else if (now - awaited.checkedAt > checkAfterMs) {
        this.#check(key, awaited).catch((error: unknown) => this.#graph.fail(key, error));
      }
    }
  }

  /** A watch opened after the deletion, or by a label that the object lost, does not tell: the object itself is asked for. */
  async #check(key: string, awaited: Awaited): Promise<void> {
    this.#update(key, { checkedAt: Date.now() });
    const { client, journal } = this.#options;
    const signal = this.#graph.requestSignal;
    const live = await client.find(referenceOf(awaited.object), { signal });
    if (!this.#awaited.has(key)) return;
    if (live === undefined || live.metadata.uid !== awaited.object.metadata.uid) {
      this.#gone(key);
      return;
    }
    if (Date.now() - awaited.since < checkAfterMs) return;
    const stuck = await explainStuck(client, live, signal);
    if (stuck === undefined || !this.#awaited.has(key)) return;
    this.#update(key, { stuck });
    journal.record(key, { state: 'deleting', ...stuck });
  }

  #update(key: string, change: Partial<Awaited>): void {
    const awaited = this.#awaited.get(key);
    if (awaited !== undefined) this.#awaited.set(key, { ...awaited, ...change });
  }

  #giveUp(key: string, { stuck }: Awaited): void {
    this.#awaited.delete(key);
    const { timeoutSeconds } = this.#options.policy;
    const reason = stuck?.message ?? 'the cluster does not say why';
    const fix = stuck?.fix ?? 'undeploy again: it goes on from here';
    this.#graph.fail(
      key,
      new SlipwayError('timedOut', `still there ${timeoutSeconds} s after it was deleted: ${reason}`, { fix }),
    );
  }
}

/** What others may have put into it has to be looked at before it goes. */
function isGuarded(reference: ObjectReference): boolean {
  return isCustomResourceDefinition(reference) || isNamespace(reference);
}

/** The UID precondition did not hold. */
function isAnotherObject(error: unknown): boolean {
  return isApiError(error) && error.status === 409 && /uid|UID/.test(error.message);
}

function reachedBefore({ state }: OperationStep): NeededState | undefined {
  return state === 'gone' || state === 'kept' ? 'gone' : undefined;
}
