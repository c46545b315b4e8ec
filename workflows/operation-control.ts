import { CancellationScope, condition, isCancellation, setHandler } from '@temporalio/workflow';
import type { OperationPhase } from '../domain/operation.ts';
import { cancelSignal, pauseSignal, type Request, resumeSignal, statusQuery } from './messages.ts';

/** Ends an operation that a person asked to cancel. */
export class OperationCancelled extends Error {
  readonly request: Request;

  constructor(request: Request) {
    super(request.reason === undefined ? `cancelled by ${request.actor}` : `cancelled by ${request.actor}: ${request.reason}`);
    this.name = 'OperationCancelled';
    this.request = request;
  }
}

export type OperationControl = {
  /**
   * Runs a piece of work that people can interrupt. A pause cancels it, and it runs again on resume: it must go on where it
   * was. Throws OperationCancelled when a person asks to cancel.
   */
  readonly interruptible: <T>(phase: OperationPhase, work: () => Promise<T>) => Promise<T>;
  /** Runs work that must be done whatever people ask. */
  readonly protected: <T>(phase: OperationPhase, work: () => Promise<T>) => Promise<T>;
};

type PauseBooks = { readonly paused: () => Promise<void>; readonly resumed: () => Promise<void> };

/** Takes the signals of an operation. It must be called before the first `await` of the workflow, so that none is missed. */
export function controlOperation(operationId: string, books: PauseBooks): OperationControl {
  let phase: OperationPhase | null = null;
  let pauseRequest: Request | undefined;
  let cancelRequest: Request | undefined;
  let current: CancellationScope | undefined;

  const isMine = (request: Request): boolean => request.operationId === operationId;
  const cancel = (request: Request): void => {
    cancelRequest ??= request;
    current?.cancel();
  };
  setHandler(statusQuery, () => ({ phase, paused: pauseRequest !== undefined, cancelRequested: cancelRequest !== undefined }));
  setHandler(pauseSignal, (request) => {
    if (!isMine(request)) return;
    pauseRequest = request;
    current?.cancel();
  });
  setHandler(resumeSignal, (request) => {
    if (isMine(request)) pauseRequest = undefined;
  });
  setHandler(cancelSignal, (request) => {
    if (isMine(request)) cancel(request);
  });
  CancellationScope.current().cancelRequested.catch(() => cancel({ operationId, actor: 'the workflow engine' }));

  const waitWhilePaused = async (): Promise<void> => {
    if (pauseRequest === undefined || cancelRequest !== undefined) return;
    await CancellationScope.nonCancellable(async () => {
      await books.paused();
      await condition(() => pauseRequest === undefined || cancelRequest !== undefined);
      await books.resumed();
    });
  };

  const interruptible = async <T>(nextPhase: OperationPhase, work: () => Promise<T>): Promise<T> => {
    phase = nextPhase;
    for (;;) {
      await waitWhilePaused();
      if (cancelRequest !== undefined) throw new OperationCancelled(cancelRequest);
      if (pauseRequest !== undefined) continue;
      try {
        // Inside a scope of its own, so that only people's requests reach the work, and not before the books are told.
        return await CancellationScope.nonCancellable(() => {
          current = new CancellationScope();
          return current.run(work);
        });
      } catch (error) {
        if (!isCancellation(error)) throw error;
      } finally {
        current = undefined;
      }
    }
  };

  return {
    interruptible,
    protected: (nextPhase, work) => {
      phase = nextPhase;
      return CancellationScope.nonCancellable(work);
    },
  };
}
