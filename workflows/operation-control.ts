import { CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import type { OperationPhase } from '../domain/operation.ts';
import {
  cancelSignal,
  type OperationStatus,
  pauseSignal,
  type Request,
  resumeSignal,
  statusQuery,
} from './messages.ts';

/** Ends an operation that a person asked to cancel. */
export class OperationCancelled extends Error {
  readonly request: Request;

  constructor(request: Request) {
    super(
      request.reason === undefined
        ? `cancelled by ${request.actor}`
        : `cancelled by ${request.actor}: ${request.reason}`,
    );
    this.name = 'OperationCancelled';
    this.request = request;
  }
}

type PauseBooks = { readonly paused: () => Promise<void>; readonly resumed: () => Promise<void> };

/** Takes the signals of an operation. It must be made before the first `await` of the workflow, so that none is missed. */
export class OperationControl {
  readonly #operationId: string;
  readonly #books: PauseBooks;
  #phase: OperationPhase | null = null;
  #pauseRequest: Request | undefined;
  #cancelRequest: Request | undefined;
  #current: CancellationScope | undefined;

  constructor(operationId: string, books: PauseBooks) {
    this.#operationId = operationId;
    this.#books = books;
    setHandler(statusQuery, () => this.#status());
    setHandler(pauseSignal, (request) => this.#pause(request));
    setHandler(resumeSignal, (request) => this.#resume(request));
    setHandler(cancelSignal, (request) => this.#cancel(request));
    CancellationScope.current().cancelRequested.catch(() =>
      this.#cancel({ operationId, actor: 'the workflow engine' }),
    );
  }

  /**
   * Runs a piece of work that people can interrupt. A pause cancels it, and it runs again on resume: it must go on where it
   * was. Throws OperationCancelled when a person asks to cancel.
   */
  async interruptible<T>(phase: OperationPhase, work: () => Promise<T>): Promise<T> {
    this.#phase = phase;
    for (;;) {
      await this.#waitWhilePaused();
      if (this.#cancelRequest !== undefined) throw new OperationCancelled(this.#cancelRequest);
      if (this.#pauseRequest !== undefined) continue;
      try {
        return await this.#inOwnScope(work);
      } catch (error) {
        if (!isCancellation(error)) throw error;
      } finally {
        this.#current = undefined;
      }
    }
  }

  /** Runs work that must be done whatever people ask. */
  protected<T>(phase: OperationPhase, work: () => Promise<T>): Promise<T> {
    this.#phase = phase;
    return CancellationScope.nonCancellable(work);
  }

  /** Only people's requests reach the work, and not the end of the workflow's own scope before the books are told. */
  #inOwnScope<T>(work: () => Promise<T>): Promise<T> {
    return CancellationScope.nonCancellable(() => {
      this.#current = new CancellationScope();
      return this.#current.run(work);
    });
  }

  async #waitWhilePaused(): Promise<void> {
    if (this.#pauseRequest === undefined || this.#cancelRequest !== undefined) return;
    await CancellationScope.nonCancellable(async () => {
      await this.#books.paused();
      await condition(() => this.#pauseRequest === undefined || this.#cancelRequest !== undefined);
      await this.#books.resumed();
    });
  }

  #status(): OperationStatus {
    return {
      phase: this.#phase,
      paused: this.#pauseRequest !== undefined,
      cancelRequested: this.#cancelRequest !== undefined,
    };
  }

  #pause(request: Request): void {
    if (!this.#isMine(request)) return;
    this.#pauseRequest = request;
    this.#current?.cancel();
  }

  #resume(request: Request): void {
    if (this.#isMine(request)) this.#pauseRequest = undefined;
  }

  #cancel(request: Request): void {
    if (!this.#isMine(request)) return;
    this.#cancelRequest ??= request;
    this.#current?.cancel();
  }

  /** A late request may be for an operation that had the workflow id before. */
  #isMine({ operationId }: Request): boolean {
    return operationId === this.#operationId;
  }
}
