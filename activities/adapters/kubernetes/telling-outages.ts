import { isRetryable, SlipwayError } from '../../../domain/errors.ts';
import { setTrouble } from '../../../infra/database/operations.ts';
import { recordTrouble } from '../../operation-events.ts';
import type { OperationContext } from './operation-context.ts';

const lookEveryMs = 1_000;
/** A failure that is mended sooner is nobody's business. */
const patienceMs = 2_000;
/** While it lasts, another reason is told no sooner than this: addresses and errors may take turns. */
const tellAgainAfterMs = 30_000;

/** Does the work on a cluster, and tells people while the cluster does not answer, and when it does again. */
export async function tellingOutages<Output>(context: OperationContext, work: () => Promise<Output>): Promise<Output> {
  const teller = new OutageTeller(context);
  const timer = setInterval(() => teller.look(), lookEveryMs);
  try {
    const output = await work();
    teller.end();
    return output;
  } catch (error) {
    teller.fail(error);
    throw error;
  } finally {
    clearInterval(timer);
    await teller.settled();
  }
}

class OutageTeller {
  readonly #context: OperationContext;
  readonly #startedAt = performance.now();
  #told: string | null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #telling: Promise<void> = Promise.resolve();

  constructor(context: OperationContext) {
    this.#context = context;
    this.#told = context.operation.trouble?.message ?? null;
  }

  /** The client is shared, so that only what happened since the work began counts. */
  look(): void {
    const { contact } = this.#context.client;
    const outage = contact.outage();
    if (outage === undefined) {
      if ((contact.answeredAt() ?? 0) > this.#startedAt) this.#tell(null);
    } else if (outage.latest > this.#startedAt && performance.now() - outage.since >= patienceMs) {
      this.#tell(messageOf(outage.error));
    }
  }

  /** The work is done: nothing is in its way. */
  end(): void {
    this.#tell(null);
  }

  /** The work ended by an error; one that is tried again is told before that. */
  fail(error: unknown): void {
    if (error instanceof SlipwayError && isRetryable(error.code)) this.#tell(messageOf(error));
    else this.look();
  }

  settled(): Promise<void> {
    return this.#telling;
  }

  #tell(message: string | null): void {
    const isOneOfMany = message !== null && this.#told !== null && performance.now() - this.#toldAt < tellAgainAfterMs;
    if (message === this.#told || isOneOfMany) return;
    this.#told = message;
    this.#toldAt = performance.now();
    // What cannot be told now must not end the work.
    this.#telling = this.#telling.then(() => this.#record(message)).catch(() => undefined);
  }

  async #record(message: string | null): Promise<void> {
    const { database, operation } = this.#context;
    const isNews = await setTrouble(database, { id: operation.id, message });
    if (isNews && message !== null) await recordTrouble(database, operation, message);
  }
}

function messageOf({ message }: SlipwayError): string {
  return `${message}; trying again`;
}
