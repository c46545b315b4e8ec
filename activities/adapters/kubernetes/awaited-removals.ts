import { SlipwayError } from '../../../domain/errors.ts';
import { type KubernetesObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import { isApiError } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { explainStuck, type StuckExplanation } from './explain-stuck.ts';
import type { Journal } from './journal.ts';
import { removeFinalizers } from './remove-finalizers.ts';
import type { MadeChoice, StuckChoices } from './stuck-choices.ts';

export type AwaitedRemovalsOptions = {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly choices: StuckChoices;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly onGone: (key: string) => void;
  /** Somebody chose not to wait for it. */
  readonly onLeft: (key: string, message: string) => void;
  readonly onFailed: (key: string, error: unknown) => void;
  /** The books cannot be read or written. */
  readonly onAbort: (error: unknown) => void;
};

type Awaited = {
  readonly object: KubernetesObject;
  readonly since: number;
  readonly checkedAt: number;
  readonly stuck: StuckExplanation | undefined;
};

/** An object that stays longer after it was deleted is asked for, and why it stays. */
const checkAfterMs = 5_000;

/** Objects that were deleted and are still there: looked after until they are gone, given up, or left by somebody's choice. */
export class AwaitedRemovals {
  readonly #options: AwaitedRemovalsOptions;
  readonly #awaited = new Map<string, Awaited>();
  /** Till when people asked to wait, by key. */
  readonly #extended = new Map<string, number>();
  /** Choices for objects that this run does not wait for yet. */
  #pending: readonly MadeChoice[] = [];
  #taking: Promise<void> | undefined;

  constructor(options: AwaitedRemovalsOptions) {
    this.#options = options;
  }

  add(key: string, object: KubernetesObject): void {
    this.#awaited.set(key, { object, since: Date.now(), checkedAt: Date.now(), stuck: undefined });
    this.#options.journal.record(key, { state: 'deleting' });
  }

  /** Takes note that a watch told of a deletion. */
  deleted(key: string, uid: string | undefined): void {
    if (this.#awaited.get(key)?.object.metadata.uid === uid) this.#gone(key);
  }

  /** Called every second. */
  tick(): void {
    const now = Date.now();
    const { onFailed, onAbort } = this.#options;
    for (const [key, awaited] of this.#awaited) {
      if (now > this.#deadlineOf(key, awaited)) this.#end(key).catch(onAbort);
      else if (now - awaited.checkedAt > checkAfterMs) this.check(key).catch((error: unknown) => onFailed(key, error));
    }
    if ([...this.#awaited.values()].some(({ since }) => now - since > checkAfterMs))
      this.#followChoices().catch(onAbort);
  }

  /** A watch opened after the deletion, or by a label that the object lost, does not tell: the object itself is asked for. */
  async check(key: string): Promise<void> {
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) return;
    this.#update(key, { checkedAt: Date.now() });
    const { client, signal } = this.#options;
    const live = await client.find(referenceOf(awaited.object), { signal });
    if (!this.#awaited.has(key)) return;
    if (live === undefined || live.metadata.uid !== awaited.object.metadata.uid) this.#gone(key);
    else if (Date.now() - awaited.since >= checkAfterMs) await this.#diagnose(key, live);
  }

  async #diagnose(key: string, live: KubernetesObject): Promise<void> {
    const { client, journal, choices, signal, onAbort } = this.#options;
    const stuck = await explainStuck(client, live, signal);
    const step = journal.step(key);
    if (stuck === undefined || step === undefined || !this.#awaited.has(key)) return;
    this.#update(key, { stuck });
    const { message, fix } = stuck;
    journal.record(key, { state: 'deleting', message, fix: `${fix}; ${choices.advice(step)}` });
    choices.offer(step, stuck).catch(onAbort);
  }

  #deadlineOf(key: string, { since }: Awaited): number {
    return Math.max(since + this.#options.timeoutSeconds * 1000, this.#extended.get(key) ?? 0);
  }

  /** The time is over, unless somebody asked for more just now. */
  async #end(key: string): Promise<void> {
    await this.#followChoices();
    const awaited = this.#awaited.get(key);
    if (awaited === undefined || Date.now() <= this.#deadlineOf(key, awaited)) return;
    this.#awaited.delete(key);
    const reason = awaited.stuck?.message ?? 'the cluster does not say why';
    const fix = awaited.stuck?.fix ?? 'undeploy again: it goes on from here';
    const seconds = Math.round((Date.now() - awaited.since) / 1000);
    this.#options.onFailed(
      key,
      new SlipwayError('timedOut', `still there ${seconds} s after it was deleted: ${reason}`, { fix }),
    );
  }

  #followChoices(): Promise<void> {
    this.#taking ??= this.#takeChoices().finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  async #takeChoices(): Promise<void> {
    const { choices, journal } = this.#options;
    const made = [...this.#pending, ...(await choices.take())].filter(
      ({ key, phase }) => journal.step(key)?.phase === phase,
    );
    this.#pending = made.filter(({ key }) => !this.#awaited.has(key));
    for (const choice of made) await this.#carryOut(choice);
  }

  async #carryOut(choice: MadeChoice): Promise<void> {
    const { key, actor, seconds = 0, madeAt } = choice;
    const awaited = this.#awaited.get(key);
    if (awaited === undefined) return;
    switch (choice.choice) {
      case 'wait':
        this.#extended.set(key, Math.max(this.#extended.get(key) ?? 0, madeAt + seconds * 1000));
        return;
      case 'skip':
        this.#awaited.delete(key);
        this.#options.onLeft(key, `left by the choice of ${actor}: ${awaited.stuck?.message ?? 'it is being deleted'}`);
        return;
      case 'removeFinalizers':
        await this.#removeFinalizers(awaited, choice);
    }
  }

  /** A refusal is said; the object is waited for all the same. */
  async #removeFinalizers({ object }: Awaited, { key, actor, finalizers = [] }: MadeChoice): Promise<void> {
    const { client, journal, signal, onFailed } = this.#options;
    try {
      await removeFinalizers(client, { object, finalizers }, signal);
      const message = `the finalizers ${finalizers.join(', ')} were removed by the choice of ${actor}`;
      if (this.#awaited.has(key)) journal.record(key, { state: 'deleting', message, fix: null });
    } catch (error) {
      if (!isApiError(error) || error.code === 'unavailable') onFailed(key, error);
      else journal.record(key, { state: 'deleting', message: `its finalizers cannot be removed: ${error.message}` });
    }
  }

  #gone(key: string): void {
    this.#awaited.delete(key);
    this.#options.onGone(key);
  }

  #update(key: string, change: Partial<Awaited>): void {
    const awaited = this.#awaited.get(key);
    if (awaited !== undefined) this.#awaited.set(key, { ...awaited, ...change });
  }
}
