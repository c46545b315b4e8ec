import { SlipwayError } from '../../../domain/errors.ts';
import { type KubernetesObject, objectKey, referenceOf } from '../../../domain/kubernetes-object.ts';
import type { DeployOptions, OperationStep } from '../../../domain/operation.ts';
import type { NeededState, PlanGraph } from '../../../domain/plan-graph.ts';
import { isStatusless } from '../../../domain/readiness/statusless.ts';
import type { Readiness } from '../../../domain/readiness/verdict.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { applyObject } from './apply-object.ts';
import { type ClusterRun, openClusterRun } from './cluster-run.ts';
import { explainSlowness } from './explain-slowness.ts';
import type { Journal, Transition } from './journal.ts';
import { awaitPublication } from './publication.ts';
import { createReadinessJudge, type ReadinessJudge } from './readiness-judge.ts';

export type ApplyRunOptions = {
  readonly client: ClusterClient;
  readonly deploymentId: string;
  readonly graph: PlanGraph;
  /** Manifests as they are sent, by key. */
  readonly objects: Readonly<Record<string, KubernetesObject>>;
  readonly steps: readonly OperationStep[];
  readonly journal: Journal;
  readonly policy: Pick<DeployOptions, 'forceConflicts' | 'replace' | 'readiness' | 'timeoutSeconds'>;
  readonly signal: AbortSignal;
};

/** An object that is applied and not ready yet, and its newest state. */
type Awaited = {
  readonly applied: KubernetesObject;
  readonly since: number;
  readonly latest: KubernetesObject;
  readonly message: string;
  readonly lookedAt: number;
};

/** An object that waits so long is looked into again: some judgements turn by time alone, and its pods may say more. */
const lookAgainAfterMs = 10_000;
/** How long a sign of readiness is waited for that may never come. */
const doubtfulAfterMs = 60_000;

/** Applies the objects of a plan and waits until they are ready. */
export async function runApply(options: ApplyRunOptions): Promise<void> {
  await new ApplyRun(options).run();
}

class ApplyRun {
  readonly #options: ApplyRunOptions;
  readonly #run: ClusterRun;
  readonly #judge: ReadinessJudge;
  readonly #awaited = new Map<string, Awaited>();
  /** What a watch told before the answer to the apply came. */
  readonly #early = new Map<string, KubernetesObject>();

  constructor(options: ApplyRunOptions) {
    const { client, objects, policy } = options;
    this.#options = options;
    this.#run = openClusterRun({
      ...options,
      reachedBefore,
      begin: (key) => this.#apply(key),
      tick: () => this.#checkAwaited(),
      onObject: (object) => this.#observe(object),
    });
    this.#judge = createReadinessJudge({ client, objects, mode: policy.readiness, signal: this.#signal });
  }

  get #signal(): AbortSignal {
    return this.#run.graph.requestSignal;
  }

  run(): Promise<void> {
    return this.#run.run();
  }

  async #apply(key: string): Promise<void> {
    const { objects, journal, client, policy } = this.#options;
    const signal = this.#signal;
    const object = objects[key];
    if (object === undefined) throw new Error(`the plan has no manifest for ${key}`);
    if (!isStatusless(object)) await this.#run.live.follow(referenceOf(object));
    const step = journal.step(key);
    const isApplied = step?.state === 'applied' || step?.action === 'unchanged' || step?.action === 'keep';
    const live = isApplied
      ? await client.get(referenceOf(object), { signal })
      : await applyObject({ client, object, policy, timeoutMs: policy.timeoutSeconds * 1000, signal });
    await this.#applied(key, live);
  }

  async #applied(key: string, live: KubernetesObject): Promise<void> {
    const uid = live.metadata.uid ?? null;
    const readiness = await this.#judge(live);
    if (isDone(readiness)) {
      await this.#ready(key, live, { uid, ...this.#doneTransition(key, readiness) });
      return;
    }
    const { message } = readiness;
    this.#options.journal.record(key, { state: 'applied', uid, message });
    this.#awaited.set(key, { applied: live, latest: live, since: Date.now(), message, lookedAt: Date.now() });
    this.#run.graph.reached(key, 'exists');
    const early = this.#early.get(key);
    this.#early.delete(key);
    if (early !== undefined) this.#observe(early);
  }

  /** Takes note of a live object that the watch brought. */
  #observe(object: KubernetesObject): void {
    const key = objectKey(referenceOf(object));
    const awaited = this.#awaited.get(key);
    if (awaited === undefined && !this.#isDone(key)) this.#early.set(key, object);
    if (awaited === undefined || isOlder(object, awaited.applied)) return;
    this.#update(key, { latest: object });
    this.#judge(object)
      .then((readiness) => this.#judged(key, object, readiness))
      .catch((error: unknown) => this.#run.graph.fail(key, error));
  }

  async #judged(key: string, object: KubernetesObject, readiness: Readiness): Promise<void> {
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) return;
    if (isDone(readiness) || isDoubtful(readiness, awaited)) {
      this.#awaited.delete(key);
      await this.#ready(key, object, this.#doneTransition(key, readiness));
    } else if (readiness.status === 'failed' && readiness.confidence === 'high') {
      this.#giveUp(key, new SlipwayError('failed', readiness.message));
    } else {
      this.#say(key, readiness.message);
    }
  }

  async #ready(key: string, live: KubernetesObject, transition: Transition): Promise<void> {
    await awaitPublication(this.#options.client, live, this.#signal);
    this.#early.delete(key);
    this.#options.journal.record(key, transition);
    this.#run.graph.reached(key, 'ready');
  }

  #doneTransition(key: string, readiness: Readiness): Transition {
    const message = readiness.status === 'suspended' || readiness.confidence === 'low' ? readiness.message : null;
    switch (this.#options.journal.step(key)?.action) {
      case 'unchanged':
        return { state: 'unchanged', message };
      case 'keep':
        return { state: 'kept' };
      default:
        return { state: 'ready', message };
    }
  }

  #isDone(key: string): boolean {
    const step = this.#options.journal.step(key);
    return step === undefined || reachedBefore(step) === 'ready' || step.state === 'failed';
  }

  #say(key: string, message: string): void {
    if (this.#awaited.get(key)?.message === message) return;
    this.#update(key, { message });
    this.#options.journal.record(key, { state: 'applied', message });
  }

  #update(key: string, change: Partial<Awaited>): void {
    const awaited = this.#awaited.get(key);
    if (awaited !== undefined) this.#awaited.set(key, { ...awaited, ...change });
  }

  #giveUp(key: string, error: SlipwayError): void {
    this.#awaited.delete(key);
    this.#run.graph.fail(key, error);
  }

  #checkAwaited(): void {
    const now = Date.now();
    const { timeoutSeconds } = this.#options.policy;
    for (const [key, awaited] of this.#awaited) {
      if (now - awaited.since > timeoutSeconds * 1000) this.#giveUp(key, notReadyInTime(awaited, timeoutSeconds));
      else if (now - awaited.lookedAt > lookAgainAfterMs) this.#lookAgain(key, awaited);
    }
  }

  /** An explanation that cannot be had is no reason to fail. */
  #lookAgain(key: string, awaited: Awaited): void {
    this.#update(key, { lookedAt: Date.now() });
    this.#observe(awaited.latest);
    explainSlowness(this.#options.client, awaited.applied, this.#signal).then(
      (explanation) => {
        if (explanation !== undefined && this.#awaited.has(key)) this.#say(key, explanation);
      },
      () => undefined,
    );
  }
}

function reachedBefore({ state }: OperationStep): NeededState | undefined {
  switch (state) {
    case 'ready':
    case 'unchanged':
    case 'kept':
      return 'ready';
    case 'applied':
      return 'exists';
    default:
      return undefined;
  }
}

/** What is suspended on purpose is not waited for. */
function isDone({ status }: Readiness): boolean {
  return status === 'ready' || status === 'suspended';
}

/** A controller that never says more is not waited for until the deadline. */
function isDoubtful({ status, confidence }: Readiness, { since }: Awaited): boolean {
  return status === 'progressing' && confidence === 'low' && Date.now() - since > doubtfulAfterMs;
}

function notReadyInTime({ message }: Awaited, timeoutSeconds: number): SlipwayError {
  return new SlipwayError('timedOut', `not ready after ${timeoutSeconds} s: ${message}`, {
    fix: 'look into the object as the message says, or give it more time with --timeout',
  });
}

/** A watch may still bring the object as it was before it was applied. */
function isOlder(object: KubernetesObject, applied: KubernetesObject): boolean {
  return (
    object.metadata.uid !== applied.metadata.uid ||
    (object.metadata.generation ?? 0) < (applied.metadata.generation ?? 0)
  );
}
