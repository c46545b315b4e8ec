import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { OperationPhase } from '../domain/operation.ts';

/** `operationId` tells a late request for an operation that has ended from one for its successor under the same workflow id. */
export type Request = { readonly operationId: string; readonly actor: string; readonly reason?: string };

export type OperationStatus = {
  readonly phase: OperationPhase | null;
  readonly paused: boolean;
  readonly cancelRequested: boolean;
};

export const pauseSignal = defineSignal<[Request]>('pause');
export const resumeSignal = defineSignal<[Request]>('resume');
export const cancelSignal = defineSignal<[Request]>('cancel');
/** Tells the watch of a schedule that the schedule was changed, paused, resumed or deleted. */
export const scheduleChangedSignal = defineSignal('scheduleChanged');
export const statusQuery = defineQuery<OperationStatus>('status');
