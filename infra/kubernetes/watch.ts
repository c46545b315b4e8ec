import { isRetryable } from '../../domain/errors.ts';
import { type ApiError, isApiError, isExpired } from './api-error.ts';
import { brokenStream } from './json-lines.ts';
import { listPages, type ObjectFilter } from './list.ts';
import type { ServedResource } from './resource.ts';
import { backoffMs, pause } from '../retry.ts';
import type { Transport } from './transport.ts';
import { openWatch } from './watch-stream.ts';
import { createWatchTracker, type WatchHandler, type WatchTracker } from './watch-tracker.ts';

export type WatchOptions = ObjectFilter & {
  readonly signal: AbortSignal;
  /** Starts there, without a list: `synced` comes only after a gap. Default: lists first. */
  readonly resourceVersion?: string | undefined;
  /** How long the stream may be silent before it is opened anew, in milliseconds. Bookmarks come about each minute. */
  readonly stallMs?: number | undefined;
};

export type WatchInput = {
  readonly transport: Transport;
  readonly resource: ServedResource;
  readonly options: WatchOptions;
};

const defaultStallMs = 90_000;
/** A stream that ends sooner and brought nothing counts as a failure. */
const shortStreamMs = 5_000;
/** How often in a row a server, which may be starting, may refuse a watch that it served before. */
const refusalPatience = 5;
/** How often in a row a server may not have reached the position yet; it never will when etcd was restored from a backup. */
const futurePatience = 5;

/**
 * Tells every change of a resource's objects until the signal fires, then resolves. Lists and watches anew by itself
 * after broken connections, silence, expired positions and restarts of the API server, and tells the deletes that it
 * slept through. Throws `ApiError` when the server refuses for good (403, 404), and whatever the handler throws.
 */
export async function watchObjects(input: WatchInput, handler: WatchHandler): Promise<void> {
  const { signal } = input.options;
  const tracker = createWatchTracker(input.resource, handler);
  const course = createCourse(input.options.resourceVersion);
  while (!signal.aborted) {
    try {
      await listAndFollow(input, tracker, course);
    } catch (error) {
      if (signal.aborted) return;
      if (tracker.handlerFailed() || !isApiError(error)) throw error;
      await recover({ error, tracker, course, signal }).catch((failure: unknown) => {
        if (!signal.aborted) throw failure;
      });
    }
  }
}

/** Where the watch stands. */
type Course = {
  /** The resourceVersion to go on from, or undefined where a list is needed. */
  readonly position: () => string | undefined;
  readonly moveTo: (resourceVersion: string) => void;
  readonly lose: () => void;
  /** Forgets failures: a stream brought something, or lasted. */
  readonly settle: () => void;
  /** Counts failures since the last `settle`. */
  readonly fail: () => number;
};

function createCourse(start: string | undefined): Course {
  let position = start;
  let failures = 0;
  return {
    position: () => position,
    moveTo: (resourceVersion) => {
      position = resourceVersion;
    },
    lose: () => {
      position = undefined;
    },
    settle: () => {
      failures = 0;
    },
    fail: () => (failures += 1),
  };
}

async function listAndFollow(input: WatchInput, tracker: WatchTracker, course: Course): Promise<void> {
  const { transport, resource, options } = input;
  if (course.position() === undefined) {
    course.moveTo(await tracker.relist(listPages(transport, resource, { ...options, retryForMs: 0 })));
  }
  const startedAt = performance.now();
  let isEmpty = true;
  const from = { ...options, resourceVersion: course.position() ?? '', stallMs: options.stallMs ?? defaultStallMs };
  for await (const event of openWatch(transport, resource, from)) {
    isEmpty = false;
    await tracker.follow(event);
    course.moveTo(event.resourceVersion);
    course.settle();
  }
  if (isEmpty && performance.now() - startedAt < shortStreamMs) {
    throw brokenStream('unavailable', 'the watch ended at once');
  }
  course.settle();
}

type Trouble = {
  readonly error: ApiError;
  readonly tracker: WatchTracker;
  readonly course: Course;
  readonly signal: AbortSignal;
};

async function recover({ error, tracker, course, signal }: Trouble): Promise<void> {
  const failures = course.fail();
  if (!canRecover(error, tracker.isServed() ? failures : Number.POSITIVE_INFINITY)) throw error;
  if (isExpired(error) || (isFromTheFuture(error) && failures > futurePatience)) course.lose();
  // A position that has become too old is usual; the new list tells what was missed.
  if (isExpired(error) && failures === 1) return;
  await tracker.tell({ type: 'interrupted', error });
  const delayMs = Math.max(backoffMs(failures), (error.retryAfterSeconds ?? 0) * 1_000);
  await pause(delayMs, signal);
}

function canRecover(error: ApiError, refusals: number): boolean {
  if (error.code === 'unauthenticated' || error.code === 'forbidden') return refusals <= refusalPatience;
  return isExpired(error) || isRetryable(error.code);
}

function isFromTheFuture({ causes }: ApiError): boolean {
  return causes.some((cause) => cause.reason === 'ResourceVersionTooLarge');
}
