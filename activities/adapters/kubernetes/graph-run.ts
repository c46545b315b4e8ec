import { SlipwayError } from '../../../domain/errors.ts';
import { createFrontier, describeBlockage, type Frontier } from '../../../domain/frontier.ts';
import type { OperationStep } from '../../../domain/operation.ts';
import type { NeededState, PlanGraph } from '../../../domain/plan-graph.ts';
import { isApiError } from '../../../infra/kubernetes/api-error.ts';
import { Gate } from './gate.ts';
import type { Journal } from './journal.ts';

export type GraphRunOptions = {
  readonly graph: PlanGraph;
  readonly journal: Journal;
  readonly steps: readonly OperationStep[];
  /** What a step that was recorded before an interruption has reached. */
  readonly reachedBefore: (step: OperationStep) => NeededState | undefined;
  /** Begins the work on one object; the run hears of its end by `reached` and `fail`. */
  readonly begin: (key: string) => Promise<void>;
  /** Called every second. */
  readonly tick: () => void;
  readonly signal: AbortSignal;
};

/** Requests in the air at once at most; the client itself adapts below this to what the server takes. */
const maximumInFlight = 96;
/** How long requests in the air may still take when the run is stopped, so that none lands after it. */
const stopGraceMs = 5_000;
const tickMs = 1_000;

/**
 * Works through a plan, each object as soon as its prerequisites have the state that its edges need, until all are done or
 * failed. A failed object blocks only what depends on it. Steps that are done already are not done again.
 */
export class GraphRun {
  readonly #options: GraphRunOptions;
  readonly #frontier: Frontier;
  readonly #gate = new Gate(maximumInFlight);
  readonly #requests = new AbortController();
  readonly #finished = Promise.withResolvers<void>();

  constructor(options: GraphRunOptions) {
    this.#options = options;
    this.#frontier = createFrontier(options.graph);
  }

  /** For all requests of the run: it fires some seconds after the run is stopped, when what is in the air is given up. */
  get requestSignal(): AbortSignal {
    return this.#requests.signal;
  }

  /** Throws the signal's reason when it is stopped; what was in the air has landed or been refused by then. */
  async run(): Promise<void> {
    const { signal, tick } = this.#options;
    signal.throwIfAborted();
    const stop = (): void => this.#finished.reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const ticks = setInterval(tick, tickMs);
    try {
      this.#resume();
      this.#checkFinished();
      await this.#finished.promise;
    } finally {
      clearInterval(ticks);
      signal.removeEventListener('abort', stop);
      await this.#settle();
    }
  }

  /** Takes note of a state that an object reached, and begins what waited for it. */
  reached(key: string, state: NeededState): void {
    this.#begin(this.#frontier.reached(key, state));
    this.#checkFinished();
  }

  /** Takes note of a failure. When the cluster itself is away the whole run ends, to be tried again as it is. */
  fail(key: string, error: unknown): void {
    if (this.#requests.signal.aborted) return;
    if (isClusterAway(error)) {
      this.#finished.reject(error);
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    const fix = error instanceof SlipwayError ? (error.fix ?? null) : null;
    this.#options.journal.record(key, { state: 'failed', message, fix });
    this.#block(key, message);
    this.#checkFinished();
  }

  /** Ends the run for a reason that is not an object's. */
  abort(error: unknown): void {
    this.#finished.reject(error);
  }

  #resume(): void {
    const failed = this.#options.steps.filter(({ state }) => state === 'failed');
    const states = new Map<string, NeededState>();
    for (const step of this.#options.steps) {
      const state = this.#options.reachedBefore(step);
      if (state !== undefined) states.set(step.key, state);
    }
    const startable = this.#frontier.resume(states);
    for (const { key, message } of failed) this.#block(key, message ?? 'it failed before');
    const failedKeys = new Set(failed.map(({ key }) => key));
    this.#begin(startable.filter((key) => !failedKeys.has(key)));
  }

  #begin(keys: readonly string[]): void {
    for (const key of keys) this.#gate.run(() => this.#work(key));
  }

  async #work(key: string): Promise<void> {
    const slow = setTimeout(() => this.#sayRunning(key), tickMs);
    try {
      await this.#options.begin(key);
    } catch (error) {
      this.fail(key, error);
    } finally {
      clearTimeout(slow);
    }
  }

  /** Only what takes a while is worth a line of its own. */
  #sayRunning(key: string): void {
    if (this.#options.journal.step(key)?.state === 'waiting') this.#options.journal.record(key, { state: 'running' });
  }

  #block(key: string, message: string): void {
    for (const blocked of this.#frontier.failed(key, message)) {
      const blockage = this.#frontier.blockedBecause(blocked.key);
      const because = blockage === undefined ? message : describeBlockage(blockage);
      this.#options.journal.record(blocked.key, { state: 'blocked', message: because });
    }
  }

  #checkFinished(): void {
    if (this.#frontier.isFinished()) this.#finished.resolve();
  }

  async #settle(): Promise<void> {
    const grace = setTimeout(
      () => this.#requests.abort(new SlipwayError('cancelled', 'the run was stopped')),
      stopGraceMs,
    );
    await this.#gate.close();
    clearTimeout(grace);
    this.#requests.abort(new SlipwayError('cancelled', 'the run is over'));
  }
}

/** No answer, or an answer that says come back later: not the object's fault. A webhook that is away is. */
function isClusterAway(error: unknown): boolean {
  return isApiError(error) && [0, 429, 502, 503, 504].includes(error.status) && error.code !== 'failed';
}
