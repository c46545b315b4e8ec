import { SlipwayError } from '../../../domain/errors.ts';
import { type KubernetesObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { OperationStep, UndeployOptions } from '../../../domain/operation.ts';
import type { NeededState, PlanGraph } from '../../../domain/plan-graph.ts';
import { isCustomResourceDefinition, isNamespace, propagationOf } from '../../../domain/removal-decision.ts';
import { isNotFound } from '../../../infra/kubernetes/api-error.ts';
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

type Awaited = { readonly object: KubernetesObject; readonly since: number; checkedAt: number; stuck: StuckExplanation | undefined };

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
    const live = await this.#options.client.find(step.reference, { signal: this.#graph.requestSignal });
    if (live === undefined || this.#isAnother(key, live)) this.#gone(key);
    else if (step.action === 'restore') await this.#restore(key, live);
    else await this.#delete(key, live);
  }

  #isAnother(key: string, live: KubernetesObject): boolean {
    const uid = this.#options.uids.get(key);
    return uid !== undefined && uid !== live.metadata.uid;
  }

  async #restore(key: string, live: KubernetesObject): Promise<void> {
    const original = this.#options.originals.get(key);
    if (original !== undefined) await restoreOriginal(this.#options.client, { original, live }, this.#graph.requestSignal);
    this.#keep(key, 'given back as it was before the deployment');
  }

  async #delete(key: string, live: KubernetesObject): Promise<void> {
    const objection = await this.#objectionTo(live);
    if (objection !== undefined) {
      this.#keep(key, objection);
      return;
    }
    await this.#live.follow(referenceOf(live));
    this.#awaited.set(key, { object: live, since: Date.now(), checkedAt: Date.now(), stuck: undefined });
    if (await this.#isGoneAtOnce(live)) this.#gone(key);
    else if (this.#awaited.has(key)) this.#options.journal.record(key, { state: 'deleting' });
  }

  /** Deletes it; false where its finalizers or pods take time. */
  async #isGoneAtOnce(live: KubernetesObject): Promise<boolean> {
    const { uid } = live.metadata;
    const reference = referenceOf(live);
    try {
      const propagation = propagationOf(reference);
      const { pending } = await this.#options.client.delete(reference, { propagation, uid, signal: this.#graph.requestSignal });
      return pending === undefined;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }

  /** Asked just before the deletion, when what belongs to the deployment itself is gone. */
  async #objectionTo(object: KubernetesObject): Promise<string | undefined> {
    const { client, deploymentId, policy } = this.#options;
    const request = { client, deploymentId, object, signal: this.#graph.requestSignal };
    if (isCustomResourceDefinition(referenceOf(object))) {
      const foreign = await foreignCustomResources(request);
      const isConfirmed = policy.removeCrds === 'always' && policy.confirmLoss !== undefined;
      if (foreign.length > 0 && !isConfirmed) return `kept, as custom resources of others would go with it: ${someOf(foreign)}`;
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
      else if (now - awaited.checkedAt > checkAfterMs) this.#check(key, awaited);
    }
  }

  /** The label by which the watch finds the object may be gone: the object itself is asked for. */
  #check(key: string, awaited: Awaited): void {
    awaited.checkedAt = Date.now();
    const { client } = this.#options;
    const signal = this.#graph.requestSignal;
    client.find(referenceOf(awaited.object), { signal })
      .then(async (live) => {
        if (this.#awaited.get(key) !== awaited) return;
        if (live === undefined || live.metadata.uid !== awaited.object.metadata.uid) {
          this.#gone(key);
          return;
        }
        awaited.stuck = await explainStuck(client, live, signal);
        if (awaited.stuck !== undefined && this.#awaited.get(key) === awaited) {
          this.#options.journal.record(key, { state: 'deleting', ...awaited.stuck });
        }
      })
      .catch((error: unknown) => this.#graph.fail(key, error));
  }

  #giveUp(key: string, { stuck }: Awaited): void {
    this.#awaited.delete(key);
    const { timeoutSeconds } = this.#options.policy;
    const reason = stuck?.message ?? 'the cluster does not say why';
    const fix = stuck?.fix ?? 'undeploy again: it goes on from here';
    this.#graph.fail(key, new SlipwayError('timedOut', `still there ${timeoutSeconds} s after it was deleted: ${reason}`, { fix }));
  }
}

function reachedBefore({ state }: OperationStep): NeededState | undefined {
  return state === 'gone' || state === 'kept' ? 'gone' : undefined;
}
