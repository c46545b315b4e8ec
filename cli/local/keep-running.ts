import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../domain/errors.ts';
import type { SupervisedProcess, UnexpectedExit } from '../../infra/runtime/process.ts';

const firstDelayMs = 200;
const longestDelayMs = 10_000;
/** A program that ends this often within the window does not get better by another start. */
const restartsMax = 8;
const windowMs = 120_000;

export type KeeperOptions = {
  readonly say: (line: string) => void;
  /** Aborted when the whole is stopped: nothing is started again from then on. */
  readonly stopping: AbortSignal;
};

/** Starts programs again that end by themselves, and gives up on one that ends again and again. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #programs = new Map<string, () => SupervisedProcess | undefined>();
  readonly #restarts = new Map<string, readonly number[]>();
  readonly #failure = Promise.withResolvers<never>();

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#failure.promise.catch(() => undefined);
  }

  /** Rejects when a program could not be kept running. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /** Names a program; it is looked up when it has ended, as it may not exist yet. */
  keep(name: string, find: () => SupervisedProcess | undefined): void {
    this.#programs.set(name, find);
  }

  readonly onUnexpectedExit = (exit: UnexpectedExit): void => {
    void this.#restart(exit).catch((error: unknown) => this.#failure.reject(error));
  };

  async #restart(exit: UnexpectedExit): Promise<void> {
    const { stopping, say } = this.#options;
    const recent = (this.#restarts.get(exit.name) ?? []).filter((timeMs) => Date.now() - timeMs < windowMs);
    if (recent.length >= restartsMax) throw givenUp(exit, recent.length);
    this.#restarts.set(exit.name, [...recent, Date.now()]);
    say(`${exit.name} ${exit.how}: starting it again (log: ${exit.logFile})`);
    await sleep(Math.min(longestDelayMs, firstDelayMs * 2 ** recent.length), undefined, { signal: stopping }).catch(
      () => undefined,
    );
    if (stopping.aborted) return;
    const startedMs = Date.now();
    try {
      await this.#programs.get(exit.name)?.()?.start();
      say(`${exit.name} runs again after ${Date.now() - startedMs} ms`);
    } catch (error) {
      if (!(error instanceof SlipwayError) || this.#options.stopping.aborted) throw error;
      await this.#restart({ ...exit, how: error.message });
    }
  }
}

function givenUp(exit: UnexpectedExit, restarts: number): SlipwayError {
  return new SlipwayError('failed', `${exit.name} ${exit.how} again after ${restarts} restarts`, {
    fix: `read ${exit.logFile}`,
  });
}
