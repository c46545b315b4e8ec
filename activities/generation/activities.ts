import { Context } from '@temporalio/activity';
import type { OperationInput } from '../../domain/operation.ts';
import type { ClusterChange, ScheduledOperation, ScheduledRun, ScheduleWatch } from '../../domain/registry/schedule.ts';
import { withFailures } from '../failures.ts';
import { heartbeating } from '../heartbeat.ts';
import { acceptScheduled } from './accept-scheduled.ts';
import { awaitKindChange } from './await-kind-change.ts';
import type { BookDependencies, DiscoveryDependencies, GenerationDependencies } from './dependencies.ts';
import { generateFromSource } from './generate-from-source.ts';
import { pushModel } from './push-model.ts';
import type { FailedSource, SourceFailure, SourceInput } from './source-input.ts';
import { concludeSources, discardUnfinished, failSource, prepareSources } from './source-books.ts';
import { testSource } from './test-source.ts';

/** Activities that read and try sources and send models away; all heartbeat, and a repeated try begins anew without a trace of the last. */
export type GenerationActivities = {
  /** Fetches, reads, checks, stores and publishes one source. What is wrong with the source goes into its report. */
  readonly generateFromSource: (input: SourceInput) => Promise<void>;
  readonly pushModel: (input: OperationInput) => Promise<void>;
  /** Throws `failed`, once it is recorded, where the connection's source does not let Slipway in. */
  readonly testSource: (input: OperationInput) => Promise<void>;
};

/** Activities that keep the books of a generation; all are idempotent. */
export type GenerationBooks = {
  /** How many sources there are. */
  readonly prepareSources: (input: OperationInput) => Promise<number>;
  readonly failSource: (input: FailedSource) => Promise<void>;
  /** Records what came of all sources. Gives why the operation failed, where some of them did. */
  readonly concludeSources: (input: OperationInput) => Promise<SourceFailure | null>;
  /** Removes what unfinished sources have stored, and says that they were not read. */
  readonly discardUnfinished: (input: OperationInput) => Promise<void>;
  /** Accepts the operation of a schedule's run, once for each run. Null where the schedule is gone. */
  readonly acceptScheduled: (run: ScheduledRun) => Promise<ScheduledOperation | null>;
};

/** Activities that wait for what happens in clusters; they last as long as nothing does. */
export type DiscoveryActivities = {
  /**
   * Returns when the kinds that a schedule's clusters serve are others than those that `after` names, and a while after the
   * last change. Null where the schedule is gone, paused, or runs at other times.
   */
  readonly awaitKindChange: (watch: ScheduleWatch) => Promise<ClusterChange | null>;
};

export function createDiscoveryActivities(dependencies: DiscoveryDependencies): DiscoveryActivities {
  return {
    awaitKindChange: withFailures((watch: ScheduleWatch) =>
      heartbeating((signal) => awaitKindChange(dependencies, watch, signal)),
    ),
  };
}

export function createGenerationActivities(dependencies: GenerationDependencies): GenerationActivities {
  return {
    generateFromSource: withFailures((input: SourceInput) =>
      heartbeating((signal) => generateFromSource(dependencies, { ...input, ...tries() }, signal)),
    ),
    pushModel: withFailures((input: OperationInput) =>
      heartbeating((signal) => pushModel(dependencies, input, signal)),
    ),
    testSource: withFailures((input: OperationInput) =>
      heartbeating((signal) => testSource(dependencies, input, signal)),
    ),
  };
}

export function createGenerationBooks(dependencies: BookDependencies): GenerationBooks {
  const { database } = dependencies;
  return {
    prepareSources: withFailures((input: OperationInput) => prepareSources(database, input)),
    failSource: withFailures((input: FailedSource) => failSource(database, input)),
    concludeSources: withFailures((input: OperationInput) => concludeSources(database, input)),
    discardUnfinished: withFailures((input: OperationInput) => discardUnfinished(database, input)),
    acceptScheduled: withFailures((run: ScheduledRun) => acceptScheduled(dependencies, run)),
  };
}

/** Which try of the activity this is, and when the first was asked for. */
function tries() {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  return { attempt, firstTryMs: scheduledTimestampMs };
}
